import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import KNeighborsClassifier

from helpers.pancan_vae.latent_space import neighbourhoods
from helpers.pancan_vae.latent_space.neighbourhoods import (
    batch_predictability,
    centroid_distances,
    class_knn_purity,
    class_silhouettes,
    knn_purity,
    nearest_class,
    one_vs_rest_silhouette,
    trustworthiness,
)


@pytest.fixture
def noise():
    rng = np.random.default_rng(0)
    return rng.normal(size=(1000, 10)), rng.integers(5, size=1000).astype(str)


def test_a_point_is_not_its_own_neighbour(noise):
    z, labels = noise
    found = knn_purity(z, labels, k=5)
    assert found["purity"] == pytest.approx(found["chance"], abs=0.02)
    # The planted error: with itself among five neighbours noise seems to hold the labels.
    with_self = KNeighborsClassifier(5).fit(z, labels).kneighbors(z, return_distance=False)
    assert (labels[with_self] == labels[:, None]).mean() > found["chance"] + 0.15


def test_not_even_where_points_coincide():
    z = np.zeros((6, 2))
    labels = np.array(list("abcdef"))
    assert knn_purity(z, labels, k=1)["purity"] == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), k=st.integers(1, 7))
def test_purity_equals_a_loop_over_all_distances(seed, k):
    rng = np.random.default_rng(seed)
    z, labels = rng.normal(size=(30, 3)), rng.integers(3, size=30)
    shares = []
    for i in range(30):
        distance = np.linalg.norm(z - z[i], axis=1)
        distance[i] = np.inf
        shares.append((labels[np.argsort(distance)[:k]] == labels[i]).mean())
    assert knn_purity(z, labels, k)["purity"] == pytest.approx(np.mean(shares))
    by_class = class_knn_purity(z, labels, k)
    assert by_class["n"].sum() == 30
    others = np.bincount(labels, minlength=3)[by_class.index] - 1
    assert by_class["chance"].tolist() == pytest.approx((others / 29).tolist())
    assert knn_purity(z, labels, k)["balanced_purity"] == pytest.approx(by_class["purity"].mean())


def test_separate_classes_are_pure(noise):
    z, labels = noise
    far = z + 100 * labels.astype(float)[:, None]
    assert knn_purity(far, labels)["purity"] == 1
    assert (class_silhouettes(far, labels)["silhouette"] > 0.9).all()


@pytest.mark.parametrize("k", [0, 1000])
def test_k_must_leave_neighbours(noise, k):
    with pytest.raises(ValueError, match="`k` must be from 1"):
        knn_purity(*noise, k=k)


def test_silhouettes_equal_those_of_sklearn(noise):
    z, labels = noise
    expected = silhouette_samples(z, labels)
    table = class_silhouettes(z, labels)
    for name, row in table.iterrows():
        assert row["silhouette"] == pytest.approx(expected[labels == name].mean())
    is_member = labels == "0"
    expected = silhouette_samples(z, is_member)[is_member].mean()
    assert one_vs_rest_silhouette(z, is_member) == pytest.approx(expected)


def test_a_class_apart_scores_high_and_a_random_one_zero(noise):
    z, labels = noise
    assert abs(one_vs_rest_silhouette(z, labels == "0")) < 0.02
    z = z + 30 * (labels == "0")[:, None]
    assert one_vs_rest_silhouette(z, labels == "0") > 0.9
    assert one_vs_rest_silhouette(np.ones((6, 2)), np.arange(6) < 3) == 0


def test_distances_of_one_class_are_not_all_held_at_once(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "WORKING_MB", 1)
    peaks = []
    for n in (1000, 2000, 4000):
        z = np.random.default_rng(0).normal(size=(n, 8)).astype(np.float32)
        tracemalloc.start()
        found = one_vs_rest_silhouette(z, np.arange(n) < n // 2)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert abs(found) < 0.02
    assert peaks[2] < 6 * peaks[0]  # members × samples would be 16
    assert peaks[2] < 16e6  # and 32 MB


def test_degenerate_classes_are_refused(noise):
    z, labels = noise
    with pytest.raises(ValueError, match="got 1 classes"):
        class_silhouettes(z, ["a"] * len(z))
    with pytest.raises(ValueError, match="got 1 of 1000"):
        one_vs_rest_silhouette(z, np.arange(1000) == 3)
    with pytest.raises(ValueError, match="got 1000 of 1000"):
        one_vs_rest_silhouette(z, np.ones(1000, bool))
    with pytest.raises(ValueError, match="at least two classes"):
        nearest_class(z, ["a"] * len(z))
    with pytest.raises(ValueError, match="finite"):
        knn_purity(np.full_like(z, np.nan), labels)


def test_nearest_class_by_hand():
    z = np.array([[0.0, 0], [0, 2], [1, 1], [10, 1]])
    labels = ["COAD", "COAD", "READ", "LAML"]
    table = nearest_class(z, labels)
    assert table["nearest"].to_dict() == {"COAD": "READ", "LAML": "READ", "READ": "COAD"}
    assert table.loc["COAD", "distance"] == 1
    assert table.loc["LAML", ["distance", "second_distance"]].tolist() == [9, 10]
    assert table["n"].to_dict() == {"COAD": 2, "LAML": 1, "READ": 1}
    distance = centroid_distances(z, labels)
    np.testing.assert_array_equal(distance, distance.T)


def test_trustworthiness_of_the_same_and_of_another_space(noise):
    z, _ = noise
    assert trustworthiness(z, z) == 1
    random = np.random.default_rng(1).normal(size=(1000, 2))
    assert trustworthiness(z, random) == pytest.approx(0.5, abs=0.03)
    assert trustworthiness(z, random, max_samples=200) == trustworthiness(
        z, random, max_samples=200
    )
    with pytest.raises(ValueError, match="below half"):
        trustworthiness(z[:20], z[:20], k=15)


def test_batch_is_predictable_only_where_it_acts():
    rng = np.random.default_rng(0)
    labels = np.repeat(["BRCA", "COAD", "LAML"], 300)
    batch = np.where(rng.random(900) < 0.3, "GA", "HiSeq")
    batch[labels == "LAML"] = "GA"
    z = rng.normal(size=(900, 5))
    z[(labels == "COAD") & (batch == "GA")] += 3
    table = batch_predictability(z, batch, labels)
    assert list(table.index) == ["BRCA", "COAD"]
    assert table.loc["BRCA", "balanced_accuracy"] == pytest.approx(0.5, abs=0.08)
    assert table.loc["COAD", "balanced_accuracy"] > 0.95
    assert (table["chance"] == 0.5).all()
    assert batch_predictability(z, ["GA"] * 900, labels).empty
