"""The same samples before and after, from one seed and one thread."""

import sys
from types import SimpleNamespace

import numpy as np

from helpers.rnalign.analyses.projection import project_before_after


def test_both_are_projected_alike_and_rows_can_be_chosen(monkeypatch):
    asked = []

    class Umap:
        """What is asked of UMAP, whose import takes longer than all other tests here."""

        def __init__(self, n_neighbors, random_state, n_jobs, precomputed_knn):
            assert (random_state, n_jobs) == (7, 1)  # several threads do not repeat themselves
            asked.append((n_neighbors, *precomputed_knn[:2]))

        def fit_transform(self, x):
            return x[:, :2]

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=Umap))
    aligned = {"input": np.arange(12.0).reshape(4, 3), "rnalign": np.ones((4, 3)), "z_only": None}
    rows = np.array([True, False, True, True])
    before, after = project_before_after(aligned, 7, rows)
    np.testing.assert_array_equal(before, [[0, 1], [6, 7], [9, 10]])
    np.testing.assert_array_equal(after, np.ones((3, 2)))
    assert project_before_after(aligned, 7)[0].shape == (4, 2)
    assert all(index is None for _, index, _ in asked)  # fewer samples than neighbours
    x = np.random.default_rng(0).normal(size=(30, 3))
    project_before_after({"input": x, "rnalign": x}, 7)
    k, index, distance = asked[-1]
    gaps = np.linalg.norm(x[:, None] - x, axis=2)
    np.testing.assert_array_equal(index, gaps.argsort(axis=1)[:, :k])  # itself first
    np.testing.assert_allclose(distance, np.sort(gaps, axis=1)[:, :k], atol=1e-6)
