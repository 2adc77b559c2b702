"""One modality predicted from another: does each gene or peak follow the truth over samples?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from helpers.evaluate.arrays import as_labels, as_matrix, column_names


def row_spearman(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Spearman correlation of row i of `a` with row i of `b`, in [−1, 1]; NaN for constant rows.

    Ties take their mean rank.

    Raises:
        ValueError: other shapes, or NaN.
    """
    first = as_matrix(a, "a")
    second = as_matrix(b, "b", len(first))
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"`a` and `b` must have the same columns; got {first.shape[1]} and {second.shape[1]}. "
            "Keep the common features in one order."
        )
    ranks = [rankdata(x, axis=1) - (x.shape[1] + 1) / 2 for x in (first, second)]
    length = np.prod([np.linalg.norm(rank, axis=1) for rank in ranks], axis=0)
    inner = (ranks[0] * ranks[1]).sum(axis=1)
    return np.divide(inner, length, out=np.full(len(first), np.nan), where=length > 0).clip(-1, 1)


def feature_spearman(truth: ArrayLike, predicted: ArrayLike) -> pd.Series:
    """Spearman of each feature over samples, in [−1, 1]; higher is better. Index: the features.

    `truth`, `predicted`: samples × features (genes, microRNAs or peaks) of held-out samples, in
    one order. A constant prediction, as the mean of everyone, has no rank correlation: NaN.
    """
    values = row_spearman(np.asarray(truth).T, np.asarray(predicted).T)
    return pd.Series(values, index=pd.Index(column_names(truth), name="feature"), name="spearman")


def imputation_scores(
    truth: ArrayLike,
    predicted: ArrayLike,
    labels: ArrayLike | None = None,
    n_shuffles: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Spearman of each feature beside its controls, all in [−1, 1]. Index: the features.

    Columns: spearman; shuffled, the mean with predictions given to the wrong samples (0); with
    `labels` (cancer types) also shuffled_within_type, predictions exchanged among samples of one
    type, which is what knowing the type gives, and within_type, Spearman after each type's mean
    is taken from both, which the type alone cannot raise. Types of one sample say nothing about
    the latter two and are left out of within_type.

    Raises:
        ValueError: other shapes, NaN, or labels of another length.
    """
    true = as_matrix(truth, "truth")
    other = as_matrix(predicted, "predicted", len(true))
    table = feature_spearman(truth, predicted).to_frame()
    rng = np.random.default_rng(seed)
    alike = np.zeros(len(true), dtype=int)
    table["shuffled"] = _shuffled(true, other, alike, n_shuffles, rng)
    if labels is not None:
        types = np.unique(as_labels(labels, "labels", len(true)), return_inverse=True)[1]
        table["shuffled_within_type"] = _shuffled(true, other, types, n_shuffles, rng)
        several = np.bincount(types)[types] > 1
        centred = [_centred(x[several], types[several]) for x in (true, other)]
        table["within_type"] = row_spearman(centred[0].T, centred[1].T) if several.any() else np.nan
    return table


def imputation_summary(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Median over features of every column of `imputation_scores`, a row a method.

    Also n_features, n_constant (features predicted the same for everyone, which have no Spearman
    and are left out of the medians) and share_positive, of features with a Spearman above 0.
    """
    rows = {}
    for method, table in scores.items():
        varying = table["spearman"].dropna()
        rows[method] = table.median().to_dict() | {
            "share_positive": float((varying > 0).mean()) if len(varying) else np.nan,
            "n_features": len(table),
            "n_constant": len(table) - len(varying),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def _shuffled(
    truth: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray,
    n_shuffles: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mean Spearman of each feature with predictions permuted within groups."""
    total = np.zeros(truth.shape[1])
    for _ in range(n_shuffles):
        order = np.arange(len(groups))
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            order[rows] = rng.permutation(rows)
        total += row_spearman(truth.T, predicted[order].T)
    return total / n_shuffles


def _centred(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame(values.astype(float))
    centred = (frame - frame.groupby(groups).transform("mean")).to_numpy()
    # What is constant within every type is left with rounding errors, which must not be ranked.
    is_flat = np.abs(centred).max(axis=0) <= 1e-6 * (1 + np.abs(values).max(axis=0))
    return np.where(is_flat, 0.0, centred)
