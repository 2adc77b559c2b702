import numpy as np

from helpers.pancan_vae.latent_space.correlation import cross_correlation, unit_columns


def test_it_is_numpys_correlation():
    a, b = np.random.default_rng(0).normal(5, 2, (40, 3)), np.random.default_rng(1).random((40, 2))
    np.testing.assert_allclose(cross_correlation(a, b), np.corrcoef(a.T, b.T)[:3, 3:])


def test_a_constant_column_correlates_0_also_where_rounding_left_something():
    a = np.random.default_rng(0).normal(size=(40, 2))
    a[:, 1] = 0.1 + 1e-12 * a[:, 0]
    assert cross_correlation(a, a)[1].tolist() == [0, 0]
    assert np.linalg.norm(unit_columns(a), axis=0).round(12).tolist() == [1, 0]
