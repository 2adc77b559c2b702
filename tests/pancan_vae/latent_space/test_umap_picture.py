import numpy as np
from sklearn import manifold

from helpers.pancan_vae.latent_space import umap_picture
from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness
from helpers.pancan_vae.latent_space.umap_picture import draw_umap


def test_trust_is_in_the_neighbours_of_the_latent_space(monkeypatch):
    z = np.random.default_rng(0).normal(size=(90, 5))
    monkeypatch.setattr(umap_picture, "umap_layout", lambda z, *_: z[:, :2])
    trust = draw_umap(z, 0).metrics["latent.trustworthiness.umap"]
    assert trust == trustworthiness(z, z[:, :2]) < 0.95
    assert abs(trust - manifold.trustworthiness(z, z[:, :2], n_neighbors=15)) < 0.05


def test_the_picture_says_how_far_it_can_be_trusted():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    picture = draw_umap(z, 1)
    assert picture.xy.shape == (90, 2) and picture.tables == {}
    assert picture.metrics["latent.trustworthiness.umap"] == trustworthiness(z, picture.xy) > 0.8
