"""Expression predicted from slides with patients or whole sites held out, by both rivals.

"ridge" regresses expression on the mean embedding of a slide's regions; "regions" is the region
model of `slide_model`. What is fitted (features, scaling, both) is fitted on training slides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd
import torch

from helpers.coembedding.embeddings.ridge import fit_ridge
from helpers.coembedding.histology.slide_model import (
    RegionPredictor,
    pad_regions,
    predicted_expression,
)
from helpers.coembedding.histology.slide_scores import histology_scores
from helpers.cohorts.expression_transform import ExpressionTransform, default_transform
from helpers.models.training import Training, fit

_RIDGE_PENALTIES = (100.0, 300.0, 1000.0, 3000.0)


@dataclass(frozen=True)
class SlideFold:
    """One fold's held-out slides. obs; truth and predicted (by method), slide × feature in the
    cohort's unit; train_truth and train_predicted (of the region model), of the training slides.
    """

    obs: pd.DataFrame
    feature_names: pd.Index
    truth: np.ndarray
    predicted: dict[str, np.ndarray]
    train_truth: np.ndarray
    train_predicted: np.ndarray

    def scores(self) -> pd.DataFrame:
        """`histology_scores` of the held-out slides, with the mean profile of the training ones."""
        return histology_scores(self.truth, self.predicted, self.train_truth)


def predict_slides(
    cohort: anndata.AnnData,
    train: np.ndarray,
    test: np.ndarray,
    *,
    n_hidden: int,
    n_rank: int,
    dropout: float,
    n_steps: int,
    learning_rate: float,
    max_regions: int,
    weight_decay: float = 1e-3,
    n_models: int = 1,
    minibatch_size: int = 64,
    seed: int = 0,
    device: str = "auto",
) -> SlideFold:
    """Both rivals fitted on the slides `train` (rows) and applied to the slides `test`.

    The region model is the mean of `n_models` initialisations, each trained for `n_steps`
    minibatches or a few more. Features at their floor in over half of the training slides are left
    out. Slides of a patient must be on one side (`patient_folds`, `site_folds`).
    """
    scaling = ExpressionTransform(default_transform(cohort), 0.5, batch_correction=False)
    y = scaling.fit(cohort[train]).transform(cohort)
    regions, slide = np.asarray(cohort.uns["regions"]), np.asarray(cohort.uns["region_slide"])
    seen = regions[np.isin(slide, train)]
    regions = ((regions - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-6)).astype("float32")
    means = np.asarray(cohort.obsm["slide"], np.float64)
    ridge = fit_ridge(means[train], y[train], _RIDGE_PENALTIES).predict(means[test])
    model = _RegionModels(n_hidden, n_rank, dropout, n_models, seed)
    predicted = model.fit_predict(
        pad_regions(regions, slide, cohort.n_obs, max_regions, seed), y, train, n_steps=n_steps,
        minibatch_size=minibatch_size, learning_rate=learning_rate, weight_decay=weight_decay,
        device=device,
    )  # fmt: skip
    back = _in_unit(scaling)
    names, obs = pd.Index(scaling.feature_names), cohort.obs.iloc[test]
    both = {"ridge": back(ridge), "regions": back(predicted[test])}
    return SlideFold(obs, names, back(y[test]), both, back(y[train]), back(predicted[train]))


@dataclass(frozen=True)
class _RegionModels:
    """The mean of `n_models` region predictors of different initialisation."""

    n_hidden: int
    n_rank: int
    dropout: float
    n_models: int
    seed: int

    def fit_predict(
        self,
        padded: tuple[torch.Tensor, torch.Tensor],
        y: np.ndarray,
        train: np.ndarray,
        *,
        n_steps: int,
        minibatch_size: int,
        **training: object,
    ) -> np.ndarray:
        """Predictions for every slide (slide × feature) of models trained on the rows `train`."""
        data = [part[train] for part in (*padded, torch.from_numpy(y))]
        n_epochs = math.ceil(n_steps / math.ceil(len(train) / minibatch_size))
        total = np.zeros(y.shape)
        for number in range(self.n_models):
            model = self._new(padded[0].shape[2], y.shape[1], number)
            how = Training(n_epochs, minibatch_size, keep="last", **training)
            weights, seed = {"expression": 1.0}, self.seed + number
            fit(model, data, None, weights=weights, training=how, seed=seed)
            total += predicted_expression(model, *padded)
        return total / self.n_models

    def _new(self, n_embedding: int, n_features: int, number: int) -> RegionPredictor:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + number)
            return RegionPredictor(
                n_embedding, n_features, n_hidden=[self.n_hidden], n_rank=self.n_rank,
                dropout=self.dropout,
            )  # fmt: skip


def score_folds(folds: Sequence[SlideFold], split: str, features: str) -> pd.DataFrame:
    """The scores of several folds below each other, with columns method, split, features, fold."""
    tables = [
        fold.scores().reset_index().assign(split=split, features=features, fold=number)
        for number, fold in enumerate(folds)
    ]
    return pd.concat(tables, ignore_index=True)


def _in_unit(scaling: ExpressionTransform):
    """Standardised values back on the transformed scale (log2 where the cohort's is)."""
    return lambda x: np.asarray(x, np.float64) * scaling.scale_ + scaling.mean_
