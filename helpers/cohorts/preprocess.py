"""From a cohort's log expression to a model's input, fitted on training samples only.

Keep the features that are expressed, give every sample one distribution of values (if asked to),
remove the shift between sequencing batches, and standardise. Each step learns from the samples
given to `fit` and is frozen then. A cohort whose X stays in its file (see `on_disk`) is gone
through in passes, to the same numbers.
"""

from collections.abc import Iterator

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.batch_shift import BatchShift
from helpers.cohorts.on_disk.column_groups import GROUP_BYTES, column_groups
from helpers.cohorts.on_disk.feature_summary import (
    FeatureSummary,
    group_moments,
    row_groups,
    summarise_features,
)
from helpers.cohorts.on_disk.quantile_reference import normalised_rows, quantile_reference
from helpers.cohorts.on_disk.row_blocks import is_on_disk, row_blocks
from helpers.cohorts.on_disk.scaled_rows import ScaledRows
from helpers.cohorts.reading.value_scale import is_centred
from helpers.cohorts.standardiser import Standardiser

_COLUMNS_AT_ONCE = 16  # sorted together
_EXPRESSED = 1.0  # log units: a feature above this is expressed in a sample


class Preprocessor:
    """Expressed features → (quantiles) → batch shift removed → zero mean and unit variance.

    min_mean: least mean of a feature over the training samples (log units). z-scores, whose means
        are all 0, are not filtered by it, nor by `min_fraction`.
    min_fraction: least share of training samples in which it exceeds 1 log unit.
    n_features: at most so many, those of highest `rank_by` ("mad", the median absolute deviation,
        or "variance") over the training samples; None keeps all expressed ones.
    batch_correction: remove the shift of obs["batch"], see `BatchShift`.
    quantile: give the expressed features of every sample the distribution that they have in the
        training samples, see `quantile_reference`; the most variable are chosen afterwards.

    After `fit`: feature_names, standardiser_ (`undo` goes back to log units), and its mean_ and
    scale_ (feature); with `quantile`, reference_ (ascending, one value an expressed feature).
    """

    def __init__(
        self,
        min_mean: float = 0.5,
        min_fraction: float = 0.1,
        n_features: int | None = None,
        rank_by: str = "mad",
        batch_correction: bool = True,
        quantile: bool = False,
    ):
        if rank_by not in _SPREAD:
            raise ValueError(f"rank_by must be one of {', '.join(_SPREAD)}; got {rank_by!r}")
        self.min_mean, self.min_fraction = min_mean, min_fraction
        self.n_features, self.rank_by = n_features, rank_by
        self.batch_correction, self.quantile = batch_correction, quantile

    def fit(self, train: anndata.AnnData) -> "Preprocessor":
        """Learn features, batch shifts, means and deviations from the training samples.

        Raises:
            ValueError: no feature passes the filters.
        """
        is_whole = not is_on_disk(train.X)
        x = np.asarray(train.X) if is_whole else train.X
        names, expressed = train.var_names, self._expressed(_summary(x))
        if self.quantile:
            self._ranked, self.reference_ = names[expressed], quantile_reference(x, expressed)
            x, names = normalised_rows(x, expressed, self.reference_), self._ranked
            expressed = np.arange(len(names))
        columns = self._most_variable(x, expressed)
        self.feature_names = names[columns]
        if not is_whole:
            return self._standardise_in_passes(x, columns, train.obs)
        x = np.asarray(x[:, columns], np.float64)
        self._shift = BatchShift().fit(x, train.obs) if self.batch_correction else None
        return self._standardise_by(Standardiser().fit(self._without_shift(x, train.obs)))

    def _standardise_in_passes(
        self, x: object, columns: np.ndarray, obs: pd.DataFrame
    ) -> "Preprocessor":
        """One pass for shifts and moments."""
        # Rows of one type and batch are alike to least squares: their mean, weighted, stands for
        # them.
        group, first = row_groups(obs, ["cancer_type", "batch"])
        moments = group_moments(x, columns, group)
        self._shift = None
        if self.batch_correction:
            self._shift = BatchShift().fit(moments.mean, first, weights=moments.n)
        shift = self._shift.of(first) if self._shift else 0.0
        return self._standardise_by(Standardiser().fit_moments(*moments.after(shift)))

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
        taken = self._ranked if self.quantile else self.feature_names
        missing = taken.difference(cohort.var_names)
        if len(missing):
            raise ValueError(
                f"the cohort must have the {len(taken):,} features fitted on; it lacks "
                f"{len(missing):,}, such as {missing[0]}"
            )
        x, columns = cohort.X, cohort.var_names.get_indexer(taken)
        if self.quantile:
            x = normalised_rows(x, columns, self.reference_)
            columns = taken.get_indexer(self.feature_names)
        if is_on_disk(x):
            return ScaledRows(self._scaled_blocks(x, columns, cohort.obs), len(columns))
        x = np.asarray(x[:, columns], dtype=np.float64)
        return self.standardiser_.transform(self._without_shift(x, cohort.obs))

    def _scaled_blocks(
        self, x: object, columns: np.ndarray, obs: pd.DataFrame
    ) -> Iterator[np.ndarray]:
        start = 0
        for block in row_blocks(x, columns):
            of_block = obs.iloc[start : start + len(block)]
            start += len(block)
            block = self._without_shift(block.astype(np.float64), of_block)
            yield self.standardiser_.transform(block)

    def fit_transform(self, train: anndata.AnnData) -> np.ndarray:
        """`fit(train).transform(train)`."""
        return self.fit(train).transform(train)

    def _expressed(self, summary: FeatureSummary) -> np.ndarray:
        """Positions of the features that pass the filters."""
        varies = summary.high > summary.low
        if is_centred(summary.mean, summary.low, summary.high):
            return np.flatnonzero(varies)
        is_expressed = summary.mean >= self.min_mean
        is_expressed &= summary.share_above >= self.min_fraction
        expressed = np.flatnonzero(is_expressed & varies)
        if not len(expressed):
            raise ValueError(
                f"no feature varies with a mean of at least {self.min_mean} log units and exceeds "
                f"{_EXPRESSED} in {self.min_fraction:.0%} of the training samples; the largest "
                f"mean is {summary.mean.max():.2f}. Lower min_mean, or check the cohort's unit"
            )
        return expressed

    def _most_variable(self, x: object, expressed: np.ndarray) -> np.ndarray:
        """Those of the positions `expressed` that are kept, in their order."""
        if self.n_features is None or self.n_features >= len(expressed):
            return expressed
        spread = _SPREAD[self.rank_by]
        groups = column_groups(x, expressed) if is_on_disk(x) else _in_memory(x, expressed)
        values = np.concatenate([spread(group) for group in groups])
        highest = np.argsort(-values, kind="stable")[: self.n_features]
        return np.sort(expressed[highest])

    def _without_shift(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        return x - self._shift.of(obs) if self._shift else x


def _summary(x: object) -> FeatureSummary:
    if is_on_disk(x):
        return summarise_features(x, _EXPRESSED)
    mean = x.mean(axis=0, dtype=np.float64)
    is_above = [(group > _EXPRESSED).mean(axis=0) for group in _in_memory(x, slice(None))]
    return FeatureSummary(mean, np.concatenate(is_above), x.min(axis=0), x.max(axis=0))


def _in_memory(x: np.ndarray, columns: np.ndarray | slice) -> Iterator[np.ndarray]:
    """The chosen columns of a matrix, some at a time: no copy of the whole."""
    places = np.arange(x.shape[1])[columns]
    step = max(1, GROUP_BYTES // (4 * max(1, len(x))))
    for start in range(0, len(places), step):
        yield x[:, places[start : start + step]]


def _median_absolute_deviation(x: np.ndarray) -> np.ndarray:
    """Of every column, float64; by sorting, five times as fast as by NumPy's median."""
    deviations = []
    for start in range(0, x.shape[1], _COLUMNS_AT_ONCE):
        # One column after the other in memory: processors sort what lies side by side.
        columns = np.ascontiguousarray(x[:, start : start + _COLUMNS_AT_ONCE].T)
        columns.sort(axis=1)
        distance = np.abs(columns - _middle(columns)[:, None])
        distance.sort(axis=1)
        deviations.append(_middle(distance))
    return np.concatenate(deviations)


def _middle(ordered: np.ndarray) -> np.ndarray:
    """Median of every row of ascending values, float64."""
    n = ordered.shape[1]
    return ordered[:, [(n - 1) // 2, n // 2]].astype(np.float64).sum(axis=1) / 2


_SPREAD = {
    "mad": _median_absolute_deviation,
    "variance": lambda x: x.var(axis=0, dtype=np.float64),
}
