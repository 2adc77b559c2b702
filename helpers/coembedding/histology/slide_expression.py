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

from helpers.coembedding.argument_groups import SlideNetwork, Steps
from helpers.coembedding.embeddings.ridge import fit_ridge
from helpers.coembedding.histology.slide_model import (
    RegionPredictor,
    pad_regions,
    predicted_expression,
)
from helpers.coembedding.histology.slide_scores import histology_scores
from helpers.cohorts.expression_transform import ExpressionTransform, default_transform
from helpers.models.training import fit

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
    network: SlideNetwork,
    steps: Steps,
    seed: int,
) -> SlideFold:
    """Both rivals fitted on the slides `train` (rows) and applied to the slides `test`.

    The region model is the mean of `network.n_models` initialisations, each trained for
    `steps.n_steps` minibatches or a few more. Features at their floor in over half of the training
    slides are left out. Slides of a patient must be on one side (`patient_folds`, `site_folds`).
    """
    scaling = ExpressionTransform(default_transform(cohort), 0.5, batch_correction=False)
    y = scaling.fit(cohort[train]).transform(cohort)
    regions, slide = np.asarray(cohort.uns["regions"]), np.asarray(cohort.uns["region_slide"])
    seen = regions[np.isin(slide, train)]
    regions = ((regions - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-6)).astype("float32")
    means = np.asarray(cohort.obsm["slide"], np.float64)
    ridge = fit_ridge(means[train], y[train], _RIDGE_PENALTIES).predict(means[test])
    padded = pad_regions(regions, slide, cohort.n_obs, network.max_regions, seed)
    predicted = _by_region_models(padded, y, train, network, steps, seed)
    back = scaling.standardiser_.undo
    names, obs = pd.Index(scaling.feature_names), cohort.obs.iloc[test]
    both = {"ridge": back(ridge), "regions": back(predicted[test])}
    return SlideFold(obs, names, back(y[test]), both, back(y[train]), back(predicted[train]))


def _by_region_models(
    padded: tuple[torch.Tensor, torch.Tensor],
    y: np.ndarray,
    train: np.ndarray,
    network: SlideNetwork,
    steps: Steps,
    seed: int,
) -> np.ndarray:
    """Predictions for every slide (slide × feature), the mean of models trained on rows `train`."""
    data = [part[train] for part in (*padded, torch.from_numpy(y))]
    n_minibatches = math.ceil(len(train) / steps.minibatch_size)  # in an epoch
    training = steps.as_training(math.ceil(steps.n_steps / n_minibatches))
    total = np.zeros(y.shape)
    for number in range(seed, seed + network.n_models):
        model = _region_predictor(padded[0].shape[2], y.shape[1], network, number)
        fit(model, data, None, weights={"expression": 1.0}, training=training, seed=number)
        total += predicted_expression(model, *padded)
    return total / network.n_models


def _region_predictor(
    n_embedding: int, n_features: int, network: SlideNetwork, seed: int
) -> RegionPredictor:
    n_hidden, n_rank, dropout = [network.n_hidden], network.n_rank, network.dropout
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return RegionPredictor(
            n_embedding, n_features, n_hidden=n_hidden, n_rank=n_rank, dropout=dropout
        )


def score_folds(folds: Sequence[SlideFold], split: str, features: str) -> pd.DataFrame:
    """The scores of several folds below each other, with columns method, split, features, fold."""
    tables = [
        fold.scores().reset_index().assign(split=split, features=features, fold=number)
        for number, fold in enumerate(folds)
    ]
    return pd.concat(tables, ignore_index=True)
