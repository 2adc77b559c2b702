"""One picture a seed."""

import numpy as np
import pytest
import torch

from helpers.figures import umap_layout as layout


def test_neighbours_are_exact_up_to_a_number_of_samples(monkeypatch):
    monkeypatch.setattr(layout, "MOST_EXACT", 60)
    z = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    index, distance, _ = layout._neighbours(z)
    pairs = np.linalg.norm(z[:, None] - z[None], axis=2)
    np.testing.assert_array_equal(index, pairs.argsort(axis=1)[:, :15])
    np.testing.assert_allclose(distance[:, 1:], np.sort(pairs, axis=1)[:, 1:15], rtol=1e-4)
    for n in (15, 61):
        assert layout._neighbours(np.zeros((n, 3), np.float32)) == (None, None, None)


def test_a_seed_gives_one_picture_and_torch_keeps_its_threads():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    before = torch.get_num_threads()
    first, again = layout.umap_layout(z, 1), layout.umap_layout(z, 1)
    assert torch.get_num_threads() == before and first.shape == (90, 2)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(layout.umap_layout(z, 1, n_epochs=10), first)


@pytest.mark.filterwarnings("ignore:precomputed_knn", "ignore:n_jobs", "ignore:using precomputed")
def test_exact_neighbours_give_the_graph_that_umap_makes_of_all_pairs():
    from umap import UMAP

    z = np.random.default_rng(0).normal(size=(90, 5)).astype(np.float32)
    settings = {"n_epochs": 1, "random_state": 1, "n_jobs": 1, "init": "random"}
    own = UMAP(**settings).fit(z).graph_
    here = UMAP(precomputed_knn=layout._neighbours(z), **settings).fit(z).graph_
    np.testing.assert_allclose(here.toarray(), own.toarray(), atol=1e-4)
