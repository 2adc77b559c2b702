"""Clusterers at the size of a TCGA cohort: `python -m tests.benchmarks.subtyping`.

1,000 simulated patients × 1,550 genes and 450 microRNAs, and a latent space of 64. To be met on a
core: SNF and consensus NMF 60 s each. Appends a row a clusterer and kind of input to
results/benchmarks/subtyping.csv.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.vqvae_subtyping.clusterers.cluster import CLUSTERERS, cluster
from tests.benchmarks.measure import measure

N_PATIENTS, N_CLUSTERS, N_LATENT = 1_000, 5, 64
N_FEATURES = {"gene": 1_550, "microRNA": 450}
TABLE = Path("results/benchmarks/subtyping.csv")


def simulate(seed: int = 0) -> dict[str, np.ndarray]:
    """Standardised views like those of a cohort: subtypes, programs that are none, noise."""
    rng = np.random.default_rng(seed)
    subtype = rng.choice(N_CLUSTERS, N_PATIENTS, p=[0.45, 0.2, 0.17, 0.1, 0.08])
    activity = rng.normal(size=(N_PATIENTS, 20))
    views = {}
    for name, n_features in N_FEATURES.items():
        x = rng.normal(size=(N_PATIENTS, n_features))
        x += 0.5 * rng.normal(size=(N_CLUSTERS, n_features))[subtype]
        x += 0.3 * activity @ rng.normal(size=(20, n_features))
        views[name] = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    return views


def run(name: str, space: str) -> None:
    """Cluster the simulated patients by "features" or "latents"; drop the result."""
    views = simulate()
    x = np.hstack([*views.values()])
    if space == "features":
        cluster(name, x, N_CLUSTERS, 0, views)
    else:
        projection = np.random.default_rng(0).normal(size=(x.shape[1], N_LATENT))
        cluster(name, x @ projection, N_CLUSTERS, 0)


def main() -> None:
    """Measure every clusterer, print and append the rows to the table."""
    simulation = measure(simulate)["seconds"]
    rows = []
    for name in CLUSTERERS:
        for space in ("features", "latents"):
            row = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "clusterer": name}
            row |= {"input": space, "n_patients": N_PATIENTS} | measure(run, name, space)
            row["seconds"] = round(max(0.0, row["seconds"] - simulation), 2)
            rows.append(row)
    table = pd.DataFrame(rows)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
