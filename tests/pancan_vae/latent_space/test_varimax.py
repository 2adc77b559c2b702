import numpy as np
import pytest
from sklearn.decomposition._factor_analysis import _ortho_rotation

from helpers.pancan_vae.latent_space.varimax import varimax, varimax_directions


def criterion(loadings):
    return (loadings**2).var(axis=0).sum()


def sparse_problem(seed=0, n=800, n_features=60, k=4):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((n, k))
    loadings = np.zeros((k, n_features))
    for i in range(k):
        loadings[i, i * 15 : (i + 1) * 15] = 1.0
    x = truth @ loadings + 0.3 * rng.standard_normal((n, n_features))
    mixing = np.linalg.qr(rng.standard_normal((k, k)))[0]
    return truth, truth @ mixing, x


def test_varimax_is_orthogonal_and_as_good_as_scikit_learns():
    rng = np.random.default_rng(1)
    loadings = rng.standard_normal((80, 6)) ** 3
    rotation = varimax(loadings)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-10)
    reference = _ortho_rotation(loadings, method="varimax", max_iter=1000, tol=1e-10)
    assert criterion(loadings @ rotation) > 0.999 * criterion(reference.T)
    assert criterion(loadings @ rotation) > criterion(loadings)


def test_mixed_sources_are_recovered_where_axes_are_not():
    truth, z, x = sparse_problem()
    directions = varimax_directions(z, (x - x.mean(0)) / x.std(0))
    r = np.abs(np.corrcoef(directions.transform(z).T, truth.T)[:4, 4:]).max(axis=0)
    on_axes = np.abs(np.corrcoef(z.T, truth.T)[:4, 4:]).max(axis=0)
    assert r.min() > 0.97
    assert on_axes.min() < 0.9


def test_directions_are_white_ordered_and_signed():
    _, z, x = sparse_problem(2)
    x = (x - x.mean(0)) / x.std(0)
    t = varimax_directions(z, x).transform(z)
    np.testing.assert_allclose(np.cov(t.T, bias=True), np.eye(4), atol=1e-8)
    loadings = x.T @ t / len(t)
    explained = (loadings**2).sum(0)
    assert (np.diff(explained) <= 1e-9).all()
    assert ((loadings**3).sum(0) > 0).all()


def test_collapsed_dimension_is_left_out():
    _, z, x = sparse_problem(3)
    z = np.c_[z, 1e-6 * np.random.default_rng(0).standard_normal(len(z))]
    assert varimax_directions(z, x).matrix.shape == (5, 4)


def test_rows_must_match():
    with pytest.raises(ValueError, match="same rows: 5 and 4"):
        varimax_directions(np.ones((5, 2)), np.ones((4, 3)))
