import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.models.pca import fit_pca


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), n_components=st.integers(1, 6))
def test_components_equal_the_singular_vectors(seed, n_components):
    x = np.random.default_rng(seed).normal(size=(30, 8))
    z = fit_pca(x, n_components).transform(x)
    u, singular, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(z), np.abs(u * singular)[:, :n_components], atol=1e-8)


def test_test_samples_do_not_move_the_components():
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(50, 5)), rng.normal(size=(20, 5)) + 100
    z = fit_pca(train, 3).transform(test)
    np.testing.assert_allclose(z[0], fit_pca(train, 3).transform(test[:1])[0])
    assert np.abs(z.mean(axis=0)).max() > 10


def test_repeats_itself_on_the_randomised_solver():
    x = np.random.default_rng(0).normal(size=(600, 1200)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, again = fit_pca(x, 8, seed=1), fit_pca(x, 8, seed=1)
    np.testing.assert_array_equal(first.transform(x), again.transform(x))


@pytest.mark.parametrize("shape", [(6, 100), (100, 5)])
def test_components_are_capped_at_the_rank(shape):
    with pytest.warns(UserWarning, match="PCA keeps 5 of 32 components"):
        z = fit_pca(np.random.default_rng(0).normal(size=shape), 32)
    assert z.n_components_ == 5


def test_repeated_features_do_not_count():
    x = np.repeat(np.random.default_rng(0).normal(size=(50, 3)), 4, axis=1)
    with pytest.warns(UserWarning, match="keeps 3 of 8"):
        assert fit_pca(x, 8).n_components_ == 3


@pytest.mark.parametrize(
    ("x", "n_components", "message"),
    [
        (np.array([[1.0, np.nan], [1, 2]]), 1, "1 values NaN"),
        (np.ones((1, 3)), 1, "at least 2 samples"),
        (np.ones((5, 3)), 1, "no variance"),
        (np.eye(5), 0, "at least 1; got 0"),
    ],
)
def test_bad_input_is_named(x, n_components, message):
    with pytest.raises(ValueError, match=message):
        fit_pca(x, n_components)


def test_one_value_that_is_missing_is_named():
    x = np.random.default_rng(0).normal(size=(30, 8))
    x[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"with 1 values NaN or infinite"):
        fit_pca(x, 2)
