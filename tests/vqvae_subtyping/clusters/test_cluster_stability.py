import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.clusters.cluster_stability import (
    _without_clusters,
    choose_k,
    clusterer_agreement,
    seed_stability,
    seed_stability_grid,
    stability_over_k,
)

FAST = {"n_resamples": 6, "n_nulls": 20}


def planted(n_clusters=4, spread=1.2, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, n_clusters, 160)
    return rng.normal(size=(160, 12)) + rng.normal(0, spread, (n_clusters, 12))[group]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)))
def test_the_numbers_of_clusters_do_not_matter(order):
    labels = np.arange(40) % 4
    assert seed_stability([labels, np.array(order)[labels]]) == pytest.approx(1)


def test_stability_is_the_mean_over_pairs_and_zero_by_chance():
    rng = np.random.default_rng(0)
    a, b, c = (rng.integers(0, 3, 3_000) for _ in range(3))
    pairs = [adjusted_rand_score(*pair) for pair in ((a, b), (a, c), (b, c))]
    assert seed_stability([a, b, c]) == pytest.approx(np.mean(pairs))
    assert abs(seed_stability([a, b, c])) < 0.01
    with pytest.raises(ValueError, match="at least two clusterings; got 1"):
        seed_stability([a])
    with pytest.raises(ValueError, match="one label per sample"):
        seed_stability([a, b[:10]])


def test_grids_pair_seeds_of_a_method_and_methods_of_a_seed():
    rng = np.random.default_rng(0)
    keys = [(e, c, s) for e in ("vae", "raw") for c in ("kmeans", "gmm") for s in (0, 1)]
    clusterings = {key: rng.integers(0, 3, 50) for key in keys}
    clusterings["ae", "kmeans", 0] = rng.integers(0, 3, 50)
    seeds = seed_stability_grid(clusterings).set_index(["extractor", "clusterer"])
    runs = [clusterings["raw", "gmm", seed] for seed in (0, 1)]
    assert seeds.loc[("raw", "gmm"), "ari"] == pytest.approx(adjusted_rand_score(*runs))
    assert len(seeds) == 4 and (seeds["n_seeds"] == 2).all()
    methods = clusterer_agreement(clusterings).set_index(["extractor", "seed"])
    runs = [clusterings["vae", clusterer, 1] for clusterer in ("kmeans", "gmm")]
    assert methods.loc[("vae", 1), "ari"] == pytest.approx(adjusted_rand_score(*runs))
    assert len(methods) == 4


@pytest.mark.parametrize("seed", range(2))
def test_the_planted_number_is_chosen(seed):
    table = stability_over_k(planted(seed=seed), range(2, 7), seed=seed, **FAST)
    assert choose_k(table) == 4
    row = table.set_index("k").loc[4]
    assert row["stability"] > 0.9 and row["p"] < 0.05
    assert row["gap"] == pytest.approx(row["stability"] - row["null"])


def test_noise_has_no_clusters():
    rng = np.random.default_rng(0)
    table = stability_over_k(rng.normal(size=(120, 10)), range(2, 6), **FAST)
    assert choose_k(table) == 1
    assert (table["p"] > 0.05).all()


def test_a_long_cloud_is_cut_at_the_same_place_and_is_still_no_cluster():
    """Stability alone is fooled: only the null with the same covariance refuses the cut."""
    rng = np.random.default_rng(0)
    cloud = 2.5 * rng.normal(size=(300, 1)) + rng.normal(size=(300, 10))
    table = stability_over_k(cloud, [2, 3], **FAST)
    assert table.loc[0, "stability"] > 0.8
    assert choose_k(table) == 1


def test_the_null_has_the_means_and_the_covariance():
    x = planted() @ np.random.default_rng(1).normal(size=(12, 12)) + 3
    rng = np.random.default_rng(0)
    clouds = [_without_clusters(x, rng) for _ in range(200)]
    scale = np.abs(np.cov(x.T)).max()
    mean_covariance = np.mean([np.cov(cloud.T) for cloud in clouds], axis=0)
    np.testing.assert_allclose(mean_covariance / scale, np.cov(x.T) / scale, atol=0.03)
    np.testing.assert_allclose(np.mean(clouds, axis=(0, 1)), x.mean(axis=0), atol=0.2)


def test_a_seed_gives_the_same_table():
    x = planted()
    tables = [stability_over_k(x, [2, 4], seed=3, n_resamples=2, n_nulls=2) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["stability"].between(-0.5, 1).all() and tables[0]["p"].between(1 / 3, 1).all()


def table(stability, sd=0.0, p=0.01):
    rows = {"k": range(2, 2 + len(stability)), "stability": stability, "sd": sd, "p": p}
    return pd.DataFrame(rows).assign(gap=stability, n_resamples=16)


def test_the_finest_of_equally_stable_partitions_is_taken():
    assert choose_k(table([0.5, 0.9, 0.89, 0.6], sd=0.08)) == 4
    assert choose_k(table([0.5, 0.9, 0.87, 0.6], sd=0.08)) == 3
    assert choose_k(table([0.5, 0.9, 0.6], p=[0.01, 0.2, 0.01])) == 4
    assert choose_k(table([0.5, 0.9], p=0.2)) == 1
    assert choose_k(table([-0.1, -0.2])) == 1


def test_bad_input_is_refused():
    x = planted()
    with pytest.raises(ValueError, match=r"from 2 to half of a subsample, here 64; got \[65\]"):
        stability_over_k(x, [65])
    with pytest.raises(ValueError, match=r"got \[1, 2\]"):
        stability_over_k(x, [1, 2])
    with pytest.raises(ValueError, match=r"fraction = 0\.3"):
        stability_over_k(x, [2], fraction=0.3)
    with pytest.raises(ValueError, match="n_nulls = 1"):
        stability_over_k(x, [2], n_nulls=1)
