import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway
from sklearn.metrics import adjusted_rand_score

from helpers.rnalign.rivals import expression_clusters
from helpers.rnalign.rivals.expression_clusters import (
    cluster_samples,
    moderated_f,
    within_clusters,
)


def test_planted_types_are_found_and_none_is_mixed(planted):
    lines = planted.x[~planted.is_line & (planted.purity > 0.5)]
    types = planted.cancer_type[~planted.is_line & (planted.purity > 0.5)]
    assert adjusted_rand_score(types, cluster_samples(lines, resolution=0.5)) > 0.95
    fine = pd.crosstab(cluster_samples(lines), types)
    assert ((fine > 0).sum(axis=1) == 1).mean() > 0.9


def test_a_higher_resolution_gives_more_clusters_and_a_seed_the_same(planted):
    coarse, fine = (cluster_samples(planted.x, resolution=r) for r in (0.5, 5.0))
    assert len(np.unique(coarse)) < len(np.unique(fine))
    np.testing.assert_array_equal(fine, cluster_samples(planted.x, resolution=5.0))
    assert sorted(np.unique(fine)) == list(range(fine.max() + 1))


def test_shared_neighbours_are_the_jaccard_index():
    z = np.random.default_rng(0).normal(size=(60, 3))
    graph = expression_clusters._shared_neighbours(z).toarray()
    distance = np.linalg.norm(z[:, None] - z, axis=2)
    near = [set(np.argsort(row)[:20]) for row in distance]
    for a, b in [(0, 1), (3, 40), (10, 59)]:
        expected = len(near[a] & near[b]) / len(near[a] | near[b])
        assert graph[a, b] == pytest.approx(expected if expected >= 1 / 15 else 0)
    assert np.triu(graph, 1).sum() == graph.sum()


def test_cluster_means_are_taken_out():
    rng = np.random.default_rng(0)
    x, clusters = rng.normal(size=(30, 4)) + 5, rng.choice([3, 7, 8], 30)
    frame = pd.DataFrame(x)
    expected = frame - frame.groupby(clusters).transform("mean")
    np.testing.assert_allclose(within_clusters(x, clusters), expected, atol=1e-12)


def test_f_is_scipys_when_every_variance_is_kept(monkeypatch):
    monkeypatch.setattr(expression_clusters, "squeeze_variances", lambda variance, n_free: variance)
    rng = np.random.default_rng(0)
    x, clusters = rng.normal(size=(40, 6)), np.repeat([0, 1, 2, 3], [4, 10, 12, 14])
    expected = f_oneway(*(x[clusters == c] for c in range(4))).statistic
    np.testing.assert_allclose(moderated_f(x, clusters), expected)


def test_planted_genes_have_the_largest_f():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(5), 20)
    x = rng.normal(size=(100, 300))
    x[:, :30] += rng.normal(0, 1.5, (5, 30))[clusters]
    assert np.mean(np.argsort(-moderated_f(x, clusters))[:30] < 30) > 0.85


def test_clusters_of_one_or_two_do_not_count():
    rng = np.random.default_rng(0)
    x, clusters = rng.normal(size=(30, 5)), np.repeat([0, 1], 15)
    with_odd = np.vstack([x, np.full((2, 5), 99.0)]), np.append(clusters, [2, 3])
    np.testing.assert_allclose(moderated_f(x, clusters), moderated_f(*with_odd))


def test_one_cluster_and_constant_genes_give_zero():
    x = np.random.default_rng(0).normal(size=(20, 3))
    assert (moderated_f(x, np.zeros(20, int)) == 0).all()
    x[:, 1] = 4
    f = moderated_f(x, np.repeat([0, 1], 10))
    assert f[1] == 0 and np.isfinite(f).all()
