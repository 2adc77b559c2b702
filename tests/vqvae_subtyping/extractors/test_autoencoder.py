"""The plain autoencoder: its loss, its size beside the VAE's, reading it out."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from helpers.models.networks import AutoencoderFrame
from helpers.models.training import Training, fit
from helpers.models.vae import VAE
from helpers.vqvae_subtyping.extractors.autoencoder import Autoencoder


def small(**changes):
    torch.manual_seed(0)
    return Autoencoder(12, [8, 6], 3, **({"noise_sd": 0.7, "dropout": 0.0} | changes))


def test_loss_is_the_negative_log_density_of_the_decoded_mean():
    model, x = small(), torch.randn(5, 12)
    terms = model.loss_terms(x)
    mean = model.decode(model.encode(x)).mean.detach().numpy()
    expected = -norm(mean, 0.7).logpdf(x.numpy()).sum(axis=1).mean()
    assert list(terms) == ["reconstruction"]
    assert terms["reconstruction"].item() == pytest.approx(expected, rel=1e-5)


def test_it_is_the_vae_without_its_second_head():
    weights = {name: value.shape for name, value in small().state_dict().items()}
    vae = VAE(12, [8, 6], 3, noise_sd=1.0, dropout=0.0).state_dict()
    assert {n: s for n, s in weights.items() if "bottleneck" not in n} == {
        name: value.shape for name, value in vae.items() if "posterior" not in name
    }
    assert weights["bottleneck.weight"] == vae["posterior.mean.weight"].shape


def test_latents_are_read_in_eval_whatever_the_mode_and_leave_it_as_it_was():
    model, x = small(dropout=0.5).train(), np.random.default_rng(0).normal(size=(7, 12))
    first, second = model.latent(x), model.continuous(x)
    np.testing.assert_array_equal(first, second)
    assert first.shape == (7, 3) and first.dtype == np.float32
    assert model.training
    expected = model.eval().encode(torch.tensor(x, dtype=torch.float32)).detach()
    np.testing.assert_allclose(first, expected, rtol=1e-6)


def test_training_finds_the_subspace_that_pca_finds():
    torch.manual_seed(0)
    x = torch.randn(400, 3) @ torch.randn(3, 12) + 0.1 * torch.randn(400, 12)
    model = small(noise_sd=1.0)
    fit(
        model,
        x[:300],
        x[300:],
        weights={"reconstruction": 1.0},
        seed=0,
        training=Training(
            n_epochs=200, minibatch_size=64, learning_rate=3e-3, patience=200, device="cpu"
        ),
    )
    with torch.no_grad():
        residual = x[300:] - model.decode(model.encode(x[300:])).mean
    assert float(residual.var() / x[300:].var()) < 0.15


def test_extreme_inputs_give_finite_losses_and_gradients():
    model = small()
    loss = model.loss_terms(1e4 * torch.ones(4, 12))["reconstruction"]
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_noise_must_be_positive():
    with pytest.raises(ValueError, match="`noise_sd` must be above 0; got 0"):
        small(noise_sd=0)


def test_weights_are_drawn_along_the_path_from_x_to_x():
    """The order decides which numbers a seed gives to which layer, so that old runs come back."""
    model = small(linear_skip=True)
    torch.manual_seed(0)
    sizes = [(12, 8), (8, 6), (6, 3), (3, 6), (6, 8), (8, 12)]
    layers = [torch.nn.Linear(*size) for size in sizes]
    layers += [torch.nn.Linear(*size, bias=False) for size in [(12, 3), (3, 12)]]
    expected = [weight for layer in layers for weight in layer.parameters()]
    for ours, theirs in zip(model.parameters(), expected, strict=True):
        assert torch.equal(ours, theirs)


def test_the_frame_alone_is_no_model():
    with pytest.raises(TypeError, match="abstract"):
        AutoencoderFrame(12, [8], 3, noise_sd=1.0, dropout=0.0)
