"""From a cohort's genes and microRNAs to a model's input, the skew of linear expression undone.

Everything is learnt from the rows given to `fit` (training patients) and frozen then. Genes of the
registered cohorts are z-scores of *linear* expression, so skewed that single patients make up most
of a gene's variance; `skewness` has the ways to undo it. microRNAs and users' files are on a log
scale and are not touched by it.
"""

from collections.abc import Callable

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.batch_shift import BatchShift
from helpers.cohorts.checks import check_finite
from helpers.cohorts.skewness import Clip, RankNormal, ShiftedLog, Unchanged
from helpers.cohorts.standardiser import Standardiser
from helpers.cohorts.user_files import feature_types

KINDS: dict[str, Callable] = {
    "shifted_log": ShiftedLog,
    "rank_normal": RankNormal,
    "clip": Clip,
    "none": Unchanged,
}
_SMALLEST_SD = 1e-6  # of a feature; below it is constant


def default_transform(cohort: anndata.AnnData) -> str:
    """The kind that fits the cohort's unit: "shifted_log" where uns["unit"] says linear z-scores.

    "none" for everything else: a user's file is on a log scale.
    """
    unit = str(cohort.uns.get("unit", "")).lower()
    return "shifted_log" if "z-score of linear" in unit else "none"


class ExpressionTransform:
    """Features that are expressed → genes' skew undone → batch shift removed → standardised.

    kind: what is done to genes: "shifted_log" (see `skewness.ShiftedLog`), "rank_normal", "clip"
        or "none". microRNAs are log2(RPM+1) and stay as they are.
    max_at_floor: a feature at its smallest training value (no reads) in more than this share of
        the training rows is dropped. The paper drops more: 0.1.
    n_genes, n_mirnas: keep at most so many, those of largest training variance on the log scale; 0
        keeps all.
    batch_correction: remove the mean shift of obs["microrna_batch"] from microRNAs and that of
        obs["batch"] from all features, see `BatchShift`.

    After `fit`: feature_names, feature_types (Series), standardiser_ (`undo` goes back to shaped
    values), and its mean_ and scale_ (feature).
    """

    def __init__(
        self,
        kind: str = "shifted_log",
        max_at_floor: float = 0.9,
        n_genes: int = 0,
        n_mirnas: int = 0,
        batch_correction: bool = True,
    ):
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
        if not 0 < max_at_floor <= 1:
            raise ValueError(f"max_at_floor must be a share above 0, at most 1; got {max_at_floor}")
        if min(n_genes, n_mirnas) < 0:
            raise ValueError(f"n_genes and n_mirnas must be 0 or more; got {n_genes}, {n_mirnas}")
        self.kind, self.max_at_floor = kind, max_at_floor
        self.n_genes, self.n_mirnas = n_genes, n_mirnas
        self.batch_correction = batch_correction

    def fit(self, train: anndata.AnnData) -> "ExpressionTransform":
        """Learn features, shapes, batch shifts, means and deviations from the training rows.

        Raises:
            ValueError: a value that is not finite (names sample and feature), or no feature left.
        """
        check_finite(train)
        return self._learn(train, self._choose(train))

    def refit(self, cohort: anndata.AnnData) -> "ExpressionTransform":
        """The same features, learnt anew from another cohort, with the kind that fits its unit.

        For an external cohort that was measured on another scale: each feature then has mean 0 and
        variance 1 there as well. That uses the whole cohort and is *transductive*. A feature that
        is the same in all of its rows is 0.

        Raises:
            ValueError: the cohort lacks a feature, or a value is not finite.
        """
        kind = default_transform(cohort)
        other = ExpressionTransform(kind, batch_correction=self.batch_correction)
        check_finite(self._features_of(cohort))
        return other._learn(cohort, self.feature_names)

    def transform(self, cohort: anndata.AnnData) -> np.ndarray:
        """float32 sample × kept feature: standard deviations from the training mean.

        A batch that no training row had is not shifted, with a warning.

        Raises:
            ValueError: the cohort lacks kept features.
        """
        chosen = self._features_of(cohort)
        y = self._shaped(np.asarray(chosen.X, np.float64))
        return self.standardiser_.transform(self._without_shifts(y, cohort.obs))

    def fit_transform(self, train: anndata.AnnData) -> np.ndarray:
        """`fit(train).transform(train)`."""
        return self.fit(train).transform(train)

    def _learn(self, train: anndata.AnnData, names: pd.Index) -> "ExpressionTransform":
        self.feature_names = names
        self.feature_types = feature_types(train)[names]
        self._is_gene = (self.feature_types == "gene").to_numpy()
        x = np.asarray(train[:, names].X, np.float64)
        self._shape = KINDS[self.kind]().fit(x[:, self._is_gene])
        y = self._shaped(x)
        self._shifts = self._fit_shifts(y, train.obs) if self.batch_correction else []
        self.standardiser_ = Standardiser().fit(self._without_shifts(y, train.obs))
        self.mean_, self.scale_ = self.standardiser_.mean_, self.standardiser_.scale_
        return self

    def _choose(self, train: anndata.AnnData) -> pd.Index:
        """Names of the kept features, in their order."""
        x = np.asarray(train.X, np.float64)
        at_floor = (x == x.min(axis=0)).mean(axis=0)
        is_kept = (at_floor <= self.max_at_floor) & (x.std(axis=0) > _SMALLEST_SD)
        if not is_kept.any():
            raise ValueError(
                f"no feature differs between the {train.n_obs} training rows and is above its "
                f"smallest value in {1 - self.max_at_floor:.0%} of them. Give one that varies"
            )
        is_gene = (feature_types(train) == "gene").to_numpy()
        for is_kind, n in ((is_gene, self.n_genes), (~is_gene, self.n_mirnas)):
            columns = np.flatnonzero(is_kept & is_kind)
            if n and n < len(columns):
                variance = self._log_values(x[:, columns], is_gene[columns]).var(axis=0)
                is_kept[columns[np.argsort(-variance, kind="stable")[n:]]] = False
        return train.var_names[is_kept]

    def _log_values(self, x: np.ndarray, is_gene: np.ndarray) -> np.ndarray:
        """What variances are compared on: logarithms of genes that are not on a log scale yet."""
        return ShiftedLog().fit(x)(x) if is_gene.all() and self.kind != "none" else x

    def _shaped(self, x: np.ndarray) -> np.ndarray:
        y = x.copy()
        if self._is_gene.any():
            y[:, self._is_gene] = self._shape(x[:, self._is_gene])
        return y

    def _features_of(self, cohort: anndata.AnnData) -> anndata.AnnData:
        missing = self.feature_names.difference(cohort.var_names)
        if len(missing):
            raise ValueError(
                f"the cohort must have the {len(self.feature_names):,} features fitted on; it "
                f"lacks {len(missing):,}, such as {missing[0]}. Fit on train[:, shared], see "
                "`align_features`"
            )
        return cohort[:, self.feature_names]

    def _fit_shifts(self, y: np.ndarray, obs: pd.DataFrame) -> list[BatchShift]:
        """Each kind of batch by itself, from the values before any was removed."""
        shifts = [BatchShift("batch").fit(y, obs)]
        if not self._is_gene.all():
            shifts.append(BatchShift("microrna_batch").fit(y, obs, ~self._is_gene))
        return shifts

    def _without_shifts(self, y: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        total: np.ndarray | float = 0.0
        for shift in self._shifts:
            total = total + shift.of(obs)
        return y - total
