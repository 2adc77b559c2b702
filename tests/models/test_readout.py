"""Reading a model out: means not samples, batches that do not show, shuffled z that hurts."""

import numpy as np
import pytest
import torch

from helpers.models import row_source
from helpers.models.losses import kl_loss
from helpers.models.readout import (
    collapse_report,
    decoded_mean,
    latent_kl,
    posterior_mean,
    reconstruction,
)
from helpers.models.training import Training, fit
from helpers.models.vae import VAE


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((300, 2)) @ rng.standard_normal((2, 8))).astype(np.float32)
    torch.manual_seed(0)
    model = VAE(8, [16], 3, noise_sd=0.5, dropout=0.2)
    tensor = torch.from_numpy(x)
    fit(
        model,
        tensor[:250],
        tensor[250:],
        weights={"reconstruction": 1.0, "kl": 1.0},
        seed=0,
        training=Training(
            n_epochs=60, minibatch_size=32, learning_rate=5e-3, patience=60, device="cpu"
        ),
    )
    return model, x


def test_posterior_mean_is_the_mean_even_of_a_model_left_in_training_mode(trained):
    model, x = trained
    model.train()
    first, second = posterior_mean(model, x), posterior_mean(model, x)
    np.testing.assert_array_equal(first, second)
    assert model.training  # left as it was
    model.eval()
    np.testing.assert_allclose(first, model.encode(torch.from_numpy(x)).mean.detach(), atol=1e-6)
    assert first.shape == (300, 3)


def test_batches_do_not_show(trained, monkeypatch):
    model, x = trained
    whole = posterior_mean(model, x), decoded_mean(model, posterior_mean(model, x))
    kl, loss = latent_kl(model, x), reconstruction(model, x, seed=1)
    monkeypatch.setattr(row_source, "N_ROWS", 7)
    np.testing.assert_allclose(posterior_mean(model, x), whole[0], atol=1e-6)
    np.testing.assert_allclose(decoded_mean(model, whole[0]), whole[1], atol=1e-5)
    np.testing.assert_allclose(latent_kl(model, x), kl, rtol=1e-5)
    assert reconstruction(model, x, seed=1) == pytest.approx(loss, rel=1e-5)


def test_latent_kl_sums_to_the_loss(trained):
    model, x = trained
    expected = float(kl_loss(model.encode(torch.from_numpy(x))).detach())
    assert latent_kl(model, x).sum() == pytest.approx(expected, rel=1e-4)


def test_shuffled_z_hurts_a_model_that_uses_it_and_not_one_that_does_not(trained):
    model, x = trained
    assert reconstruction(model, x, seed=0) > 2 * reconstruction(model, x)
    torch.manual_seed(0)
    blind = VAE(8, [16], 3, noise_sd=0.5, dropout=0.0)
    torch.nn.init.zeros_(blind.decoder[0].weight)
    assert reconstruction(blind, x, seed=0) == pytest.approx(reconstruction(blind, x), rel=1e-6)


def test_the_collapse_report_holds_the_three_signs(trained):
    model, x = trained
    report = collapse_report(model, x, seed=0)
    assert report["KL"] == pytest.approx(latent_kl(model, x).sum())
    assert report["reconstruction"] == reconstruction(model, x)
    assert report["with shuffled z"] == reconstruction(model, x, seed=0)
