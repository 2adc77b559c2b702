import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.clusterers.consensus_nmf import (
    _cophenetic,
    consensus_nmf,
    cophenetic_curve,
    non_negative,
)


@pytest.fixture
def planted():
    """Three clusters of 90 samples × 60 features, standardised, so of any sign."""
    rng = np.random.default_rng(0)
    cluster = np.repeat(np.arange(3), 30)
    return rng.normal(size=(90, 60)) + rng.normal(0, 1.5, (3, 60))[cluster], cluster


def test_planted_clusters_are_found_in_data_of_any_sign(planted):
    x, cluster = planted
    found = consensus_nmf(x, 3, n_runs=10)
    assert adjusted_rand_score(cluster, found.labels) > 0.95
    assert adjusted_rand_score(cluster, consensus_nmf(np.exp(x / 3), 3, n_runs=10).labels) > 0.9


def test_the_consensus_is_a_share_of_runs(planted):
    x, _ = planted
    consensus = consensus_nmf(x, 4, n_runs=8).consensus
    np.testing.assert_array_equal(consensus, consensus.T)
    np.testing.assert_array_equal(np.diag(consensus), 1)
    np.testing.assert_allclose(consensus * 8, np.round(consensus * 8), atol=1e-5)
    one = consensus_nmf(x, 4, n_runs=1)
    np.testing.assert_array_equal(one.consensus, one.labels[:, None] == one.labels)
    assert one.cophenetic == pytest.approx(1)


def test_runs_agree_up_to_the_planted_number_and_not_beyond(planted):
    curve = cophenetic_curve(planted[0], [2, 3, 4, 5], n_runs=10)
    assert [*curve.columns] == ["k", "cophenetic", "dispersion"]
    agreed = curve.set_index("k")[["cophenetic", "dispersion"]]
    np.testing.assert_allclose(agreed.loc[3], 1, rtol=1e-6)
    assert (agreed.loc[[4, 5]] < 0.999).all(axis=None)
    assert curve[["cophenetic", "dispersion"]].le(1).all(axis=None)


def test_the_cophenetic_correlation_equals_a_plain_correlation():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(15, 2))
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    tree = linkage(squareform(distance), "average")
    expected = np.corrcoef(cophenet(tree), squareform(distance))[0, 1]
    assert _cophenetic(tree, squareform(distance)) == pytest.approx(expected)


def test_a_seed_gives_the_same_and_samples_may_be_in_any_order(planted):
    x, _ = planted
    first, again = (consensus_nmf(x, 3, n_runs=5, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.consensus, again.consensus)
    assert sorted(set(first.labels)) == [0, 1, 2]


@settings(max_examples=25, deadline=None)
@given(arrays(float, (6, 3), elements=st.floats(-5, 5)))
def test_splitting_loses_nothing_but_the_mean(x):
    parts = non_negative(x)
    assert parts.min() >= 0
    if x.min() >= 0:
        np.testing.assert_allclose(parts, x, atol=1e-5)
    else:
        np.testing.assert_allclose(parts[:, :3] - parts[:, 3:], x - x.mean(axis=0), atol=1e-5)
        assert (np.minimum(parts[:, :3], parts[:, 3:]) == 0).all()


def test_samples_that_cannot_be_told_apart_give_fewer_clusters():
    found = consensus_nmf(np.ones((12, 4)), 3, n_runs=5)
    assert len(set(found.labels)) <= 3
    assert np.isfinite(found.cophenetic)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="got 7 clusters of 6 samples"):
        consensus_nmf(np.eye(6), 7)
    with pytest.raises(ValueError, match="n_runs = 0"):
        consensus_nmf(np.eye(6), 2, n_runs=0)
    with pytest.raises(ValueError, match="must be finite"):
        consensus_nmf(np.full((6, 2), np.nan), 2)
