"""From a cohort's log expression to a model's input, fitted on training samples only.

Three steps: keep the features that are expressed, remove the shift between sequencing batches,
and standardise. Each learns from the samples given to `fit` and is frozen then. A cohort whose X
stays in its file (see `on_disk`) is gone through in passes, to the same numbers.
"""

from collections.abc import Callable, Iterator

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.batch_shift import BatchShift
from helpers.cohorts.on_disk.column_groups import column_groups
from helpers.cohorts.on_disk.feature_summary import (
    FeatureSummary,
    group_moments,
    row_groups,
    summarise_features,
)
from helpers.cohorts.on_disk.row_blocks import is_on_disk, row_blocks
from helpers.cohorts.on_disk.scaled_rows import ScaledRows
from helpers.cohorts.standardiser import Standardiser

_EXPRESSED = 1.0  # log units: a feature above this is expressed in a sample


class Preprocessor:
    """Expressed features → batch shift removed → zero mean and unit variance.

    min_mean: least mean of a feature over the training samples (log units).
    min_fraction: least share of training samples in which it exceeds 1 log unit.
    n_features: at most so many, those of highest `rank_by` ("mad", the median absolute deviation,
        or "variance") over the training samples; None keeps all expressed ones.
    batch_correction: remove the shift of obs["batch"], see `BatchShift`.

    After `fit`: feature_names, standardiser_ (`undo` goes back to log units), and its mean_ and
    scale_ (feature).
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
        if is_on_disk(train.X):
            return self._fit_in_passes(train)
        x = np.asarray(train.X, dtype=np.float64)
        summary = FeatureSummary(
            x.mean(axis=0), (x > _EXPRESSED).mean(axis=0), x.min(axis=0), x.max(axis=0)
        )
        columns = self._choose(summary, lambda columns: _SPREAD[self.rank_by](x[:, columns]))
        self.feature_names = train.var_names[columns]
        x = x[:, columns]
        self._shift = BatchShift().fit(x, train.obs) if self.batch_correction else None
        return self._standardise_by(Standardiser().fit(self._without_shift(x, train.obs)))

    def _fit_in_passes(self, train: anndata.AnnData) -> "Preprocessor":
        """One pass for the filters, one for the rank by spread, one for shifts and moments."""
        columns = self._choose(
            summarise_features(train.X, _EXPRESSED), lambda columns: self._spread(train.X, columns)
        )
        self.feature_names = train.var_names[columns]
        # Rows of one type and batch are alike to least squares: their mean, weighted, stands for
        # them.
        group, first = row_groups(train.obs, ["cancer_type", "batch"])
        moments = group_moments(train.X, columns, group)
        self._shift = None
        if self.batch_correction:
            self._shift = BatchShift().fit(moments.mean, first, weights=moments.n)
        shift = self._shift.of(first) if self._shift else 0.0
        return self._standardise_by(Standardiser().fit_moments(*moments.after(shift)))

    def _spread(self, x: object, columns: np.ndarray) -> np.ndarray:
        spread = _SPREAD[self.rank_by]
        groups = column_groups(x, columns)
        return np.concatenate([spread(group.astype(np.float64)) for group in groups])

    def _standardise_by(self, standardiser: Standardiser) -> "Preprocessor":
        self.standardiser_ = standardiser
        self.mean_, self.scale_ = standardiser.mean_, standardiser.scale_
        return self

    def transform(self, cohort: anndata.AnnData) -> np.ndarray | ScaledRows:
        """float32 sample × kept feature: standard deviations from the training mean.

        A sample's cancer type is not used. A batch that no training sample had is not shifted,
        with a warning. Of a cohort whose X stays in its file, the result is on disk too; choose
        rows from it (`ScaledRows.of`) rather than transform each part of a cohort.

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
        if is_on_disk(cohort.X):
            return ScaledRows(self._scaled_blocks(cohort, columns), len(columns))
        x = np.asarray(cohort.X[:, columns], dtype=np.float64)
        return self.standardiser_.transform(self._without_shift(x, cohort.obs))

    def _scaled_blocks(self, cohort: anndata.AnnData, columns: np.ndarray) -> Iterator[np.ndarray]:
        start = 0
        for block in row_blocks(cohort.X, columns):
            obs = cohort.obs.iloc[start : start + len(block)]
            start += len(block)
            yield self.standardiser_.transform(self._without_shift(block.astype(np.float64), obs))

    def fit_transform(self, train: anndata.AnnData) -> np.ndarray:
        """`fit(train).transform(train)`."""
        return self.fit(train).transform(train)

    def _choose(
        self, summary: FeatureSummary, spread: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Positions of the kept features, in their order; `spread` is that of given positions."""
        is_expressed = summary.mean >= self.min_mean
        is_expressed &= summary.share_above >= self.min_fraction
        expressed = np.flatnonzero(is_expressed & (summary.high > summary.low))
        if not len(expressed):
            raise ValueError(
                f"no feature varies with a mean of at least {self.min_mean} log units and exceeds "
                f"{_EXPRESSED} in {self.min_fraction:.0%} of the training samples; the largest "
                f"mean is {summary.mean.max():.2f}. Lower min_mean and min_fraction (centred "
                "data have means of 0), or check the cohort's unit"
            )
        if self.n_features is None or self.n_features >= len(expressed):
            return expressed
        highest = np.argsort(-spread(expressed), kind="stable")[: self.n_features]
        return np.sort(expressed[highest])

    def _without_shift(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        return x - self._shift.of(obs) if self._shift else x


def _median_absolute_deviation(x: np.ndarray) -> np.ndarray:
    return np.median(np.abs(x - np.median(x, axis=0)), axis=0)


_SPREAD = {"mad": _median_absolute_deviation, "variance": lambda x: x.var(axis=0)}
