"""What the numbers of X are, told from all of them in one pass over blocks of rows.

Whole numbers everywhere are counts, however small; values above 2⁴⁰ on a log scale do not exist, so
larger ones than 40 are counts or linear; features whose means are all near 0 are z-scores.
"""

from dataclasses import dataclass

import anndata
import numpy as np
from scipy import sparse

from helpers.cohorts.on_disk.row_blocks import row_blocks
from helpers.cohorts.reading.mending import (
    CLIP,
    SENTINELS,
    SOME_TO_LOG,
    TO_LOG,
    TO_LOG_CPM,
    without_bad_values,
)

LARGEST_LOG2 = 40.0  # 2⁴⁰: no expression on a log scale comes near
_CENTRED = 0.12  # |mean| of nearly all features, as a share of their range
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class ValueSummary:
    """All of X: each feature's lowest and highest value and mean, each sample's highest value.

    Values that are not finite count only in `first_bad` (row, column, value), `bad_samples` and
    `bad_features`. share_negative: of the values, 0–1. is_whole: no value has a fraction.
    is_binary: X is kept as true and false.
    """

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    sample_high: np.ndarray
    share_negative: float
    is_whole: bool
    is_binary: bool
    first_bad: tuple[int, int, float] | None
    bad_samples: int
    bad_features: int

    @property
    def lowest(self) -> float:
        """Smallest value of all; inf if there is none."""
        return float(self.low.min(initial=np.inf))

    @property
    def highest(self) -> float:
        """Largest value of all; -inf if there is none."""
        return float(self.high.max(initial=-np.inf))

    @property
    def is_centred(self) -> bool:
        """Whether features have been centred, so that their means say nothing."""
        return is_centred(self.mean, self.low, self.high)


def is_centred(mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    """Whether nearly all features that vary have their mean near 0 between values of both signs."""
    varies = high > low
    if not varies.any():
        return False
    mean, low, high = mean[varies], low[varies], high[varies]
    near = (low < 0) & (high > 0) & (np.abs(mean) <= _CENTRED * (high - low))
    return bool(near.mean() >= _NEARLY_ALL)


def summarise_values(cohort: anndata.AnnData, may_lack_rows: bool = False) -> ValueSummary:
    """One pass over X. `may_lack_rows`: a row of NaN throughout is a sample without values."""
    x = cohort.X.tocsr() if sparse.issparse(cohort.X) else cohort.X
    tally = _Tally(cohort.n_obs, cohort.n_vars)
    for block in row_blocks(x) if cohort.n_vars else ():
        tally.add(block if block.dtype.kind == "f" else block.astype(np.float64), may_lack_rows)
    return tally.summary(is_binary=np.dtype(x.dtype).kind == "b")


class _Tally:
    """What has been seen of X so far, block by block."""

    def __init__(self, n_samples: int, n_features: int) -> None:
        self.low, self.high = np.full(n_features, np.inf), np.full(n_features, -np.inf)
        self.total, self.n_good = np.zeros(n_features), np.zeros(n_features)
        self.sample_high = np.full(n_samples, -np.inf)
        self.bad_feature, self.bad_samples = np.zeros(n_features, bool), 0
        self.first_bad: tuple[int, int, float] | None = None
        self.n_negative, self.is_whole, self.start = 0, True, 0

    def add(self, block: np.ndarray, may_lack_rows: bool) -> None:
        rows = slice(self.start, self.start + len(block))
        total, is_good = block.sum(axis=0, dtype=np.float64), True
        if not np.isfinite(total).all():  # one value that is not finite makes its sum so
            is_good = np.isfinite(block)
        if np.all(is_good):
            smallest = largest = plain = block
        else:
            self._add_bad(block, ~is_good, may_lack_rows)
            smallest, largest, plain = (np.where(is_good, block, fill)
                                        for fill in (np.inf, -np.inf, 0.0))  # fmt: skip
        self.low = np.minimum(self.low, smallest.min(axis=0, initial=np.inf))
        self.high = np.maximum(self.high, largest.max(axis=0, initial=-np.inf))
        self.sample_high[rows] = largest.max(axis=1, initial=-np.inf)
        self.total += total if plain is block else plain.sum(axis=0, dtype=np.float64)
        self.n_good += len(block) if plain is block else is_good.sum(axis=0)
        if self.low.min(initial=0) < 0:
            self.n_negative += int(np.count_nonzero(plain < 0))
        self.is_whole = self.is_whole and bool(np.equal(plain, np.rint(plain)).all())
        self.start = rows.stop

    def _add_bad(self, block: np.ndarray, is_bad: np.ndarray, may_lack_rows: bool) -> None:
        if may_lack_rows:
            is_bad = is_bad & ~np.isnan(block).all(axis=1, keepdims=True)
        if not is_bad.any():
            return
        row, column = (int(place) for place in np.argwhere(is_bad)[0])
        self.first_bad = self.first_bad or (self.start + row, column, float(block[row, column]))
        self.bad_samples += int(is_bad.any(axis=1).sum())
        self.bad_feature |= is_bad.any(axis=0)

    def summary(self, is_binary: bool) -> ValueSummary:
        return ValueSummary(
            low=self.low,
            high=self.high,
            mean=self.total / np.maximum(self.n_good, 1),
            sample_high=self.sample_high,
            share_negative=self.n_negative / max(self.n_good.sum(), 1),
            is_whole=self.is_whole,
            is_binary=is_binary,
            first_bad=self.first_bad,
            bad_samples=self.bad_samples,
            bad_features=int(self.bad_feature.sum()),
        )


def check_values(cohort: anndata.AnnData, found: ValueSummary, path: object) -> None:
    """Return if X is finite and on a log scale, as far as there is such a scale.

    Raises:
        ValueError: names the first sample and feature, or the largest value, and the line that
            mends the file.
    """
    _check_finite(cohort, found, path)
    if str(cohort.uns.get("feature")) == "component" or not np.isfinite(found.highest):
        return
    if found.lowest < -LARGEST_LOG2:
        line = SENTINELS.format(lowest=-LARGEST_LOG2) if found.highest <= LARGEST_LOG2 else CLIP
        raise ValueError(
            f"X of {path} must be on a log scale; its lowest value is {found.lowest:,.6g}, as "
            f"numbers are that stand for a missing value. Mend it with: {line}"
        )
    if found.highest > LARGEST_LOG2:
        _refuse_large(cohort, found, path)
    if found.highest == found.lowest and found.low.size > 1:
        raise ValueError(
            f"X of {path} must vary; every value is {found.highest:g}. Put the expression into X"
        )
    is_open = found.is_binary or ("chrom" in cohort.var and found.highest <= 1)  # peaks, yes or no
    if found.is_whole and found.lowest >= 0 and not is_open:
        raise ValueError(
            f"X of {path} must be on a log scale; it looks like raw counts: every value is a whole "
            f"number (0 to {found.highest:,.0f}). Transform it with: {TO_LOG_CPM}"
        )


def _check_finite(cohort: anndata.AnnData, found: ValueSummary, path: object) -> None:
    if found.first_bad is None:
        return
    row, column, value = found.first_bad
    fix = without_bad_values(
        found.bad_samples / cohort.n_obs, found.bad_features / max(cohort.n_vars, 1)
    )
    raise ValueError(
        f"X of {path} must be finite; sample {cohort.obs_names[row]}, gene "
        f"{cohort.var_names[column]} is {value} ({found.bad_samples} samples and "
        f"{found.bad_features} genes have such values). {fix}"
    )


def _refuse_large(cohort: anndata.AnnData, found: ValueSummary, path: object) -> None:
    rule = f"X of {path} must be on a log scale; "
    if found.lowest < 0:
        raise ValueError(
            f"{rule}it goes from {found.lowest:,.3g} to {found.highest:,.0f}, as z-scores of "
            f"linear values do. Give logarithms, or clip what is far from all else with: {CLIP}"
        )
    is_high = found.sample_high > LARGEST_LOG2
    kind, line = ("raw counts", TO_LOG_CPM) if found.is_whole else ("linear values", TO_LOG)
    looks = f"it looks like {kind} (largest value {found.highest:,.0f})"
    if is_high.mean() >= _NEARLY_ALL or found.is_whole:
        raise ValueError(f"{rule}{looks}. Transform it with: {line}")
    raise ValueError(
        f"{rule}{looks} in {int(is_high.sum())} of {cohort.n_obs} samples, the first being "
        f"{cohort.obs_names[is_high][0]}. If the others are logarithms already, transform these "
        f"with: {SOME_TO_LOG.format(limit=LARGEST_LOG2)}. If all are linear: {line}"
    )
