"""Factorisations side by side against scikit-learn's one by one, and what they cost."""

import tracemalloc
import warnings

import numpy as np
import pytest
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from helpers.vqvae_subtyping.clusterers.factorisations import TOLERANCE, factorise


def matrix(n=60, columns=40, seed=0):
    rng = np.random.default_rng(seed)
    parts = rng.gamma(0.5, size=(n, 3)) @ rng.gamma(0.5, size=(3, columns))
    return (parts + 0.1 * rng.random((n, columns))).astype(np.float32)


@pytest.mark.parametrize("max_steps", [1, 25, 300])
def test_every_start_is_scikit_learns_step_for_step(max_steps):
    """Also how long each goes on: some starts settle within 300 steps, none at one."""
    x, seeds = matrix(), np.random.SeedSequence(1).generate_state(6)
    for seed, (w, h) in zip(seeds, factorise(x, 4, seeds, max_steps), strict=True):
        model = NMF(4, init="random", tol=TOLERANCE, max_iter=max_steps, random_state=int(seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            expected = model.fit_transform(x)
        # Single precision, and a few hundred steps that each pass its roundings on.
        scale = expected.max()
        np.testing.assert_allclose(w.T, expected, atol=2e-3 * scale)
        np.testing.assert_allclose(h, model.components_, atol=2e-3 * model.components_.max())


def test_a_matrix_of_zeros_is_no_obstacle():
    for w, h in factorise(np.zeros((5, 3), np.float32), 2, np.array([1, 2]), 10):
        assert np.isfinite(w).all() and np.isfinite(h).all()


def test_memory_grows_with_samples_and_features_and_not_with_their_pairs():
    def peak(n):
        x = matrix(n, 50)
        tracemalloc.start()
        list(factorise(x, 4, np.arange(5), 3))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(4_000) < 6 * peak(1_000)
