"""Clusters carried over to the patients of another cohort of the same cancer."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.evaluate.assignment import assign_to_clusters
from helpers.vqvae_subtyping.argument_groups import ExtractorSettings
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.clustering_scores import clustering_scores
from helpers.vqvae_subtyping.clusters.label_matching import match_labels
from helpers.vqvae_subtyping.extractors.extractor import extract
from helpers.vqvae_subtyping.patients import align_features
from helpers.vqvae_subtyping.profiles import Profiles


@dataclass(frozen=True)
class CarriedOver:
    """The cluster that each patient of the other cohort is given, and how good the clusters are."""

    clusters: np.ndarray
    scores: dict[str, float]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """None: a handful of numbers."""
        return {}

    @property
    def metrics(self) -> dict[str, float]:
        """`validation.<score>`, those that are defined."""
        finite = {name: value for name, value in self.scores.items() if np.isfinite(value)}
        return {f"validation.{name}": value for name, value in finite.items()}

    @property
    def sizes(self) -> pd.DataFrame:
        """Patients of each cluster, in one row."""
        return pd.Series(self.clusters).value_counts().rename("patients").to_frame().T

    @property
    def summary(self) -> pd.DataFrame:
        """The scores, in one row."""
        return pd.Series(self.scores).round(3).to_frame().T


def carry_over(
    profiles: Profiles,
    other: anndata.AnnData,
    clusters: np.ndarray,
    settings: ExtractorSettings,
    n_clusters: int,
    seed: int,
) -> CarriedOver:
    """Train a VQ-VAE on the features that both cohorts have and give `other` the nearest clusters.

    `clusters`: of the patients here, whose names the clusters keep. The transform is fitted here;
    each feature's level and scale are refitted there, where it may be measured differently.

    Raises:
        ValueError: as `align_features`, `ExpressionTransform` and `extract`.
    """
    other = align_features(profiles.patients, other)
    shared = profiles.patients[:, other.var_names]
    scaling = ExpressionTransform(profiles.transform).fit(shared)
    x_here, x_there = scaling.transform(shared), scaling.refit(other).transform(other)
    both = np.concatenate([x_here, x_there])
    z = np.asarray(extract("vqvae", x_here, both, settings, seed).latent)
    z_here, z_there = z[: len(x_here)], z[len(x_here) :]
    named = match_labels(clusters, cluster("kmeans", z_here, n_clusters, seed))
    carried = assign_to_clusters(z_here, named, z_there)
    subtype = other.obs["subtype"].to_numpy(str)
    return CarriedOver(carried, clustering_scores(carried, subtype, z_there, x_there))
