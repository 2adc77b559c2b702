"""The VAE of paper 1: shapes, its ELBO, what `eval()` means, and that it beats its own start."""

import pytest
import torch
from jaxtyping import Float, jaxtyped
from torch import Tensor

from helpers.models.networks import LOG_VARIANCE_RANGE, GaussianHead, dense_layers
from helpers.models.training import Training, fit
from helpers.models.vae import VAE


def small_vae(**changes):
    torch.manual_seed(0)
    return VAE(12, [8, 6], 3, **({"noise_sd": 1.0, "dropout": 0.0} | changes))


def test_encoder_has_the_papers_two_relu_layers_and_the_decoder_mirrors_them():
    model = small_vae()
    widths = [m.weight.shape for m in model.encoder if isinstance(m, torch.nn.Linear)]
    assert widths == [(8, 12), (6, 8)]
    mirrored = [m.weight.shape for m in model.decoder if isinstance(m, torch.nn.Linear)]
    assert mirrored == [(6, 3), (8, 6)]
    assert model.output.weight.shape == (12, 8)


@jaxtyped(typechecker=None)
def test_shapes():
    model, x = small_vae(), torch.randn(5, 12)
    qz = model.encode(x)
    assert isinstance(qz.mean, Float[Tensor, "5 3"])
    assert isinstance(model.decode(qz.mean).mean, Float[Tensor, "5 12"])


def test_loss_is_an_upper_bound_of_the_negative_log_likelihood_of_a_linear_gaussian_model():
    """With a linear decoder p(x) is Gaussian: importance-free check that −ELBO ≥ −log p(x)."""
    model = small_vae(noise_sd=0.8).eval()
    weight = model.output.weight.detach()
    model.decode = lambda z: torch.distributions.Normal(z @ weight[:, :3].T, 0.8)
    x = torch.randn(200, 12)
    model.train()
    torch.manual_seed(1)
    with torch.no_grad():
        bound = torch.stack([sum(model.loss_terms(x).values()) for _ in range(200)]).mean()
    covariance = weight[:, :3] @ weight[:, :3].T + 0.64 * torch.eye(12)
    exact = -torch.distributions.MultivariateNormal(torch.zeros(12), covariance).log_prob(x).mean()
    assert float(bound) > float(exact)


def test_eval_uses_the_posterior_mean_and_training_draws_samples():
    model, x = small_vae(), torch.randn(5, 12)
    first, second = (float(model.train().loss_terms(x)["reconstruction"]) for _ in range(2))
    assert first != second
    first, second = (float(model.eval().loss_terms(x)["reconstruction"]) for _ in range(2))
    assert first == second


def test_noise_sd_scales_the_squared_error():
    x = torch.randn(5, 12)
    plain, sharp = small_vae(noise_sd=1.0).eval(), small_vae(noise_sd=0.5).eval()
    constant = 12 * 0.5 * torch.log(torch.tensor(2 * torch.pi))
    squared = float(plain.loss_terms(x)["reconstruction"] - constant)
    sharp_squared = (
        sharp.loss_terms(x)["reconstruction"] - constant - 12 * torch.log(torch.tensor(0.5))
    )
    assert float(sharp_squared) == pytest.approx(4 * squared, rel=1e-4)


def test_extreme_inputs_give_finite_losses_and_gradients():
    model = small_vae()
    loss = sum(model.loss_terms(1e4 * torch.ones(4, 12)).values())
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_log_variance_is_clamped():
    head = GaussianHead(2, 3)
    low, high = (0.5 * torch.tensor(LOG_VARIANCE_RANGE)).exp()
    sd = head(torch.tensor([[1e6, -1e6], [-1e6, 1e6]])).stddev
    assert (sd >= low).all() and (sd <= high).all()


def test_training_recovers_low_dimensional_data():
    torch.manual_seed(0)
    z = torch.randn(400, 3)
    x = z @ torch.randn(3, 12) + 0.1 * torch.randn(400, 12)
    model = small_vae(noise_sd=0.3)
    history = fit(
        model,
        x[:300],
        x[300:],
        weights={"reconstruction": 1.0, "kl": 1.0},
        seed=0,
        training=Training(
            n_epochs=150, minibatch_size=64, learning_rate=3e-3, patience=150, device="cpu"
        ),
    )
    with torch.no_grad():
        residual = x[300:] - model.decode(model.encode(x[300:]).mean).mean
    assert float(residual.var() / x[300:].var()) < 0.15
    assert history.best_epoch > 50


@pytest.mark.parametrize("noise_sd", [0, -1.0])
def test_noise_must_be_positive(noise_sd):
    with pytest.raises(ValueError, match="`noise_sd` must be above 0"):
        small_vae(noise_sd=noise_sd)


@pytest.mark.parametrize("sizes", [(3,), (3, 0)])
def test_layers_need_two_widths_above_zero(sizes):
    with pytest.raises(ValueError, match="at least an input and an output"):
        dense_layers(sizes)


def test_dropout_sits_after_every_relu():
    kinds = [type(m).__name__ for m in dense_layers((4, 3, 2), dropout=0.5)]
    assert kinds == ["Linear", "ReLU", "Dropout"] * 2


def test_the_linear_path_is_added_to_both_means_and_off_unless_asked_for():
    plain, model, x = small_vae(), small_vae(linear_skip=True), torch.randn(5, 12)
    assert not any(name.startswith("linear") for name, _ in plain.named_parameters())
    network = model.posterior(model.encoder(x))
    qz = model.encode(x)
    assert torch.allclose(qz.mean, network.mean + x @ model.linear_encoder.weight.T, atol=1e-6)
    assert torch.equal(qz.stddev, network.stddev)
    straight = qz.mean @ model.linear_decoder.weight.T
    bent = model.output(model.decoder(qz.mean))
    assert torch.allclose(model.decode(qz.mean).mean, straight + bent, atol=1e-6)


def test_with_a_silent_network_the_linear_path_is_a_linear_map():
    model = small_vae(linear_skip=True)
    for part in (model.posterior.mean, model.output):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    x, y = torch.randn(5, 12), torch.randn(5, 12)
    decoded = [model.decode(model.encode(rows).mean).mean for rows in (x, y, x + y)]
    assert torch.allclose(decoded[0] + decoded[1], decoded[2], atol=1e-5)
