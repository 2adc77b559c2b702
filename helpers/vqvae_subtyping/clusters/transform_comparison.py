"""Does undoing the skew of the values matter: k-means on the plain features by transform."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.clustering_scores import clustering_scores, distances_in
from helpers.vqvae_subtyping.profiles import Profiles

TRANSFORMS = ("shifted_log", "rank_normal", "clip", "none")
SHOWN = ["nmi", "ari", "silhouette_common", "largest cluster"]


@dataclass(frozen=True)
class TransformComparison:
    """Scores of the clusters after each transform, a row a transform and seed."""

    table: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"transforms": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """None: the table says it all."""
        return {}

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, a row a transform."""
        summary = self.table.groupby("transform", sort=False).agg(["mean", "std"])
        return summary[SHOWN].round(3)


def compare_transforms(
    profiles: Profiles, seeds: Sequence[int], n_clusters: int, every: bool = True
) -> TransformComparison:
    """k-means on the features after each transform, or after `profiles`' own alone.

    Values that take no transform ("none") are not put through the others.

    Raises:
        ValueError: as `ExpressionTransform` and `cluster`.
    """
    only_own = not every or profiles.transform == "none"
    rows, common = [], distances_in(profiles.common)
    for transform in (profiles.transform,) if only_own else TRANSFORMS:
        values = ExpressionTransform(transform).fit_transform(profiles.patients)
        own = distances_in(values)
        for seed in seeds:
            labels = cluster("kmeans", values, n_clusters, seed)
            scores = clustering_scores(labels, profiles.subtype, own, common)
            largest = pd.Series(labels).value_counts().max() / len(labels)
            rows.append({"transform": transform, **scores, "largest cluster": largest})
    return TransformComparison(pd.DataFrame(rows))
