"""Subtypes of patients that neither the transform nor the extractor nor the clusters have seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.cohorts.splits import patient_folds
from helpers.evaluate.assignment import assign_to_clusters
from helpers.evaluate.results import table_metrics
from helpers.vqvae_subtyping.argument_groups import ExtractorSettings
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.cluster_survival import logrank
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.label_agreement import ari, nmi
from helpers.vqvae_subtyping.clusters.label_matching import match_labels
from helpers.vqvae_subtyping.extractors.extractor import extract
from helpers.vqvae_subtyping.profiles import Profiles

LOOKED_AT = ("vqvae", "raw")
N_FOLDS = 2

ScaledFold = tuple[np.ndarray, np.ndarray, np.ndarray]


def held_out_subtypes(
    patients: anndata.AnnData,
    space: str,
    reference: np.ndarray,
    *,
    n_clusters: int,
    transform: str,
    settings: ExtractorSettings,
    n_folds: int,
    seed: int,
) -> np.ndarray:
    """A cluster of each patient, made without him or her; names are those of `reference`.

    In each fold the transform, the extractor and k-means are fitted on the other patients, and
    those of the fold are given the nearest centre. A fold's clusters are named after the
    `reference` clusters with which its *training* patients agree most, so that a fold's own
    numbering does not matter.

    Args:
        patients: as `select_subtyping` gives them.
        space: one of `EXTRACTORS`, or "raw" for the plain features.
        reference: a cluster of each patient.
        n_clusters: clusters of k-means.
        transform: as `ExpressionTransform`.
        settings: of the extractor; a codebook has at most as many codes as training patients.
        n_folds: parts of the patients.
        seed: of the folds, the extractor and k-means.

    Raises:
        ValueError: as `patient_folds`, `ExpressionTransform` and `extract`.
    """
    folds = _scaled_folds(patients, transform, n_folds, seed)
    return _assigned(folds, space, reference, n_clusters, settings, seed)


def _scaled_folds(
    patients: anndata.AnnData, transform: str, n_folds: int, seed: int
) -> list[ScaledFold]:
    """Of each fold its training rows, its own rows, and all patients scaled by the former."""
    return [
        (train, test, ExpressionTransform(transform).fit(patients[train]).transform(patients))
        for train, test in patient_folds(patients.obs, n_folds, seed)
    ]


def _assigned(
    folds: Sequence[ScaledFold],
    space: str,
    reference: np.ndarray,
    n_clusters: int,
    settings: ExtractorSettings,
    seed: int,
) -> np.ndarray:
    assigned = np.empty(len(reference), dtype=object)
    reference = np.asarray(reference).astype(str)
    for train, test, x in folds:
        if space != "raw":
            x = np.asarray(extract(space, x[train], x, settings, seed).latent)
        labels = match_labels(reference[train], cluster("kmeans", x[train], n_clusters, seed))
        assigned[test] = assign_to_clusters(x[train], labels, x[test])
    return assigned.astype(str)


@dataclass(frozen=True)
class HeldOut:
    """Clusters of unseen patients, a row a space and seed.

    Columns of `table`: extractor, seed, ARI to seen (to the clusters made with all patients); nmi
    and ari with the known subtypes, chi2 and logrank_p of survival, where they are known.
    """

    table: pd.DataFrame

    def values(self, column: str, space: str) -> list[float]:
        """A column of one space, a value a seed; empty where it is not known."""
        if column not in self.table:
            return []
        return self.table.loc[self.table["extractor"] == space, column].tolist()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"held_out": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """`held_out.nmi.<space>`, `held_out.ari.<space>`, `held_out.chi2.<space>`, with `_sd`."""
        return table_metrics(self.table, "held_out", ["nmi", "ari", "chi2"], "extractor")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, a row a space."""
        by_space = self.table.drop(columns="seed").groupby("extractor", sort=False)
        return by_space.agg(["mean", "std"]).round(3)


def hold_out(
    profiles: Profiles, clusterings: Clusterings, settings: ExtractorSettings, n_clusters: int
) -> HeldOut:
    """Two halves of the patients, each given clusters that the other half made, for every seed.

    Raises:
        ValueError: as `held_out_subtypes`.
    """
    rows = {}
    for seed in clusterings.seeds:
        folds = _scaled_folds(profiles.patients, profiles.transform, N_FOLDS, seed)
        for space in LOOKED_AT:
            reference = clusterings.labels[space, "kmeans", seed]
            unseen = _assigned(folds, space, reference, n_clusters, settings, seed)
            row = {"extractor": space, "seed": seed, "ARI to seen": ari(unseen, reference)}
            rows[space, seed] = row | _scores(profiles, unseen)
    order = [(space, seed) for space in LOOKED_AT for seed in clusterings.seeds]
    return HeldOut(pd.DataFrame([rows[key] for key in order]))


def _scores(profiles: Profiles, clusters: np.ndarray) -> dict[str, float]:
    scores = {}
    if profiles.has["subtype"]:
        is_known = profiles.subtype != ""
        pair = clusters[is_known], profiles.subtype[is_known]
        scores |= {"nmi": nmi(*pair), "ari": ari(*pair)}
    if profiles.has["survival"]:
        test = logrank(profiles.days, profiles.died, clusters[profiles.is_followed])
        scores |= {"chi2": test.chi2, "logrank_p": test.p}
    return scores
