"""The start at PCA: latents are sklearn's components, for each model, and small cohorts pass."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from helpers.models.vae import VAE
from helpers.vqvae_subtyping.argument_groups import Codebook
from helpers.vqvae_subtyping.extractors.autoencoder import Autoencoder
from helpers.vqvae_subtyping.extractors.pca_start import start_at_pca
from helpers.vqvae_subtyping.extractors.vqvae import VQVAE

BOOK = {"codebook": Codebook(4, 1, 0.0), "form": "multi"}


def built(model, **changes):
    torch.manual_seed(0)
    return model(12, [8], 5, **({"noise_sd": 1.0, "dropout": 0.0, "linear_skip": True} | changes))


def profiles(n=60):
    return torch.tensor(
        3 + np.random.default_rng(0).normal(size=(n, 12)) * np.arange(1, 13)
    ).float()


@pytest.mark.parametrize(
    ("model", "changes"), [(Autoencoder, {}), (VAE, {}), (VQVAE, BOOK)], ids=["ae", "vae", "vqvae"]
)
def test_the_start_is_sklearns_pca(model, changes):
    model, x = built(model, **changes), profiles()
    start_at_pca(model, x)
    pca = PCA(5).fit(x.numpy())
    with torch.no_grad():
        z = model.encode(x)
        z = z.mean if isinstance(model, VAE) else z
        decoded = model.decode(z).mean
    components = pca.transform(x.numpy())
    np.testing.assert_allclose(np.abs(z), np.abs(components), atol=1e-3)
    np.testing.assert_allclose(decoded, pca.inverse_transform(components), atol=1e-3)


def test_the_networks_learn_from_there():
    model, x = built(Autoencoder), profiles()
    start_at_pca(model, x)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    before = model.loss_terms(x)["reconstruction"].item()
    for _ in range(50):
        optimizer.zero_grad()
        loss = model.loss_terms(x)["reconstruction"]
        loss.backward()
        optimizer.step()
    assert loss.item() < before
    assert model.output.weight.abs().max() > 0 and model.bottleneck.weight.abs().max() > 0


def test_fewer_samples_than_latents_leave_the_rest_at_random():
    model, x = built(Autoencoder), profiles(n=3)  # rank 2
    before = model.linear_encoder.weight.detach().clone()
    start_at_pca(model, x)
    weight = model.linear_encoder.weight.detach()
    torch.testing.assert_close(weight[:2] @ weight[:2].T, torch.eye(2))
    assert torch.equal(weight[2:], before[2:])
    assert np.isfinite(model.latent(x)).all()


def test_a_model_without_the_linear_path_is_refused():
    with pytest.raises(ValueError, match="build with `linear_skip=True`"):
        start_at_pca(built(Autoencoder, linear_skip=False), profiles())
