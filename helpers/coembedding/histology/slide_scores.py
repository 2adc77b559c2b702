"""Expression predicted from slides: per gene, per sample, and what the mean profile would score.

Per-sample Spearman over genes is high for whatever knows which genes are high in everybody: the
mean profile of the training patients scores .93 on BRCA microRNA. So it stands beside, and so does
the Spearman of what is left when that profile is taken away.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import GroupKFold

from helpers.coembedding.benchmarks.imputation import feature_spearman, row_spearman
from helpers.evaluate.arrays import as_labels, as_matrix

MEAN_PROFILE = "mean profile"


def histology_scores(
    truth: ArrayLike, predictions: Mapping[str, ArrayLike], train_truth: ArrayLike
) -> pd.DataFrame:
    """Spearman per gene and per sample of held-out slides, a row a method; higher is better.

    `truth`, each prediction: held-out slides × genes; `train_truth`: training slides × genes, for
    the row "mean profile", which predicts their mean for everyone. Columns: gene_median and
    gene_q25, gene_q75, over genes (0 where a prediction does not vary, as its ranks say nothing);
    sample_mean over slides; sample_centred_mean, the same after the training mean is taken from
    truth and prediction, where the mean profile has 0; share_above, of genes with a Spearman above
    0.1; n_test, n_genes.

    Raises:
        ValueError: other shapes, NaN.
    """
    true = as_matrix(truth, "truth")
    profile = as_matrix(train_truth, "train_truth").mean(axis=0)
    everyone = np.tile(profile, (len(true), 1))
    rows = {}
    for name, predicted in {**predictions, MEAN_PROFILE: everyone}.items():
        values = as_matrix(predicted, name, len(true))
        gene = feature_spearman(true, values).fillna(0)
        low, middle, high = gene.quantile([0.25, 0.5, 0.75])
        centred = np.nan_to_num(row_spearman(true - profile, _without(values, profile)))
        rows[name] = {
            "gene_median": middle,
            "gene_q25": low,
            "gene_q75": high,
            "share_above": float((gene > 0.1).mean()),
            "sample_mean": float(np.nanmean(row_spearman(true, values))),
            "sample_centred_mean": float(centred.mean()),
            "n_test": len(true),
            "n_genes": true.shape[1],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def site_folds(
    site: ArrayLike, patient: ArrayLike, n_folds: int = 5
) -> list[tuple[np.ndarray, np.ndarray]]:
    """[(training rows, test rows)] with whole tissue source sites held out; deterministic.

    Slides of a site share scanner and staining, which tell the site; a model tested on the sites
    it was trained on may read those. Folds are as even as the sizes of the sites allow. A patient
    with slides of two sites would part: they are joined to one group.

    Raises:
        ValueError: fewer sites than folds.
    """
    sites = as_labels(site, "site").astype(str)
    patients = as_labels(patient, "patient", len(sites)).astype(str)
    groups = _joined_groups(sites, patients)
    n_groups = len(np.unique(groups))
    if n_groups < n_folds:
        raise ValueError(
            f"{n_folds} folds need as many source sites; there are {n_groups}. Lower n_folds."
        )
    return list(GroupKFold(n_folds).split(groups, groups=groups))


def _joined_groups(sites: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """The connected groups of sites that share patients, one number a row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    site = np.unique(sites, return_inverse=True)[1]
    patient = np.unique(patients, return_inverse=True)[1] + site.max() + 1
    n = patient.max() + 1
    graph = coo_matrix((np.ones(len(site)), (site, patient)), shape=(n, n))
    return connected_components(graph, directed=False)[1][site]


def _without(values: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """Prediction less the profile; rounding errors of the profile itself must not be ranked."""
    difference = values - profile
    return np.where(np.abs(difference) <= 1e-6 * (1 + np.abs(profile)), 0.0, difference)
