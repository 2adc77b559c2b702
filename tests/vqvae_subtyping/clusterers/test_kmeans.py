"""k-means of all starts at once: scikit-learn's optimum, its edge cases, what it costs."""

import tracemalloc

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.clusterers.kmeans import kmeans


def planted(n=300, spread=1.0, seed=0, columns=20):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, n)
    x = rng.normal(size=(n, columns)) + spread * rng.normal(size=(4, columns))[group]
    return x.astype(np.float32), group


def squares(x, labels):
    return sum(np.square(x[labels == k] - x[labels == k].mean(axis=0)).sum() for k in set(labels))


def test_planted_groups_are_scikit_learns_clusters():
    x, group = planted(spread=3)
    labels = kmeans(x, 4, 0)
    assert adjusted_rand_score(labels, group) == 1
    assert adjusted_rand_score(labels, KMeans(4, n_init=10, random_state=0).fit_predict(x)) == 1


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_sums_of_squares_are_as_small_as_scikit_learns(spread):
    """Of blurred groups and of none, where starts end in different places; the mean of ten seeds.

    Both are the best of ten starts of one distribution: their means differ by their standard error.
    """
    x, _ = planted(spread=spread)
    mine = [squares(x, kmeans(x, 4, seed)) for seed in range(10)]
    theirs = [squares(x, KMeans(4, n_init=10, random_state=s).fit_predict(x)) for s in range(10)]
    error = np.sqrt((np.var(mine, ddof=1) + np.var(theirs, ddof=1)) / 10) + 1e-5 * np.mean(theirs)
    assert abs(np.mean(mine) - np.mean(theirs)) < 4 * error


def test_the_labels_are_settled_and_a_seed_gives_the_same():
    x, _ = planted(spread=0.5)
    labels = kmeans(x, 4, 3)
    np.testing.assert_array_equal(labels, kmeans(x, 4, 3))
    centres = np.stack([x[labels == k].mean(axis=0) for k in range(4)])
    nearest = np.square(x[:, None] - centres).sum(axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.98  # within the tolerance of the last step


def test_far_from_the_origin_and_places_with_many_samples():
    places = np.random.default_rng(0).normal(size=(6, 5))
    x = (1e3 + places[np.repeat(np.arange(6), 20)]).astype(np.float32)
    labels = kmeans(x, 6, 0)
    assert adjusted_rand_score(labels, np.repeat(np.arange(6), 20)) == 1
    assert len(set(kmeans(np.ones((10, 2)), 3, 0))) <= 3  # all in one place


def test_memory_grows_with_the_samples_and_not_with_their_pairs():
    def peak(n):
        x, _ = planted(n)
        tracemalloc.start()
        kmeans(x, 4, 0)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(4_000) < 6 * peak(1_000)  # 4 if linear, 16 if every pair were kept


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="5 clusters of 4 samples"):
        kmeans(np.eye(4), 5, 0)
    with pytest.raises(ValueError, match="n_starts = 0"):
        kmeans(np.eye(4), 2, 0, n_starts=0)
    with pytest.raises(ValueError, match="must be finite"):
        kmeans(np.full((4, 2), np.nan), 2, 0)
