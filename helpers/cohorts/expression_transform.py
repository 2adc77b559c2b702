"""From a cohort's genes and microRNAs to a model's input, the skew of linear expression undone.

Everything is learnt from the rows given to `fit` (training patients) and frozen then. Genes of the
registered cohorts are z-scores of *linear* expression, so skewed that single patients make up most
of a gene's variance; `skewness` has the ways to undo it. microRNAs and users' files are on a log
scale and are not touched by it.
"""

import warnings
from collections.abc import Callable, Iterator

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import check_finite
from helpers.cohorts.h5ad import feature_types
from helpers.cohorts.preprocess import batch_shifts
from helpers.cohorts.skewness import Clip, RankNormal, ShiftedLog, Unchanged

KINDS: dict[str, Callable] = {
    "shifted_log": ShiftedLog,
    "rank_normal": RankNormal,
    "clip": Clip,
    "none": Unchanged,
}
_SMALLEST_BATCH = 10  # training rows; the shift of fewer would carry away their own signal
_SMALLEST_SD = 1e-6  # of a transformed feature; below it is constant


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
        obs["batch"] from all features (`preprocess.batch_shifts`). A batch with fewer than 10
        training rows is left as it is.

    After `fit`: feature_names, feature_types (Series), mean_ and scale_ (feature).
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
        y = self._shaped(np.asarray(chosen.X, np.float64)) - self._shift_of(cohort.obs)
        return ((y - self.mean_) / self.scale_).astype(np.float32)

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
        self._shifts = dict(self._fit_shifts(y, train.obs))
        y = y - self._shift_of(train.obs)
        self.mean_, scale = y.mean(axis=0), y.std(axis=0)
        self.scale_ = np.where(scale > _SMALLEST_SD, scale, 1.0)
        return self

    def _choose(self, train: anndata.AnnData) -> pd.Index:
        """Names of the kept features, in their order."""
        x = np.asarray(train.X, np.float64)
        at_floor = (x == x.min(axis=0)).mean(axis=0)
        is_kept = (at_floor <= self.max_at_floor) & (x.std(axis=0) > _SMALLEST_SD)
        if not is_kept.any():
            raise ValueError(
                f"no feature differs between the {train.n_obs} training rows and is above its "
                f"smallest value in {1 - self.max_at_floor:.0%} of them. Raise max_at_floor"
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

    def _fit_shifts(self, y: np.ndarray, obs: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
        """(column of obs, batch × feature) for each kind of batch there is."""
        for column, is_shifted in self._batch_columns():
            if not self.batch_correction or column not in obs or not is_shifted.any():
                continue
            batch = obs[column].astype(str)
            is_large = (batch.groupby(batch).transform("size") >= _SMALLEST_BATCH).to_numpy()
            if batch[is_large].nunique() < 2:
                continue
            found = batch_shifts(y[is_large], obs["cancer_type"][is_large], batch[is_large])
            shifts = pd.DataFrame(0.0, index=sorted(set(batch)), columns=self.feature_names)
            shifts.loc[found.index, is_shifted] = found.to_numpy()[:, is_shifted]
            yield column, shifts

    def _batch_columns(self) -> tuple[tuple[str, np.ndarray], ...]:
        return ("batch", np.ones(len(self._is_gene), bool)), ("microrna_batch", ~self._is_gene)

    def _shift_of(self, obs: pd.DataFrame) -> np.ndarray | float:
        """Shift of each row's batches, row × feature; 0 where none was fitted."""
        total: np.ndarray | float = 0.0
        for column, shifts in self._shifts.items():
            batch = obs[column].astype(str) if column in obs else pd.Series("", index=obs.index)
            unseen = sorted(set(batch) - set(shifts.index))
            if unseen:
                warnings.warn(
                    f"{column} {', '.join(unseen)} had no training row: its rows are not shifted",
                    stacklevel=3,
                )
            total = total + shifts.reindex(batch).fillna(0.0).to_numpy()
        return total
