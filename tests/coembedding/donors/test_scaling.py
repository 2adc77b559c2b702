"""Quantile normalisation: limma's worked example, ties, and the reference frozen in training."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from helpers.coembedding.donors.scaling import (
    ModalityScaling,
    QuantileNormaliser,
    low_variance_filter,
)
from helpers.cohorts.on_disk import quantile_reference

# The table of Wikipedia's article and of Bolstad's method, one sample a row.
EXAMPLE = np.array([[5, 2, 3, 4], [4, 1, 4, 2], [3, 4, 6, 8]], dtype=float)


def test_worked_example():
    found = QuantileNormaliser().fit(EXAMPLE).transform(EXAMPLE)
    # Reference 2, 3, 14/3, 17/3; the tie of sample 2 lies between its third and fourth.
    tie = (14 / 3 + 17 / 3) / 2
    expected = [[17 / 3, 2, 3, 14 / 3], [tie, 2, tie, 3], [2, 3, 14 / 3, 17 / 3]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_without_ties_every_sample_has_the_reference_and_keeps_its_order():
    x = np.random.default_rng(0).gamma(2, 2, (12, 200))
    normaliser = QuantileNormaliser().fit(x[:8])
    found = normaliser.transform(x)
    np.testing.assert_allclose(np.sort(found), np.tile(normaliser.reference_, (12, 1)), rtol=1e-5)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(x))
    np.testing.assert_allclose(normaliser.reference_, np.sort(x[:8]).mean(axis=0))


def test_the_reference_is_not_moved_by_who_is_transformed():
    x = np.random.default_rng(0).normal(size=(6, 50))
    normaliser = QuantileNormaliser().fit(x[:4])
    alone = normaliser.transform(x[4:5])
    np.testing.assert_array_equal(normaliser.transform(x[4:])[:1], alone)
    np.testing.assert_array_equal(normaliser.transform(x[4:5] * 3 + 2), alone)  # ranks alone


def test_in_pieces_as_in_one():
    x = np.random.default_rng(0).normal(size=(7, 30)).astype(np.float32)
    whole, pieces = QuantileNormaliser().fit(x), QuantileNormaliser()
    for rows in np.array_split(x, 3):
        pieces.partial_fit(rows)
    np.testing.assert_allclose(pieces.reference_, whole.reference_, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(arrays(float, (3, 12), elements=st.integers(0, 3).map(float)))
def test_ties_stay_tied_and_order_is_never_reversed(x):
    found = QuantileNormaliser().fit(EXAMPLE.repeat(3, axis=1)).transform(x)
    for before, after in zip(x, found, strict=True):
        for value in np.unique(before):
            assert len(np.unique(after[before == value])) == 1
        order = np.argsort(before, kind="stable")
        assert (np.diff(after[order]) >= 0).all()


def test_ranks_are_interpolated_as_row_by_row(monkeypatch):
    x = np.random.default_rng(0).integers(0, 6, (11, 25)).astype(np.float32)
    monkeypatch.setattr(quantile_reference, "_VALUES_AT_ONCE", 60)  # two rows at a time
    normaliser = QuantileNormaliser().fit(x[:4])
    rows = [np.interp(rankdata(row) - 1, np.arange(25), normaliser.reference_) for row in x]
    np.testing.assert_array_equal(normaliser.transform(x), np.float32(rows))


def test_fitted_and_transformed_in_one_is_the_same():
    rng = np.random.default_rng(0)
    x, facts = rng.gamma(2, 2, (40, 12)), {"batch": ["a", "b"] * 20, "cancer_type": ["t"] * 40}
    obs = pd.DataFrame(facts)
    for options in ({}, {"quantile": True}, {"quantile": True, "batch": "batch"}, {"each": False}):
        one = ModalityScaling(**options).fit_transform(x, obs)
        two = ModalityScaling(**options).fit(x, obs).transform(x, obs)
        np.testing.assert_array_equal(one, two)


def test_what_is_refused():
    normaliser = QuantileNormaliser()
    with pytest.raises(ValueError, match="must be fitted"):
        normaliser.transform(EXAMPLE)
    normaliser.fit(EXAMPLE)
    with pytest.raises(ValueError, match="4 features fitted on; got 3"):
        normaliser.transform(EXAMPLE[:, :3])
    with pytest.raises(ValueError, match="4 features seen before; got 2"):
        normaliser.partial_fit(EXAMPLE[:, :2])
    with pytest.raises(ValueError, match="must be finite"):
        normaliser.fit(np.where(EXAMPLE == 8, np.nan, EXAMPLE))
    with pytest.raises(ValueError, match=r"not empty; got shape \(0, 4\)"):
        normaliser.fit(EXAMPLE[:0])


def test_low_variance_and_zero_features_are_dropped():
    x = np.random.default_rng(0).normal(0, 1, (50, 5))
    x[:, 1] = 0
    x[:, 2] = 5 + 0.05 * x[:, 2]
    x[:, 3] = 7.0
    assert low_variance_filter(x).tolist() == [True, False, False, False, True]
    assert low_variance_filter(x, 0).tolist() == [True, False, True, True, True]
    with pytest.raises(ValueError, match=r"variance of 0\.01"):
        low_variance_filter(x[:, 1:4])


def test_one_number_keeps_what_components_weigh():
    rng = np.random.default_rng(0)
    x = rng.normal(0, [4, 2, 1], (200, 3)).astype(np.float32)
    obs = pd.DataFrame({"cancer_type": ["A"] * 200})
    together = ModalityScaling(each=False).fit(x, obs)
    assert np.allclose(together.scale_, together.scale_[0])
    z = together.transform(x, obs)
    assert z[:, 0].std() > 3 * z[:, 2].std()
    assert np.square(z).mean() == pytest.approx(1, abs=1e-3)
