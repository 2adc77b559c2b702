import warnings

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.clusterers.cluster import CLUSTERERS, Draws, cluster
from helpers.vqvae_subtyping.clusterers.consensus_nmf import consensus_nmf
from helpers.vqvae_subtyping.clusterers.icluster import icluster

ALL = pytest.mark.parametrize("name", [*CLUSTERERS])


@pytest.fixture
def planted():
    """Three clusters of 120 samples × 40 columns of any sign."""
    rng = np.random.default_rng(0)
    number = rng.choice(3, 120, p=[0.5, 0.3, 0.2])
    return rng.normal(size=(120, 40)) + rng.normal(0, 1.2, (3, 40))[number], number


@ALL
def test_planted_clusters_are_found_in_a_space_and_in_views(name, planted):
    x, number = planted
    views = {"gene": x[:, :30], "microRNA": x[:, 30:]}
    for given in (None, views):
        labels = cluster(name, x, 3, 0, given)
        assert adjusted_rand_score(number, labels) > 0.9
        assert labels.shape == (120,) and set(labels) == {0, 1, 2}


@ALL
def test_a_seed_gives_the_same(name, planted):
    x, _ = planted
    np.testing.assert_array_equal(cluster(name, x, 4, 7), cluster(name, x, 4, 7))


def test_draws_are_those_asked_for(planted):
    x, _ = planted
    noise = np.random.default_rng(2).normal(size=x.shape)  # draws matter where there is nothing
    few = Draws(n_runs=2, n_burn_in=3, n_draws=4)
    found = {name: cluster(name, noise, 4, 0, draws=few) for name in ("cnmf", "icluster")}
    expected = icluster({"space": noise}, 4, 0, n_burn_in=3, n_draws=4).labels
    np.testing.assert_array_equal(found["icluster"], expected)
    np.testing.assert_array_equal(found["cnmf"], consensus_nmf(noise, 4, 2, 0).labels)
    for name, labels in found.items():
        assert adjusted_rand_score(labels, cluster(name, noise, 4, 0)) < 1
    whole = consensus_nmf(noise, 4, seed=0).labels
    np.testing.assert_array_equal(cluster("cnmf", noise, 4, 0), whole)
    whole = icluster({"space": noise}, 4, 0).labels
    np.testing.assert_array_equal(cluster("icluster", noise, 4, 0), whole)


def test_only_snf_and_icluster_see_the_views(planted):
    x, number = planted
    shuffled = np.random.default_rng(1).permutation(x)
    for name in CLUSTERERS:
        score = adjusted_rand_score(number, cluster(name, x, 3, 0, {"gene": shuffled}))
        assert (score < 0.1) == (name in {"snf", "icluster"}), name


@ALL
def test_a_space_with_as_many_places_as_clusters_gives_the_places(name):
    places = np.random.default_rng(0).normal(size=(4, 8))
    which = np.repeat(np.arange(4), [30, 10, 5, 1])
    for n_clusters in (4, 6):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            labels = cluster(name, places[which], n_clusters, 0)
        assert adjusted_rand_score(which, labels) == 1


@ALL
def test_samples_in_one_place_get_one_cluster(name):
    """One code a sample: 400 samples in 24 places, which lie in three groups."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(3), 8)
    places = 4 * rng.normal(size=(3, 16))[group] + rng.normal(size=(24, 16))
    which = np.concatenate([np.arange(24), rng.choice(24, 376)])
    labels = cluster(name, places[which], 3, 0)
    assert all(len(set(labels[which == place])) == 1 for place in range(24))
    assert adjusted_rand_score(group[which], labels) > (0.6 if name == "icluster" else 0.9)


@ALL
def test_a_column_that_does_not_vary_is_no_obstacle(name, planted):
    x, number = planted
    x = np.hstack([x, np.full((120, 2), 3.0)])
    assert adjusted_rand_score(number, cluster(name, x, 3, 0)) > 0.9


def test_bad_input_is_refused(planted):
    x, _ = planted
    with pytest.raises(ValueError, match=r"must be one of .*'kmeans'.*got 'ward'"):
        cluster("ward", x, 3, 0)
    with pytest.raises(ValueError, match="got 121 clusters for 120 samples"):
        cluster("kmeans", x, 121, 0)
    with pytest.raises(ValueError, match="got 1 clusters"):
        cluster("kmeans", x, 1, 0)
    with pytest.raises(ValueError, match="must be finite"):
        cluster("gmm", np.where(x > 2, np.nan, x), 3, 0)
    with pytest.raises(ValueError, match=r"views\['gene'\]` must have one row per sample"):
        cluster("snf", x, 3, 0, {"gene": x[:50]})
    with pytest.raises(ValueError, match="at least one kind of data"):
        cluster("snf", x, 3, 0, {})
