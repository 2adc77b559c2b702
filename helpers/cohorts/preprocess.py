"""From a cohort's log expression to a model's input, fitted on training samples only.

Three steps: keep the features that are expressed, remove the shift between sequencing batches,
and standardise. Each learns from the samples given to `fit` and is frozen then.
"""

import warnings

import anndata
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_SMALLEST_BATCH = 10  # training samples; a shift of fewer would carry away their own signal
_EXPRESSED = 1.0  # log units: a feature above this is expressed in a sample
UNKNOWN_BATCH = "unknown"


class Preprocessor:
    """Expressed features → batch shift removed → zero mean and unit variance.

    min_mean: least mean of a feature over the training samples (log units).
    min_fraction: least share of training samples in which it exceeds 1 log unit.
    n_features: at most so many, those of highest `rank_by` ("mad", the median absolute deviation,
        or "variance") over the training samples; None keeps all expressed ones.
    batch_correction: remove the shift of obs["batch"], see `batch_shifts`. Does nothing where
        there is no such column or it has one value; a batch with fewer than 10 training samples
        is left as it is.

    After `fit`: feature_names, mean_, scale_ (feature) and batch_shift_ (batch × feature).
    """

    def __init__(
        self,
        min_mean: float = 0.5,
        min_fraction: float = 0.1,
        n_features: int | None = None,
        rank_by: str = "mad",
        batch_correction: bool = True,
    ):
        if rank_by not in _SPREAD:
            raise ValueError(f"rank_by must be one of {', '.join(_SPREAD)}; got {rank_by!r}")
        self.min_mean, self.min_fraction = min_mean, min_fraction
        self.n_features, self.rank_by = n_features, rank_by
        self.batch_correction = batch_correction

    def fit(self, train: anndata.AnnData) -> "Preprocessor":
        """Learn features, batch shifts, means and deviations from the training samples.

        Raises:
            ValueError: no feature passes the filters.
        """
        x = np.asarray(train.X, dtype=np.float64)
        kept = self._choose(x)
        self.feature_names = train.var_names[kept]
        self.batch_shift_ = self._fit_shifts(x[:, kept], train.obs)
        x = x[:, kept] - self._shift_of(train.obs)
        self.mean_, self.scale_ = x.mean(axis=0), x.std(axis=0)
        return self

    def transform(self, cohort: anndata.AnnData) -> np.ndarray:
        """float32 sample × kept feature: standard deviations from the training mean.

        A sample's cancer type is not used. A batch that no training sample had is not shifted,
        with a warning.

        Raises:
            ValueError: the cohort lacks kept features.
        """
        missing = self.feature_names.difference(cohort.var_names)
        if len(missing):
            raise ValueError(
                f"the cohort must have the {len(self.feature_names):,} features fitted on; it "
                f"lacks {len(missing):,}, such as {missing[0]}"
            )
        columns = cohort.var_names.get_indexer(self.feature_names)
        x = np.asarray(cohort.X[:, columns], dtype=np.float64) - self._shift_of(cohort.obs)
        return ((x - self.mean_) / self.scale_).astype(np.float32)

    def fit_transform(self, train: anndata.AnnData) -> np.ndarray:
        """`fit(train).transform(train)`."""
        return self.fit(train).transform(train)

    def _choose(self, x: np.ndarray) -> np.ndarray:
        """Positions of the kept features, in their order."""
        is_expressed = x.mean(axis=0) >= self.min_mean
        is_expressed &= (x > _EXPRESSED).mean(axis=0) >= self.min_fraction
        expressed = np.flatnonzero(is_expressed & (np.ptp(x, axis=0) > 0))
        if not len(expressed):
            raise ValueError(
                f"no feature varies with a mean of at least {self.min_mean} log units and exceeds "
                f"{_EXPRESSED} in {self.min_fraction:.0%} of the training samples; the largest "
                f"mean is {x.mean(axis=0).max():.2f}. Lower min_mean and min_fraction (centred "
                "data have means of 0), or check the cohort's unit"
            )
        if self.n_features is None or self.n_features >= len(expressed):
            return expressed
        spread = _SPREAD[self.rank_by](x[:, expressed])
        highest = np.argsort(-spread, kind="stable")[: self.n_features]
        return np.sort(expressed[highest])

    def _fit_shifts(self, x: np.ndarray, obs: pd.DataFrame) -> pd.DataFrame:
        if not self.batch_correction or "batch" not in obs or obs["batch"].nunique() < 2:
            return pd.DataFrame(columns=self.feature_names, dtype=float)
        batch = _batches(obs)
        is_large = (batch.groupby(batch).transform("size") >= _SMALLEST_BATCH).to_numpy()
        if not is_large.any():
            return pd.DataFrame(0.0, index=sorted(set(batch)), columns=self.feature_names)
        shifts = batch_shifts(x[is_large], obs["cancer_type"][is_large], batch[is_large])
        shifts = shifts.reindex(sorted(set(batch)), fill_value=0.0)
        return shifts.set_axis(self.feature_names, axis=1)

    def _shift_of(self, obs: pd.DataFrame) -> np.ndarray | float:
        """The shift of each sample's batch, sample × feature; 0 where none was fitted."""
        if self.batch_shift_.empty:
            return 0.0
        batch = _batches(obs) if "batch" in obs else pd.Series(UNKNOWN_BATCH, index=obs.index)
        unseen = sorted(set(batch) - set(self.batch_shift_.index))
        if unseen:
            warnings.warn(
                f"batch {', '.join(unseen)} had no training sample: its samples are not shifted",
                stacklevel=3,
            )
        return self.batch_shift_.reindex(batch).fillna(0.0).to_numpy()


def batch_shifts(x: np.ndarray, cancer_type: pd.Series, batch: pd.Series) -> pd.DataFrame:
    """Shift of each batch (batch × feature), in the unit of `x`; subtract it from its samples.

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
    x_within, batch_within = _without_means(x, type_code), _without_means(indicator, type_code)
    shift = np.linalg.lstsq(batch_within, x_within, rcond=None)[0]
    group = _linked_batches(type_code, batch_code)
    n_samples = indicator.sum(axis=0)
    for members in (group == g for g in np.unique(group)):
        shift[members] -= np.average(shift[members], axis=0, weights=n_samples[members])
    return pd.DataFrame(shift, index=names)


def _linked_batches(type_code: np.ndarray, batch_code: np.ndarray) -> np.ndarray:
    """For each batch the group of batches it is comparable with through shared cancer types."""
    n_batches = batch_code.max() + 1
    edges = (np.ones(len(batch_code)), (batch_code, n_batches + type_code))
    n_nodes = n_batches + type_code.max() + 1
    _, group = connected_components(coo_array(edges, shape=(n_nodes, n_nodes)), directed=False)
    return group[:n_batches]


def _without_means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """`values` minus the mean of each row's group."""
    membership = np.eye(group.max() + 1)[group]
    means = membership.T @ values / membership.sum(axis=0)[:, None]
    return values - means[group]


def _batches(obs: pd.DataFrame) -> pd.Series:
    return obs["batch"].astype(object).where(obs["batch"].notna(), UNKNOWN_BATCH).astype(str)


def _median_absolute_deviation(x: np.ndarray) -> np.ndarray:
    return np.median(np.abs(x - np.median(x, axis=0)), axis=0)


_SPREAD = {"mad": _median_absolute_deviation, "variance": lambda x: x.var(axis=0)}
