"""How each modality is scaled: filter, quantile normalisation, batch effect, centre and scale.

Everything is learnt from training samples and frozen then. Quantile normalisation is Bolstad et al.
(2003), Bioinformatics 19:185: every sample gets the same distribution of values, the mean of the
samples' sorted values. As published the reference is of all samples; here it is of the training
samples, so that a new sample changes nobody else's values.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.coembedding.donors.batch_effect import BatchEffect
from helpers.coembedding.donors.demographics import Demographics
from helpers.cohorts.on_disk.quantile_reference import at_reference
from helpers.cohorts.standardiser import Standardiser
from helpers.evaluate.differential import column_blocks

_VALUES_AT_ONCE = 2**22  # standardised together


class ModalityScaling:
    """Features that vary → quantile-normalised → batch effect removed → centred and scaled.

    min_mean: features with a lower training mean are dropped (log2 unit). quantile: give every
    sample the training samples' distribution. batch: column of obs whose effect is removed beside
    the cancer type, None for none. each: divide each feature by its own deviation (else all by one
    number, so that principal components keep what they weigh). demographics: remove age, sex and
    race too, as far as they are known (see `Demographics`).

    After `fit`: kept_ (bool per feature), mean_ and scale_ (of the kept ones), removed_ (columns of
    obs whose effect is removed).
    """

    def __init__(
        self,
        min_mean: float = -np.inf,
        quantile: bool = False,
        batch: str | None = None,
        each: bool = True,
        demographics: bool = False,
    ):
        self.min_mean, self.quantile, self.batch, self.each = min_mean, quantile, batch, each
        self.demographics = demographics

    def fit(self, x: np.ndarray, obs: pd.DataFrame) -> "ModalityScaling":
        """Learn from training samples: x sample × feature, obs their facts.

        Raises:
            ValueError: no feature is left, or a value is not finite.
        """
        self.fit_transform(x, obs)
        return self

    def fit_transform(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """`fit`, and then what `transform` gives of the same samples, in half the time of both.

        Raises:
            ValueError: as `fit`.
        """
        self.kept_ = low_variance_filter(x) & (x.mean(axis=0) > self.min_mean)
        if not self.kept_.any():
            raise ValueError(
                f"one feature or more must have a training mean above {self.min_mean}; the highest "
                f"is {x.mean(axis=0).max():.2g}. Lower min_mean"
            )
        x = x[:, self.kept_]
        self._quantile = QuantileNormaliser().fit(x) if self.quantile else None
        x = self._quantile.transform(x) if self._quantile else x
        x = self._fit_effect(x, obs)
        mean, variance = _moments(x)
        self._standardiser = Standardiser(self.each).fit_moments(mean, np.sqrt(variance))
        self.mean_, self.scale_ = self._standardiser.mean_, self._standardiser.scale_
        return self._standardised(x)

    def _fit_effect(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """Learn what batch and demographics do beside the cancer type; x without it."""
        self._people = Demographics().fit(obs if self.demographics else obs[[]])
        varies = self.batch in obs and len(set(obs[self.batch])) > 1
        batches = [*([self.batch] if varies else []), *self._people.groups_]
        self.removed_ = [*batches, *self._people.numbers_]
        self._effect = None
        if self.removed_:
            table = self._people.table(obs)
            self._effect = BatchEffect(batches, self._people.numbers_).fit(x, table)
            x = self._effect.transform(x, table)
        return x

    def in_unit(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """Kept features of samples, normalised and corrected but in the cohort's unit, float32."""
        x = np.asarray(x)[:, self.kept_]
        x = self._quantile.transform(x) if self._quantile else x
        if self._effect is None:
            return np.asarray(x, np.float32)
        return self._effect.transform(x, self._people.table(obs))

    def transform(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """Model input of samples, float32 sample × kept feature."""
        return self._standardised(self.in_unit(x, obs))

    def _standardised(self, x: np.ndarray) -> np.ndarray:
        """A few samples after the others, since they are float64 on the way."""
        values = np.empty(x.shape, np.float32)
        for rows in _row_blocks(x):
            values[rows] = self._standardiser.transform(np.asarray(x[rows], np.float32))
        return values

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """What a model returned, back in the unit of `in_unit`."""
        return self._standardiser.undo(scaled)


class QuantileNormaliser:
    """Give each sample (row) the training samples' distribution of values.

    Ties get the value at their mean rank, as limma's `normalizeQuantiles(ties = TRUE)`. A row
    keeps the order of its values; its own features alone decide its ranks.

    After `fit`: reference_ (float64, one per feature, ascending).
    """

    def __init__(self):
        self._sum, self._n_samples = 0.0, 0

    def fit(self, train: np.ndarray) -> "QuantileNormaliser":
        """Learn the reference from training rows (sample × feature)."""
        self._sum, self._n_samples = 0.0, 0
        return self.partial_fit(train)

    def partial_fit(self, rows: np.ndarray) -> "QuantileNormaliser":
        """Add training rows to the reference: wide data come a few samples at a time.

        Raises:
            ValueError: a value is not finite, or the number of features is another.
        """
        rows = _matrix(rows)
        if self._n_samples and rows.shape[1] != len(self._sum):
            raise ValueError(
                f"every sample must have the {len(self._sum):,} features seen before; got "
                f"{rows.shape[1]:,}"
            )
        self._sum = self._sum + np.sort(rows, axis=1).sum(axis=0, dtype=np.float64)
        self._n_samples += len(rows)
        self.reference_ = self._sum / self._n_samples
        return self

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """float32 sample × feature with the reference's distribution (but for ties).

        Raises:
            ValueError: it was not fitted, a value is not finite, or the features are others.
        """
        if not self._n_samples:
            raise ValueError("the normaliser must be fitted on training samples: call fit(train)")
        rows = _matrix(rows)
        if rows.shape[1] != len(self.reference_):
            raise ValueError(
                f"samples must have the {len(self.reference_):,} features fitted on; got "
                f"{rows.shape[1]:,}"
            )
        return at_reference(rows, self.reference_)


def low_variance_filter(train: np.ndarray, min_variance: float = 0.01) -> np.ndarray:
    """Bool per feature: not 0 in every training sample, and of variance `min_variance` or more.

    The paper removes "zero counts data and peaks/genes that showed less than 1% variance in counts
    across all samples", which names no scale; here it is a variance of 0.01 in the data's own unit,
    squared (log2² on log counts), over training samples only.

    Raises:
        ValueError: no feature passes.
    """
    train = _matrix(train)
    variance = _moments(train)[1]
    varies = (train != 0).any(axis=0) & (variance >= min_variance)
    if not varies.any():
        raise ValueError(
            f"one feature or more must have a variance of {min_variance} over the training "
            f"samples; the largest is {variance.max():.2g}. Lower min_variance"
        )
    return varies


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of every feature in float64, a few features after the others."""
    blocks = [x[:, columns] for columns in column_blocks(*x.shape)]
    mean = [block.mean(axis=0, dtype=np.float64) for block in blocks]
    return np.concatenate(mean), np.concatenate([b.var(axis=0, dtype=np.float64) for b in blocks])


def _row_blocks(x: np.ndarray) -> Iterator[slice]:
    n_rows = max(1, _VALUES_AT_ONCE // x.shape[1])
    for start in range(0, len(x), n_rows):
        yield slice(start, start + n_rows)


def _matrix(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"values must be sample × feature and not empty; got shape {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError(
            "values must be finite; rank a sample only where it was measured: select the rows with "
            'obs["has_rna"] or obs["has_atac"] first'
        )
    return rows
