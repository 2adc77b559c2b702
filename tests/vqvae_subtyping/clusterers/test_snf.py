import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import norm
from sklearn.cluster import SpectralClustering
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.clusterers import snf as module
from helpers.vqvae_subtyping.clusterers.snf import (
    FusibleViews,
    _full_kernel,
    _local_kernel,
    affinity,
    fuse,
    fuse_views,
    snf,
)

# Products are made in single precision: a few of its roundings of numbers that are all positive.
SINGLE = 20 * np.finfo(np.float32).eps


@pytest.fixture
def two_views():
    """Four groups; the first view tells only {0, 1} from {2, 3}, the second {0, 2} from {1, 3}."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(4), 40)
    first = rng.normal(size=(160, 20)) + 2.0 * (group // 2)[:, None] * rng.normal(size=20)
    second = rng.normal(size=(160, 20)) + 2.0 * (group % 2)[:, None] * rng.normal(size=20)
    return {"gene": first, "microRNA": second}, group


def test_views_that_are_ambiguous_alone_tell_the_groups_together(two_views):
    views, group = two_views
    alone = [adjusted_rand_score(group, snf({k: x}, 4, 0)) for k, x in views.items()]
    assert max(alone) < 0.7
    assert adjusted_rand_score(group, snf(views, 4, 0)) > 0.95


def test_the_affinity_is_the_formula_written_out():
    x = np.random.default_rng(1).normal(size=(8, 3))
    k, mu = 3, 0.5
    distance = np.array([[np.linalg.norm(a - b) for b in x] for a in x])
    near = [np.mean(sorted(np.delete(row, i))[:k]) for i, row in enumerate(distance)]
    for i, j in [(0, 1), (2, 7), (5, 4)]:
        scale = mu * (near[i] + near[j] + distance[i, j]) / 3
        found = affinity(x, k, mu)
        factor = found[3, 3] / norm.pdf(0, scale=mu * 2 * near[3] / 3)
        assert found[i, j] == pytest.approx(factor * norm.pdf(distance[i, j], scale=scale))


def test_the_affinity_is_symmetric_and_without_unit():
    x = np.random.default_rng(2).normal(size=(30, 4))
    w = affinity(x)
    np.testing.assert_allclose(w, w.T)
    assert w.min() > 0 and (np.diag(w) == w.max(axis=1)).all()
    np.testing.assert_allclose(affinity(1000 * x + 7), w, rtol=1e-6)


def test_samples_in_one_place_are_wholly_similar():
    x = np.repeat(np.eye(3), 30, axis=0)
    w = affinity(x, 5)
    assert np.isfinite(w).all() and np.ptp(w[:30, :30]) == 0
    assert w[:30, 30:].max() < 1e-12 * w[0, 0]
    assert np.isfinite(fuse_views({"a": x}, 5)).all()


def test_kernels_of_a_hand_worked_network():
    w = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, 0.3], [0.2, 0.3, 1.0]])
    plain = np.array([[0.5, 0.375, 0.125], [1 / 3, 0.5, 1 / 6], [0.2, 0.3, 0.5]])
    np.testing.assert_allclose(_full_kernel(w), (plain + plain.T) / 2)
    full = _full_kernel(w)
    local = _local_kernel(full, 2).toarray()
    np.testing.assert_array_equal(
        local > 0, [[True, True, False], [True, True, False], [False, True, True]]
    )
    np.testing.assert_allclose(local[0, 0], full[0, 0] / (full[0, 0] + full[0, 1]))
    np.testing.assert_allclose(local.sum(axis=1), 1)


def test_one_iteration_of_two_networks_equals_dense_products():
    rng = np.random.default_rng(3)
    a, b = affinity(rng.normal(size=(20, 3))), affinity(rng.normal(size=(20, 3)))
    s_a, s_b = (_local_kernel(_full_kernel(w), 4).toarray() for w in (a, b))
    new_a = _full_kernel(s_a @ _full_kernel(b) @ s_a.T)
    new_b = _full_kernel(s_b @ _full_kernel(a) @ s_b.T)
    mean = _full_kernel((new_a + new_b) / 2)
    np.testing.assert_allclose(fuse({"a": a, "b": b}, 4, 1), mean, rtol=SINGLE)


def test_two_views_are_fused_as_the_published_formulas_say(two_views):
    """Written out in double precision, sample by sample, from the description of SNFtool."""
    k, kernels = 7, []
    for x in two_views[0].values():
        d = squareform(pdist(x))
        near = np.sort(d, axis=1)[:, 1 : k + 1].mean(axis=1)
        kernels.append(norm.pdf(d, scale=0.5 * (near[:, None] + near + d) / 3))

    def normal(w):
        w = w / (2 * (w.sum(axis=1) - np.diag(w)))[:, None]
        np.fill_diagonal(w, 0.5)
        return (w + w.T) / 2

    full = [normal(w) for w in kernels]
    local = [np.where(w >= np.sort(w, axis=1)[:, [-k]], w, 0) for w in full]
    local = [s / s.sum(axis=1, keepdims=True) for s in local]
    for _ in range(20):
        full = [normal(s @ w @ s.T) for s, w in zip(local, full[::-1], strict=True)]
    expected = normal((full[0] + full[1]) / 2)
    np.testing.assert_allclose(fuse_views(two_views[0], k), expected, rtol=1e-3, atol=1e-7)


def test_the_fused_network_is_symmetric_and_its_rows_sum_to_one(two_views):
    fused = fuse_views(two_views[0])
    np.testing.assert_allclose(fused, fused.T)
    assert fused.min() >= 0
    assert fused.sum() == pytest.approx(len(fused), rel=1e-6)
    np.testing.assert_allclose(fused.sum(axis=1), 1, atol=0.3)
    np.testing.assert_allclose(np.diag(fused), 0.5, rtol=1e-6)


def test_identical_views_agree_with_one(two_views):
    x = two_views[0]["gene"]
    np.testing.assert_allclose(fuse_views({"a": x, "b": x}), fuse_views({"a": x}), rtol=SINGLE)


def test_the_order_of_views_and_samples_does_not_matter(two_views):
    views, _ = two_views
    order = np.random.default_rng(0).permutation(160)
    fused = fuse_views(views)
    flipped = fuse_views({k: views[k][order] for k in reversed([*views])})
    np.testing.assert_allclose(flipped, fused[np.ix_(order, order)], rtol=SINGLE)


def test_labels_are_spectral_clusters_of_the_network(two_views):
    model = SpectralClustering(4, affinity="precomputed", random_state=5)
    expected = model.fit_predict(fuse_views(two_views[0], n_neighbours=10))
    np.testing.assert_array_equal(snf(two_views[0], 4, 5, n_neighbours=10), expected)


def test_views_that_are_shared_are_fused_once_and_clustered_alike(two_views, monkeypatch):
    views = FusibleViews(two_views[0])
    expected = [snf(two_views[0], 4, seed) for seed in (0, 1)]
    made = []
    monkeypatch.setattr(module, "fuse", lambda *given: made.append(1) or fuse(*given))
    for seed in (0, 1):
        np.testing.assert_array_equal(snf(views, 4, seed), expected[seed])
    assert len(made) == 1


def test_memory_grows_with_pairs_of_samples_and_not_with_triples():
    def peak(n):
        x = np.random.default_rng(0).normal(size=(n, 5))
        tracemalloc.start()
        fuse_views({"a": x}, n_iterations=2)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(800) < 6 * peak(400)  # 4 if quadratic


def test_bad_input_is_refused():
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"3 samples, .*got 2 samples"):
        affinity(x)
    with pytest.raises(ValueError, match=r"positive bandwidth; .*bandwidth = 0"):
        affinity(np.eye(5), bandwidth=0)
    with pytest.raises(ValueError, match="must be finite"):
        affinity(np.full((5, 2), np.nan))
    with pytest.raises(ValueError, match=r"at least one; got \{\}"):
        fuse({})
    with pytest.raises(ValueError, match="same samples"):
        fuse({"a": np.eye(4), "b": np.eye(5)})
