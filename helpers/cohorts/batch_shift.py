"""The mean shift between sequencing batches, learnt from training rows and frozen then."""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SMALLEST_BATCH = 10  # training rows; a shift of fewer would carry away their own signal
UNKNOWN_BATCH = "unknown"


class BatchShift:
    """What each batch of one column of obs adds to each feature, see `batch_shifts`.

    column: of obs; missing values are a batch of their own.

    After `fit`: shift_ (batch × feature), 0 for a batch with fewer than 10 training rows; without
    rows where there is no such column or no two batches are large enough to be compared.
    """

    def __init__(self, column: str = "batch"):
        self.column = column

    def fit(
        self,
        x: np.ndarray,
        obs: pd.DataFrame,
        is_shifted: np.ndarray | None = None,
        weights: np.ndarray | None = None,
    ) -> "BatchShift":
        """Learn from training rows: x row × feature. `is_shifted`: the features that batches shift.

        weights: how many training rows each row is the mean of, all of one batch and one type; the
        result is that of these rows. None: one each.
        Needs obs["cancer_type"] where there are batches.
        """
        self.shift_ = pd.DataFrame(columns=range(x.shape[1]), dtype=float)
        if self.column not in obs:
            return self
        batch = self._labels(obs)
        weights = np.ones(len(batch)) if weights is None else np.asarray(weights, float)
        n_rows = pd.Series(weights, batch.index).groupby(batch).transform("sum")
        is_large = (n_rows >= SMALLEST_BATCH).to_numpy()
        if batch[is_large].nunique() < 2:
            return self
        types = obs["cancer_type"][is_large]
        shifts = batch_shifts(x[is_large], types, batch[is_large], weights[is_large])
        self.shift_ = shifts.reindex(sorted(set(batch)), fill_value=0.0)
        if is_shifted is not None:
            self.shift_.loc[:, ~is_shifted] = 0.0
        return self

    def of(self, obs: pd.DataFrame) -> np.ndarray | float:
        """Each row's shift, row × feature; 0 where none was fitted.

        A batch that no training row had is not shifted, with a warning.
        """
        if self.shift_.empty:
            return 0.0
        batch = self._labels(obs)
        warn_of_unseen(self.column, batch, self.shift_.index, stacklevel=5)
        return self.shift_.reindex(batch).fillna(0.0).to_numpy()

    def _labels(self, obs: pd.DataFrame) -> pd.Series:
        if self.column not in obs:
            return pd.Series(UNKNOWN_BATCH, index=obs.index)
        batch = obs[self.column].astype(object)
        return batch.where(batch.notna(), UNKNOWN_BATCH).astype(str)


def warn_of_unseen(
    column: str, batches: Iterable[str], trained: Iterable[str], stacklevel: int = 3
) -> None:
    """Warn of the batches of a column of obs that no training row had.

    `stacklevel`: which of the callers the warning names, 3 the one who called your function.
    """
    unseen = sorted(set(batches) - set(trained))
    if unseen:
        warnings.warn(
            f"{column} {', '.join(unseen)} had no training sample: its samples are not shifted",
            stacklevel=stacklevel,
        )


def batch_shifts(
    x: np.ndarray, cancer_type: pd.Series, batch: pd.Series, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """Shift of each batch (batch × feature), in the unit of `x`; subtract it from its samples.

    weights: see `BatchShift.fit`.

    Least squares of feature ~ cancer_type + batch, so that a batch with more of one cancer is not
    blamed for that cancer's expression. Only differences between batches that share a cancer type
    (directly or through others) can be told from the cancers': within such a group the shifts are
    centred on the samples, so that the mean expression stays, and a batch that shares no type with
    another gets a shift of 0.
    """
    type_code, _ = pd.factorize(cancer_type)
    batch_code, names = pd.factorize(batch, sort=True)
    indicator = np.eye(len(names))[batch_code]
    # Frisch-Waugh-Lovell: with the types' means taken from both sides, the batch coefficients
    # are those of the joint regression.
    weights = np.ones(len(x)) if weights is None else weights
    x_within, batch_within = (
        _without_means(values, type_code, weights) * np.sqrt(weights)[:, None]
        for values in (x, indicator)
    )
    shift = np.linalg.lstsq(batch_within, x_within, rcond=None)[0]
    # Coefficients are free up to a constant within a group of comparable batches: centre them.
    group = _linked_batches(type_code, batch_code)
    n_samples = weights @ indicator
    for members in (group == g for g in np.unique(group)):
        shift[members] -= np.average(shift[members], axis=0, weights=n_samples[members])
    return pd.DataFrame(shift, index=names)


def _linked_batches(type_code: np.ndarray, batch_code: np.ndarray) -> np.ndarray:
    """For each batch the group of batches it is comparable with through shared cancer types."""
    # Batches and types are the two sides of a graph, samples its edges, groups its components.
    n_batches = batch_code.max() + 1
    edges = (np.ones(len(batch_code)), (batch_code, n_batches + type_code))
    n_nodes = n_batches + type_code.max() + 1
    _, group = connected_components(coo_array(edges, shape=(n_nodes, n_nodes)), directed=False)
    return group[:n_batches]


def _without_means(values: np.ndarray, group: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`values` minus the weighted mean of each row's group."""
    membership = np.eye(group.max() + 1)[group] * weights[:, None]
    means = membership.T @ values / membership.sum(axis=0)[:, None]
    return values - means[group]
