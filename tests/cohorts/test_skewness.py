"""Ways to undo skew: what they promise, on any gene, and against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, rankdata, skew

from helpers.cohorts.skewness import Clip, RankNormal, ShiftedLog, Unchanged

WAYS = (ShiftedLog, RankNormal, Clip, Unchanged)


@pytest.fixture
def linear():
    """z-scores of log-normal expression, 300 rows × 40 genes, one with an outlier."""
    rng = np.random.default_rng(0)
    x = np.exp(rng.normal(rng.normal(3, 2, 40), rng.uniform(0.3, 1.5, 40), (300, 40)))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x[0, 0] = 36_893
    return x


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 1000), n=st.integers(5, 40))
@settings(max_examples=20, deadline=None)
def test_order_is_kept_and_values_are_finite(way, seed, n):
    rng = np.random.default_rng(seed)
    x = np.round(rng.standard_cauchy((n, 3)), 1)
    y = way().fit(x)(x)
    assert y.shape == x.shape and np.isfinite(y).all()
    for old, new in zip(x.T, y.T, strict=True):
        assert (np.diff(new[np.argsort(old, kind="stable")]) >= -1e-9).all()


def test_a_shifted_log_undoes_the_skew(linear):
    assert np.median(skew(linear, axis=0)) > 1.5
    y = ShiftedLog().fit(linear)(linear)
    found = np.abs(skew(y[:, 1:], axis=0))
    assert np.median(found) < 1e-6 and found.max() < 0.05, "but where the offset is at its bound"


def test_a_shifted_log_recovers_logarithms_whatever_the_scale():
    rng = np.random.default_rng(1)
    truth = rng.normal(5, 1, 2000)
    linear = np.exp(truth)
    for shift, scale in ((0, 1), (-100, 50), (3, 0.01)):
        z = ((linear + shift) / scale)[:, None]
        y = ShiftedLog().fit(z)(z)[:, 0]
        assert np.corrcoef(y, truth)[0, 1] > 0.99


def test_below_the_training_minimum_counts_as_the_minimum(linear):
    way = ShiftedLog().fit(linear)
    low = linear.min(axis=0, keepdims=True)
    np.testing.assert_allclose(way(low - 5), way(low))


def test_rank_normal_is_the_normal_score_of_the_rank(linear):
    linear[:50] = linear[:50].round(1)
    expected = norm.ppf((rankdata(linear, axis=0) - 0.5) / 300)
    way = RankNormal().fit(linear)
    np.testing.assert_allclose(way(linear), expected, atol=1e-12)
    far = way(np.full((1, 40), 1e9))
    np.testing.assert_allclose(far, expected.max(axis=0, keepdims=True))


def test_clip_is_not_moved_by_one_outlier(linear):
    way = Clip().fit(linear)
    assert way(linear)[0, 0] < 10
    without = Clip().fit(linear[1:])
    np.testing.assert_allclose(way.high_[0], without.high_[0], rtol=0.05)


def test_clip_of_a_gene_that_is_mostly_at_its_floor_keeps_it_varying():
    x = np.zeros((20, 1))
    x[:3, 0] = [1, 2, 50]
    y = Clip().fit(x)(x)
    assert np.ptp(y) > 0 and y.max() < 50


def test_a_constant_gene_stays_constant():
    x = np.full((10, 2), 3.0)
    for way in WAYS:
        assert np.ptp(way().fit(x)(x)) == 0
