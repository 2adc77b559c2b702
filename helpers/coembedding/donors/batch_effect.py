"""limma's `removeBatchEffect`, fitted on training samples and then frozen.

Ritchie et al. (2015), Nucleic Acids Research 43:e47. The paper removes demographics, library
preparation and sequencing differences this way and keeps the cancer cohort's signal. limma's own
documentation says to use it for looking at data, not before a linear model; fitted on all samples
it would also be transductive. It is not `cohorts.batch_shift`, which chapters 1 and 3 use: that one
compares only batches that share a cancer type and leaves small ones alone, so levels differ.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.cohorts.batch_shift import warn_of_unseen


class BatchEffect:
    """Subtract what batches and covariates explain beside a design that is kept.

    For each feature, least squares of x ~ 1 + design + batches + covariates over the training
    samples; then x − (batches, covariates) · their coefficients. Batches are coded by sum-to-zero
    contrasts, so the mean of the batches' levels is what remains. Departures from limma: covariates
    are centred on their training mean, so the level of the data stays; a missing covariate or a
    batch no training sample had counts as average and is not corrected, the latter with a warning.
    As in limma, what the design (or an earlier column) explains already gets the coefficient 0.

    batches: categorical columns of obs (such as "batch", "sex"). covariates: numeric ones ("age").
    design: categorical column whose signal stays ("cancer_type"); None keeps the mean alone.

    After `fit`: coefficients_ (column × feature), columns_ (their names), left_out_ (columns that
    could not be told from the design or from earlier ones).
    """

    def __init__(
        self,
        batches: Sequence[str] = ("batch",),
        covariates: Sequence[str] = (),
        design: str | None = "cancer_type",
    ):
        self.batches, self.covariates, self.design = tuple(batches), tuple(covariates), design

    def fit(self, x: np.ndarray, obs: pd.DataFrame) -> "BatchEffect":
        """Learn the coefficients from training samples: x sample × feature, obs their facts.

        Raises:
            ValueError: a column is missing, x and obs have different samples, or x is not finite.
        """
        x = _finite(x, obs)
        self._check(obs)
        self._levels = {name: _levels(obs[name]) for name in self.batches}
        self._mean = {name: _numbers(obs[name]).mean() for name in self.covariates}
        kept, removed = self._design_matrix(obs), self.removed_matrix(obs)
        chosen = _independent(kept, removed)
        full = np.column_stack([kept, removed[:, chosen]])
        solution = np.linalg.lstsq(full, x, rcond=None)[0][kept.shape[1] :]
        self.columns_ = self._column_names()
        self.left_out_ = [c for c, use in zip(self.columns_, chosen, strict=True) if not use]
        self.coefficients_ = np.zeros((removed.shape[1], x.shape[1]))
        self.coefficients_[chosen] = solution
        return self

    def transform(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """float32 sample × feature without the fitted effects; the design is not asked for.

        Raises:
            ValueError: it was not fitted, a column is missing, or x is not finite.
        """
        if not hasattr(self, "coefficients_"):
            raise ValueError("the effect must be fitted on training samples: call fit(x, obs)")
        x = _finite(x, obs)
        _check_columns(obs, (*self.batches, *self.covariates))
        for name, levels in self._levels.items():
            warn_of_unseen(name, _text(obs[name]), levels)
        return (x - self.removed_matrix(obs) @ self.coefficients_).astype(np.float32)

    def _check(self, obs: pd.DataFrame) -> None:
        wanted = (*self.batches, *self.covariates, *([self.design] if self.design else []))
        _check_columns(obs, wanted)

    def _design_matrix(self, obs: pd.DataFrame) -> np.ndarray:
        """The intercept, or one indicator per level of the design."""
        if self.design is None:
            return np.ones((len(obs), 1))
        return pd.get_dummies(_text(obs[self.design])).to_numpy(float)

    def removed_matrix(self, obs: pd.DataFrame) -> np.ndarray:
        """Batches by sum-to-zero contrasts, then covariates less their training mean."""
        columns = [np.empty((len(obs), 0))]
        for name, levels in self._levels.items():
            columns.append(_contrasts(len(levels))[pd.Index(levels).get_indexer(_text(obs[name]))])
        for name, mean in self._mean.items():
            columns.append(_numbers(obs[name]).fillna(mean).to_numpy()[:, None] - mean)
        return np.column_stack(columns)

    def _column_names(self) -> list[str]:
        batches = [f"{n}:{level}" for n, levels in self._levels.items() for level in levels[:-1]]
        return [*batches, *self.covariates]


def _contrasts(n_levels: int) -> np.ndarray:
    """Level × (levels − 1): identity, −1 for the last level, and a row of 0 for an unknown one."""
    identity = np.eye(n_levels - 1) if n_levels > 1 else np.empty((0, 0))
    return np.vstack([identity, -np.ones((1, n_levels - 1)), np.zeros((1, n_levels - 1))])


def _independent(kept: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Bool per column of `removed`: not a combination of `kept` and of the columns before it."""
    basis = np.linalg.qr(kept)[0][:, : np.linalg.matrix_rank(kept)]
    chosen = np.zeros(removed.shape[1], dtype=bool)
    for j, column in enumerate(removed.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > 1e-8 * max(np.linalg.norm(column), 1e-300):
            basis, chosen[j] = np.column_stack([basis, rest / size]), True
    return chosen


def _finite(x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(obs):
        raise ValueError(f"x must have one row per sample of obs ({len(obs)}); got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(
            "x must be finite; select the rows of a modality first, where has_rna or has_atac is "
            "true"
        )
    return x


def _check_columns(obs: pd.DataFrame, wanted: Sequence[str]) -> None:
    for name in wanted:
        if name not in obs:
            raise ValueError(
                f'obs must have "{name}"; it has {", ".join(obs)}. Leave it out of batches, '
                "covariates and design"
            )


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "unknown").astype(str)


def _levels(column: pd.Series) -> list[str]:
    return sorted(set(_text(column)))


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column).astype(float)
