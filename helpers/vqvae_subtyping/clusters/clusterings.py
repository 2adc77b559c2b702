"""Every extractor with every clusterer from every seed, and how good the clusters are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.evaluate.results import spread_metrics
from helpers.vqvae_subtyping.clusterers.cluster import ALL_DRAWS, Draws, cluster
from helpers.vqvae_subtyping.clusterers.snf import FusibleViews
from helpers.vqvae_subtyping.clusters.cluster_stability import (
    clusterer_agreement,
    seed_stability_grid,
)
from helpers.vqvae_subtyping.clusters.clustering_scores import (
    GridKey,
    grid_values,
    score_grid,
    summarise_grid,
)
from helpers.vqvae_subtyping.clusters.label_matching import letter_labels, most_alike
from helpers.vqvae_subtyping.extractors.extractions import RAW, SPACES, Extractions
from helpers.vqvae_subtyping.profiles import Profiles

SHOWN = ["nmi", "nmi_shuffled", "ari", "purity", "silhouette_common", "silhouette_own"]


@dataclass(frozen=True)
class Clusterings:
    """Clusters by (extractor or "raw", clusterer, seed), and their scores.

    Attributes:
        labels: a cluster number of each patient.
        scores: as `score_grid` returns them, a row a clustering.
        clusterers: as they were asked for; the first one's clusters are read in the chapter.
        subtype: known subtype of each patient, "" where there is none; None if none is known.
    """

    labels: Mapping[GridKey, np.ndarray]
    scores: pd.DataFrame
    clusterers: tuple[str, ...]
    seeds: tuple[int, ...]
    subtype: np.ndarray | None = None

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds of every score, long."""
        return summarise_grid(self.scores)

    @cached_property
    def seed_stability(self) -> pd.DataFrame:
        """ARI between seeds, a row an extractor and clusterer."""
        stability = seed_stability_grid(self.labels)
        return stability.rename(columns={"ari": "between seeds"})

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """ARI between clusterers on the same latents, a row an extractor and seed."""
        return clusterer_agreement(self.labels)

    @property
    def metric(self) -> str:
        """The score to look at first: agreement where subtypes are known, else separation."""
        return "nmi" if self.scores["nmi"].notna().any() else "silhouette_common"

    @property
    def letters(self) -> np.ndarray:
        """The first seed's VQ-VAE clusters by the first clusterer, A the most mixed of subtypes."""
        return letter_labels(self.of_seed()[self.seeds[0]], self.subtype)

    @property
    def homologue(self) -> str:
        """The letter of the cluster most like A in known subtypes, as the paper's E is; see
        `most_alike`.
        """
        return most_alike(self.letters, self.subtype)

    def of_seed(self, space: str = "vqvae", clusterer: str = "") -> dict[int, np.ndarray]:
        """Seed → the clusters of one space by one clusterer, the first one unless named."""
        clusterer = clusterer or self.clusterers[0]
        return {seed: self.labels[space, clusterer, seed] for seed in self.seeds}

    def values(self, metric: str, space: str, clusterer: str = "kmeans") -> list[float]:
        """A score of one space and clusterer, a value a seed; empty where there is none."""
        rows = self.scores
        rows = rows[(rows["extractor"] == space) & (rows["clusterer"] == clusterer)]
        return rows[metric].dropna().tolist()

    @property
    def mean_scores(self) -> pd.DataFrame:
        """Means over seeds of the scores to be shown, extractors × clusterers in rows."""
        rows = self.summary[self.summary["metric"].isin(SHOWN)]
        wide = rows.pivot_table(["mean", "sd"], ["extractor", "clusterer"], "metric", sort=False)
        return wide["mean"].round(3)

    @property
    def between_seeds(self) -> pd.DataFrame:
        """ARI between seeds, extractors × clusterers."""
        table = self.seed_stability
        return table.pivot_table("between seeds", "extractor", "clusterer", sort=False).round(2)

    @property
    def between_clusterers(self) -> pd.DataFrame:
        """ARI between clusterers, mean and SD over seeds, a row an extractor."""
        agreement = self.agreement.groupby("extractor")["ari"].agg(["mean", "std"]).round(3)
        return agreement.rename(columns={"mean": "ARI between clusterers", "std": "SD over seeds"})

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Scores, their summary, and both kinds of stability."""
        return {
            "clustering": self.scores,
            "clustering_summary": self.summary,
            "seed_stability": self.seed_stability,
            "clusterer_agreement": self.agreement,
        }

    @property
    def metrics(self) -> dict[str, float]:
        """`clustering.<score>.<extractor>.<clusterer>` and its `_sd`."""
        metrics = {}
        for key, values in grid_values(self.scores).items():
            metrics |= spread_metrics(key, values)
        return metrics


def cluster_all(
    profiles: Profiles,
    extractions: Extractions,
    clusterers: Sequence[str],
    n_clusters: int,
    draws: Draws = ALL_DRAWS,
) -> Clusterings:
    """Cluster every space by every clusterer; the plain values as views by those that take them.

    Raises:
        ValueError: as `cluster`.
    """
    spaces = extractions.spaces
    labels = {}
    for space in SPACES:
        # What is the same for every seed is fused once.
        same = {RAW: profiles.views} | {n: {"space": x} for n, x in extractions.components.items()}
        views = FusibleViews(same[space]) if space in same else None
        for clusterer in clusterers:
            for seed in extractions.seeds:
                points = spaces[space, seed]
                found = cluster(clusterer, points, n_clusters, seed, views, draws)
                labels[space, clusterer, seed] = found
    scores = score_grid(labels, profiles.subtype, spaces, profiles.common)
    known = profiles.subtype if profiles.has["subtype"] else None
    return Clusterings(labels, scores, tuple(clusterers), extractions.seeds, known)
