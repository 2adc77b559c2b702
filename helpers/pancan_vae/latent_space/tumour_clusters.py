"""Clusters of tumours found without labels, and how far they are the cancer types."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from helpers.evaluate.results import table_metrics
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER

N_STARTS = 5  # of k-means; the one of least inertia is kept


@dataclass(frozen=True)
class TumourClusters:
    """k-means of each space's training tumours, held-out ones given to the nearest centre.

    scores: one row a space × seed; ari: adjusted Rand index against the cancer types in [−1, 1],
    1 the same partition and 0 what chance gives (Hubert & Arabie 1985); ari_shuffled: against
    shuffled types. held_out: seed → cluster of each held-out tumour in the VAE's latent space.
    n_clusters: as many as there are cancer types, the only thing told of them.
    """

    scores: pd.DataFrame
    held_out: dict[int, np.ndarray]
    n_clusters: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`clusters`."""
        return {"clusters": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """`clusters.ari.<space>` and `clusters.ari_shuffled.<space>`, mean and SD over seeds."""
        return table_metrics(self.scores, "clusters", ["ari", "ari_shuffled"], "space")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, one row a space; the paper's model by its full name."""
        named = self.scores.assign(space=self.scores["space"].replace(PAPER, AS_THE_PAPER_HAS_IT))
        return named.drop(columns="seed").groupby("space", sort=False).agg(["mean", "std"])

    def values(self, space: str) -> list[float]:
        """ARI of a space, a value a seed; [] where it was not clustered."""
        return self.scores.loc[self.scores["space"] == space, "ari"].tolist()


def cluster_tumours(runs: Sequence[TrainedFold]) -> TumourClusters:
    """Clusters of every space of every fold, without any label but their number."""
    n_clusters = len(set(runs[0].fold.types["all"].tolist()))
    rows, held_out = [], {}
    for run in runs:
        types = run.fold.types["test"]
        shuffled = np.random.default_rng(run.seed).permutation(types)
        for name, space in run.spaces.items():
            means = KMeans(n_clusters, n_init=N_STARTS, random_state=run.seed).fit(space["train"])
            cluster = means.predict(space["test"])
            rows.append(
                {
                    "space": name,
                    "seed": run.seed,
                    "ari": adjusted_rand_score(types, cluster),
                    "ari_shuffled": adjusted_rand_score(shuffled, cluster),
                }
            )
            if name == "vae":
                held_out[run.seed] = cluster
    return TumourClusters(pd.DataFrame(rows), held_out, n_clusters)
