import numpy as np
import torch

from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness
from helpers.pancan_vae.latent_space.umap_picture import draw_umap


def test_a_seed_gives_one_picture_and_torch_keeps_its_threads():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    before = torch.get_num_threads()
    first, again = draw_umap(z, 1), draw_umap(z, 1)
    assert torch.get_num_threads() == before
    np.testing.assert_array_equal(first.xy, again.xy)
    assert first.xy.shape == (90, 2) and first.tables == {}
    assert first.metrics["latent.trustworthiness.umap"] == trustworthiness(z, first.xy) > 0.8
