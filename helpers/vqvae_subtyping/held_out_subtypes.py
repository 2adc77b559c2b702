"""Subtypes of patients that neither the transform nor the extractor nor the clusters have seen."""

from collections.abc import Mapping
from typing import Any

import anndata
import numpy as np

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.cohorts.splits import patient_folds
from helpers.evaluate.assignment import assign_to_clusters
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.label_matching import match_labels
from helpers.vqvae_subtyping.extractors.extractor import extract


def held_out_subtypes(
    patients: anndata.AnnData,
    extractor: str,
    reference: np.ndarray,
    *,
    n_clusters: int,
    transform: str,
    settings: Mapping[str, Any],
    n_folds: int = 3,
    seed: int = 0,
) -> np.ndarray:
    """A cluster of each patient, made without him or her; names are those of `reference`.

    In each of `n_folds` folds the transform, the extractor (one of `EXTRACTORS`, or "raw") and
    k-means are fitted on the other patients, and those of the fold are given the nearest centre. A
    fold's clusters are named after the `reference` clusters with which its *training* patients
    agree most, so that a fold's own numbering does not matter.

    `settings`: arguments of `extract`. A codebook has at most as many codes as training patients.

    Raises:
        ValueError: as `patient_folds`, `ExpressionTransform` and `extract`.
    """
    found = np.empty(patients.n_obs, dtype=object)
    reference = np.asarray(reference).astype(str)
    for train, test in patient_folds(patients.obs, n_folds, seed):
        scaling = ExpressionTransform(transform).fit(patients[train])
        x = scaling.transform(patients)
        if extractor != "raw":
            x = np.asarray(extract(extractor, x[train], x, seed=seed, **settings).latent)
        labels = match_labels(reference[train], cluster("kmeans", x[train], n_clusters, seed))
        found[test] = assign_to_clusters(x[train], labels, x[test])
    return found.astype(str)
