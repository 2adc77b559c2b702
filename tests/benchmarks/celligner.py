"""Celligner at the size of the paper: `python -m tests.benchmarks.celligner`.

12,236 tumours and 1,249 lines, simulated, at the 3,000 genes of RNAlign and, with `--all-genes`,
at the 19,188 of Celligner, which takes 50 to 60 GB as published. To be met on 2 cores at 3,000
genes: 8 GB and 5 minutes. Appends a row to results/benchmarks/celligner.csv.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.rnalign.rivals.celligner import celligner
from tests.benchmarks.measure import measure

N_TUMOURS, N_LINES = 12_236, 1_249
N_GENES, ALL_GENES = 3_000, 19_188
N_TYPES, N_PROGRAMS = 33, 60
TABLE = Path("results/benchmarks/celligner.csv")


def simulate(n_genes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Samples × genes like log2(TPM+1), float32, and who is a line.

    Types, programs with an activity a sample, stroma in the tumours alone, culture in the lines.
    """
    rng = np.random.default_rng(seed)
    is_line = np.arange(N_TUMOURS + N_LINES) >= N_TUMOURS
    n = len(is_line)
    normal = lambda *shape: rng.standard_normal(shape, dtype=np.float32)  # noqa: E731
    x = 0.6 * normal(n, n_genes)
    x += normal(1, n_genes) + 4
    x += (1.2 * normal(N_TYPES, n_genes))[rng.integers(0, N_TYPES, n)]
    x += normal(n, N_PROGRAMS) @ (0.15 * normal(N_PROGRAMS, n_genes))
    stroma = (~is_line * rng.beta(2, 4, n)).astype(np.float32)
    x += np.outer(stroma, 3 * np.abs(normal(n_genes)))
    x += np.outer(is_line.astype(np.float32), 0.8 * normal(n_genes))
    return x, is_line


def run(n_genes: int) -> None:
    """Simulate and align; drop the result."""
    celligner(*simulate(n_genes))


def main() -> None:
    """Measure, print and append one row to the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all-genes", action="store_true", help=f"{ALL_GENES:,} genes")
    n_genes = ALL_GENES if parser.parse_args().all_genes else N_GENES
    simulation = measure(simulate, n_genes)["seconds"]
    row = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "n_tumours": N_TUMOURS}
    row |= {"n_lines": N_LINES, "n_genes": n_genes} | measure(run, n_genes)
    row["seconds"] = round(row["seconds"] - simulation, 2)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row]).to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False)
    print("\n".join(f"{name}: {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
