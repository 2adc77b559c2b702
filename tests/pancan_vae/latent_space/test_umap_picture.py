import numpy as np
import torch

from helpers.pancan_vae.latent_space import umap_picture
from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness
from helpers.pancan_vae.latent_space.umap_picture import draw_umap


def test_neighbours_are_exact_where_umap_would_estimate_them(monkeypatch):
    z = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    index, distance = umap_picture._neighbours(z)
    pairs = np.linalg.norm(z[:, None] - z[None], axis=2)
    np.testing.assert_array_equal(index, pairs.argsort(axis=1)[:, :15])
    np.testing.assert_allclose(distance[:, 1:], np.sort(pairs, axis=1)[:, 1:15], rtol=1e-4)
    given = []
    monkeypatch.setattr(umap_picture, "_neighbours", lambda z: given.append(len(z)) or (None, None))
    monkeypatch.setattr(umap_picture, "trustworthiness", lambda z, xy: 1.0)
    monkeypatch.setattr("umap.UMAP.fit_transform", lambda self, z: z[:, :2])
    for n in (4095, 4096, 20_001):
        draw_umap(np.zeros((n, 3), np.float32), 0)
    assert given == [4096]


def test_a_seed_gives_one_picture_and_torch_keeps_its_threads():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    before = torch.get_num_threads()
    first, again = draw_umap(z, 1), draw_umap(z, 1)
    assert torch.get_num_threads() == before
    np.testing.assert_array_equal(first.xy, again.xy)
    assert first.xy.shape == (90, 2) and first.tables == {}
    assert first.metrics["latent.trustworthiness.umap"] == trustworthiness(z, first.xy) > 0.8
