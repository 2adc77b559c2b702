"""Stacked Newton steps against scikit-learn, one problem after the other."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.vqvae_subtyping.latents.held_out_scores import held_out_scores


@pytest.mark.parametrize(("strength", "lead"), [(0.1, 1.0), (100.0, 20.0)])
def test_scores_are_those_of_scikit_learns_optimum(strength, lead):
    """Also of labels that a plane tells apart, where full steps from 0 can overshoot."""
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=(150, 6)))
    x[:, 5] = 1  # a column that does not vary
    labels = lead * x[:, :3].T + rng.normal(size=(3, 150)) > 1
    split = StratifiedKFold(4, shuffle=True, random_state=0)
    folds = [[rows for _, rows in split.split(label, label)] for label in labels]
    found = held_out_scores(x, labels, folds, strength)
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-10, max_iter=500)
    for label, scores in zip(labels, found, strict=True):
        scaled = make_pipeline(StandardScaler(), model)
        expected = cross_val_predict(scaled, x, label, cv=split, method="decision_function")
        np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-3)
