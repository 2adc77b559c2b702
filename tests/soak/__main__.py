"""`make soak`: many quick runs in turn in one process, which must leave nothing behind.

After each run the processes below this one, its open files and memory, what lies in the folder of
temporary files and what the results take are counted; the run itself is then deleted. What grows
from run to run is a leak: the exit code is 1.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import psutil

from helpers.runs.execution import run_notebook
from tests.fixtures.published_checks import publish_check

ROOT = Path(__file__).resolve().parents[2]
WARM = 3  # runs before what is counted has settled
LEAST = 12  # runs from which memory can be told to grow
MOST = {"processes": 0, "open files": 0, "temporary files": 0, "kB left in results": 8}
"""How much more of each may be there at the end than after the warm runs."""
MEMORY_A_RUN = 0.25  # MB that this process may grow a run, by the median of its last half


def main(arguments: list[str] | None = None) -> int:
    """Make the runs, print the counts; exit code 1 if something grows."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="runs (default 200)")
    parser.add_argument("--notebook", default="03_vqvae_subtyping", help="name or path")
    parser.add_argument("--table", type=Path, default=ROOT / "build" / "soak.csv")
    parser.add_argument("--publish", action="store_true", help="write the counts for the book")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        counts = soak(given.notebook, given.n, Path(folder), given.table)
    if given.publish:
        publish_check("soak", counts.reset_index(names="run"), notebook=given.notebook, warm=WARM)
    found = leaks(counts)
    print(counts.iloc[[0, min(WARM, len(counts) - 1), -1]].T.to_string(header=False))
    print("\n".join(found) or f"{len(counts)} runs, nothing grows.")
    return int(bool(found))


def soak(notebook: str, n_runs: int, folder: Path, table: Path) -> pd.DataFrame:
    """Counts after each of `n_runs` quick runs, each of another seed; also written to `table`."""
    temporary, results = folder / "tmp", folder / "results"
    temporary.mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)  # the kernels' too
    rows = []
    table.parent.mkdir(parents=True, exist_ok=True)
    for seed in range(n_runs):
        began = time.monotonic()
        run = run_notebook(notebook, {"quick": True, "seed": seed}, results=results, progress=False)
        shutil.rmtree(run)
        rows.append(count(temporary, results) | {"seconds": round(time.monotonic() - began, 1)})
        pd.DataFrame(rows).to_csv(table, index_label="run")
        print(f"{seed + 1}/{n_runs} {rows[-1]}", flush=True)
    return pd.DataFrame(rows)


def count(temporary: Path, results: Path) -> dict[str, float]:
    """What is there now of what could grow; memory in MB."""
    own = psutil.Process()
    return {
        "processes": len(own.children(recursive=True)),
        "open files": own.num_fds() if hasattr(own, "num_fds") else own.num_handles(),
        "temporary files": sum(1 for _ in temporary.rglob("*")),
        "kB left in results": sum(p.stat().st_size for p in results.rglob("*")) / 1024,
        "memory": own.memory_info().rss / 1e6,
    }


def leaks(counts: pd.DataFrame) -> list[str]:
    """A line for each thing that grows."""
    settled = counts.iloc[min(WARM, len(counts) - 1) :]
    found = []
    for name, most in MOST.items():
        more = settled[name].iloc[-1] - settled[name].iloc[0]
        if more > most:
            found.append(f"{name} grow: {more:g} more after {len(settled)} runs")
    last = settled["memory"].iloc[len(settled) // 2 :]
    growth = last.diff().median()
    if len(counts) >= LEAST and growth > MEMORY_A_RUN:
        found.append(f"memory grows: {growth:.2f} MB a run")
    return found


if __name__ == "__main__":
    sys.exit(main())
