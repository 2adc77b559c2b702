import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn import metrics
from sklearn.cluster import KMeans

from helpers.vqvae_subtyping.clusters.clustering_scores import (
    METRICS,
    clustering_scores,
    distances_in,
    grid_values,
    known_truth,
    score_grid,
    silhouette,
    summarise_grid,
)
from helpers.vqvae_subtyping.clusters.label_agreement import ami, ari, nmi, purity, shuffled_nmi

LABELS = st.lists(st.integers(0, 3), min_size=4, max_size=40)


def noise(n=600, columns=64, seed=0):
    return np.random.default_rng(seed).normal(size=(n, columns))


@settings(max_examples=50, deadline=None)
@given(LABELS, st.integers(0, 100))
def test_metrics_do_not_depend_on_the_names_of_clusters(labels, seed):
    truth = np.random.default_rng(seed).integers(0, 3, len(labels)).astype(str)
    renamed = [f"cluster {(3 * label + 1) % 7}" for label in labels]
    for metric in (nmi, ari, ami, purity):
        assert metric(renamed, truth) == pytest.approx(metric(labels, truth), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(LABELS, st.integers(0, 100))
def test_purity_equals_counting_and_stays_in_its_range(labels, seed):
    truth = np.random.default_rng(seed).choice(["a", "b", "c"], len(labels)).tolist()
    pairs = [*zip(labels, truth, strict=True)]
    expected = sum(max(pairs.count((c, t)) for t in "abc") for c in set(labels)) / len(labels)
    assert purity(labels, truth) == pytest.approx(expected)
    commonest = max(truth.count(t) for t in "abc") / len(truth)
    assert commonest - 1e-12 <= purity(labels, truth) <= 1
    assert purity(range(len(truth)), truth) == 1


def test_shuffled_subtypes_leave_what_chance_gives():
    truth = np.repeat(["a", "b", "c", "d"], 50)
    assert nmi(truth, truth) == pytest.approx(1)
    by_chance = shuffled_nmi(truth, truth)
    assert 0 < by_chance < 0.1
    scores = clustering_scores(truth, truth, noise(200, 3), noise(200, 3))
    assert scores["nmi_shuffled"] == by_chance
    assert shuffled_nmi(range(200), truth) > 0.3  # nmi rises with the number of clusters


def test_scores_equal_scikit_learn():
    rng = np.random.default_rng(0)
    truth, x = rng.choice(["LumA", "LumB", "Basal"], 90), rng.normal(size=(90, 5))
    labels, own = rng.integers(0, 4, 90), rng.normal(size=(90, 2))
    scores = clustering_scores(labels, truth, own, x)
    assert [*scores] == [*METRICS]
    assert scores["nmi"] == pytest.approx(metrics.normalized_mutual_info_score(truth, labels))
    assert scores["ari"] == pytest.approx(metrics.adjusted_rand_score(truth, labels))
    assert scores["ami"] == pytest.approx(metrics.adjusted_mutual_info_score(truth, labels))
    assert scores["silhouette_own"] == pytest.approx(metrics.silhouette_score(own, labels))
    assert scores["silhouette_common"] == pytest.approx(metrics.silhouette_score(x, labels))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_silhouettes_are_scikit_learns_also_of_samples_alone_and_in_one_place(seed, is_quantised):
    rng = np.random.default_rng(seed)
    x = 1e3 + rng.normal(size=(30, 3)).astype(np.float32)
    x = np.round(x) if is_quantised else x
    labels = rng.integers(0, rng.integers(2, 9), 30)
    labels[0] = 99
    found = silhouette(labels, x)
    assert found == pytest.approx(metrics.silhouette_score(x.astype(float), labels), abs=1e-5)
    assert silhouette(labels, distances_in(x)) == found


def test_distances_far_from_the_origin_are_scipys():
    x = noise(60, 5) + 1e7
    np.testing.assert_allclose(distances_in(x).between, cdist(x, x), rtol=1e-6, atol=1e-6)


def test_samples_without_a_subtype_count_for_silhouettes_alone():
    x = noise(80, 4)
    labels = np.arange(80) % 4
    truth = np.array(["a", "b"] * 30 + ["", None, np.nan, ""] * 5, dtype=object)
    scores = clustering_scores(labels, truth, x, x)
    known = clustering_scores(labels[:60], truth[:60], x[:60], x[:60])
    for name in ("nmi", "ari", "ami", "purity"):
        assert scores[name] == known[name]
    assert scores["silhouette_own"] == pytest.approx(metrics.silhouette_score(x, labels))


@pytest.mark.parametrize("truth", [None, [""] * 40, ["a"] * 40, ["a"] * 20 + [""] * 20])
def test_without_two_subtypes_only_silhouettes_are_known(truth):
    x = noise(40, 3)
    scores = clustering_scores(np.arange(40) % 2, truth, x, x)
    assert np.isnan([scores[name] for name in ("nmi", "ari", "ami", "purity")]).all()
    assert np.isfinite(scores["silhouette_common"])


def test_chance_and_perfection():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 5_000)
    random = rng.integers(0, 50, 5_000)
    assert abs(ari(random, truth)) < 0.01 and abs(ami(random, truth)) < 0.01
    assert purity(random, truth) > 0.25 and nmi(random, truth) > 0.005
    assert all(metric(truth + 7, truth) == pytest.approx(1) for metric in (nmi, ari, ami, purity))


def test_one_cluster_or_one_a_sample_has_no_silhouette():
    x = noise(10, 2)
    assert np.isnan(silhouette(np.zeros(10), x))
    assert np.isnan(silhouette(np.arange(10), x))
    scores = clustering_scores(np.zeros(10), ["a", "b"] * 5, x, x)
    assert scores["nmi"] == 0 and scores["ari"] == 0 and scores["purity"] == 0.5


def test_quantised_noise_flatters_itself_in_its_own_space_only():
    """Pure noise, 64 codes: the reason why silhouette_common is there."""
    x = noise()
    model = KMeans(64, n_init=1, random_state=0).fit(x)
    quantised = model.cluster_centers_[model.labels_]
    labels = KMeans(64, n_init=1, random_state=0).fit_predict(quantised)
    scores = clustering_scores(labels, None, quantised, x)
    assert scores["silhouette_own"] > 0.9
    assert scores["silhouette_common"] < 0.05
    few = KMeans(5, n_init=1, random_state=0).fit_predict(quantised)
    few = clustering_scores(few, None, quantised, x)
    assert few["silhouette_own"] > 2 * few["silhouette_common"]


def grid(n_seeds=3):
    x, truth = noise(60, 4), np.array(["a", "b", "c"] * 20)
    rng = np.random.default_rng(0)
    clusterings = {
        (extractor, clusterer, seed): rng.integers(0, 3, 60)
        for extractor in ("vqvae", "raw")
        for clusterer in ("kmeans", "gmm")
        for seed in range(n_seeds)
    }
    clusterings["raw", "gmm", 0] = np.zeros(60, int)
    spaces = {(extractor, seed): x for extractor in ("vqvae", "raw") for seed in range(n_seeds)}
    return score_grid(clusterings, truth, spaces, x), clusterings, truth, x


def test_the_grid_has_a_row_for_every_clustering():
    table, clusterings, truth, x = grid()
    assert [*table.columns] == ["extractor", "clusterer", "seed", "n_clusters", *METRICS]
    assert len(table) == 12
    row = table.query("extractor == 'vqvae' and clusterer == 'gmm' and seed == 2").iloc[0]
    expected = clustering_scores(clusterings["vqvae", "gmm", 2], truth, x, x)
    assert row[[*METRICS]].to_dict() == pytest.approx(expected)
    assert table.query("extractor == 'raw' and clusterer == 'gmm'")["n_clusters"].min() == 1


def test_the_summary_is_mean_and_sample_deviation():
    table = grid()[0]
    summary = summarise_grid(table).set_index(["extractor", "clusterer", "metric"])
    values = table.query("extractor == 'vqvae' and clusterer == 'kmeans'")["ari"]
    row = summary.loc[("vqvae", "kmeans", "ari")]
    assert row["mean"] == pytest.approx(values.mean())
    assert row["sd"] == pytest.approx(values.std(ddof=1))
    assert summary.loc[("raw", "gmm", "silhouette_own"), "n_seeds"] == 2
    assert len(summary) == 4 * len(METRICS)


def test_one_seed_has_no_spread():
    summary = summarise_grid(grid(1)[0])
    assert (summary.loc[summary["n_seeds"] == 1, "sd"] == 0).all()


def test_values_have_the_keys_of_the_metrics_and_are_finite():
    values = grid()[0].pipe(grid_values)
    assert len(values["clustering.nmi.vqvae.kmeans"]) == 3
    assert len(values["clustering.silhouette_own.raw.gmm"]) == 2
    assert "clustering.silhouette_own.raw.gmm" not in grid_values(grid(1)[0])
    assert all(np.isfinite(found).all() for found in values.values())


def test_missing_subtypes_become_empty_names():
    assert known_truth(["a", None, float("nan"), "", 3], 5).tolist() == ["a", "", "", "", "3"]


def test_labels_of_other_patients_are_refused():
    x = noise(20, 2)
    with pytest.raises(ValueError, match=r"`truth` must have one subtype per sample: 20 samples"):
        clustering_scores(np.arange(20) % 2, ["a"] * 19, x, x)
    with pytest.raises(ValueError, match="`labels` must have one label per sample"):
        clustering_scores(np.arange(19) % 2, ["a"] * 20, x, x)
    with pytest.raises(ValueError, match="must be finite"):
        silhouette(np.arange(20) % 2, np.where(x > 1, np.nan, x))
    with pytest.raises(ValueError, match=r"\('vqvae', 0\) is missing"):
        score_grid({("vqvae", "kmeans", 0): np.arange(20) % 2}, None, {("vqvae", 1): x}, x)
