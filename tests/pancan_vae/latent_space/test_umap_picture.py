import numpy as np

from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness
from helpers.pancan_vae.latent_space.umap_picture import draw_umap


def test_the_picture_says_how_far_it_can_be_trusted():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    picture = draw_umap(z, 1)
    assert picture.xy.shape == (90, 2) and picture.tables == {}
    assert picture.metrics["latent.trustworthiness.umap"] == trustworthiness(z, picture.xy) > 0.8
