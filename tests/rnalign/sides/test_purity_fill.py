"""Purity that is missing is estimated, by what is better on tumours held out."""

import numpy as np
import pytest

from helpers.rnalign.sides.purity_fill import fill_purity


def tumours(n=200, n_genes=30, effect=3.0, seed=0):
    """Two types whose stroma genes fall with purity by `effect`."""
    rng = np.random.default_rng(seed)
    types = np.where(np.arange(n) % 2, "a", "b")
    purity = np.clip(np.where(types == "a", 0.5, 0.7) + rng.normal(0, 0.12, n), 0.1, 1)
    x = rng.normal(5, 1, (n, n_genes)) + (types == "a")[:, None] * rng.normal(size=n_genes)
    x[:, :10] -= effect * purity[:, None]
    return x, types, purity, np.arange(n)


def test_a_regression_finds_purity_where_genes_tell_it():
    x, types, purity, patients = tumours()
    given = purity.copy()
    given[::4] = np.nan
    found = fill_purity(x, types, given, patients)
    assert found.method == "ridge regression" and found.error < found.median_error
    np.testing.assert_array_equal(found.purity[~found.is_filled], given[np.isfinite(given)])
    error = np.abs(found.purity - purity)[found.is_filled].mean()
    assert error == pytest.approx(found.error, abs=0.02)
    assert found.purity.min() >= 0 and found.purity.max() <= 1


def test_the_median_is_taken_where_genes_tell_nothing_or_few_are_known():
    x, types, purity, patients = tumours(effect=0.0)
    given = purity.copy()
    given[:100] = np.nan
    for rows in (slice(None), slice(70, 130)):  # the second has thirty known ones
        found = fill_purity(x[rows], types[rows], given[rows], patients[rows])
        assert found.method == "median of the type"
        of_a = types[rows] == "a"
        known = given[rows][of_a & ~found.is_filled]
        assert (found.purity[of_a & found.is_filled] == np.median(known)).all()


def test_nothing_missing_is_left_as_it_is_and_nothing_known_is_refused():
    x, types, purity, patients = tumours(20)
    found = fill_purity(x, types, purity, patients)
    assert not found.is_filled.any() and (found.purity == purity).all()
    with pytest.raises(ValueError, match="none of 20 has"):
        fill_purity(x, types, np.full(20, np.nan), patients)
