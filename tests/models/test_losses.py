"""Loss terms against torch's and scipy's own formulas, and the one place that weighs them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Normal, kl_divergence

from helpers.models.losses import (
    FixedNormal,
    kl_loss,
    kl_per_dimension,
    reconstruction_loss,
    weighted_sum,
)

numbers = st.floats(-3, 3, allow_nan=False, width=32)


def normal(mean, log_var):
    return Normal(torch.as_tensor(mean), torch.exp(0.5 * torch.as_tensor(log_var)))


def test_reconstruction_is_scipys_negative_log_density_summed_then_averaged():
    rng = np.random.default_rng(0)
    x, mean, sd = rng.normal(size=(5, 7)), rng.normal(size=(5, 7)), 0.7
    px = Normal(torch.tensor(mean), torch.full((5, 7), sd, dtype=torch.float64))
    expected = -stats.norm(mean, sd).logpdf(x).sum(axis=1).mean()
    assert float(reconstruction_loss(px, torch.tensor(x))) == pytest.approx(expected)


@pytest.mark.parametrize("sd", [1.0, 0.7])
def test_a_fixed_normal_is_a_normal_and_its_loss_and_gradients_are_the_same(sd):
    generator = torch.Generator().manual_seed(0)
    x, start = torch.randn(7, 30, generator=generator), torch.randn(7, 30, generator=generator)
    losses, gradients = [], []
    for made in (lambda mean: FixedNormal(mean, sd), lambda mean: Normal(mean, torch.tensor(sd))):
        mean = start.clone().requires_grad_()
        px = made(mean)
        torch.testing.assert_close(px.log_prob(x), Normal(start, sd).log_prob(x))
        assert px.stddev.shape == px.sample().shape == (7, 30)
        losses.append(reconstruction_loss(px, x))
        gradients += torch.autograd.grad(losses[-1], mean)
    torch.testing.assert_close(losses[0], losses[1])
    torch.testing.assert_close(*gradients, rtol=0 if sd == 1 else 1e-6, atol=0 if sd == 1 else 1e-6)


def test_kl_is_torchs_to_the_bit():
    qz = normal(torch.randn(9, 4), torch.randn(9, 4))
    prior = Normal(torch.zeros(9, 4), torch.ones(9, 4))
    assert torch.equal(kl_per_dimension(qz), kl_divergence(qz, prior).mean(dim=0))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8))
def test_kl_is_kingma_and_wellings_closed_form_and_never_negative(rows):
    mean = torch.tensor([[m for m, _ in rows]], dtype=torch.float64)
    log_var = torch.tensor([[v for _, v in rows]], dtype=torch.float64)
    closed_form = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
    assert float(kl_loss(normal(mean, log_var))) == pytest.approx(float(closed_form), abs=1e-9)
    assert float(kl_loss(normal(mean, log_var))) >= -1e-12


def test_kl_is_zero_at_the_prior_alone():
    assert float(kl_loss(normal(torch.zeros(3, 4), torch.zeros(3, 4)))) == 0
    assert float(kl_loss(normal(torch.full((3, 4), 0.1), torch.zeros(3, 4)))) > 0


def test_kl_per_dimension_sums_to_the_loss_and_does_not_grow_with_samples():
    mean, log_var = torch.randn(6, 4), torch.randn(6, 4)
    qz = normal(mean, log_var)
    torch.testing.assert_close(kl_per_dimension(qz).sum(), kl_loss(qz))
    doubled = normal(mean.repeat(2, 1), log_var.repeat(2, 1))
    torch.testing.assert_close(kl_loss(doubled), kl_loss(qz))


# Distance correlation


# Label gradient


def test_weights_are_applied_once():
    terms = {"reconstruction": torch.tensor(3.0), "kl": torch.tensor(2.0)}
    assert float(weighted_sum(terms, {"reconstruction": 1.0, "kl": 0.5})) == 4.0


@pytest.mark.parametrize(
    "weights", [{"reconstruction": 1.0}, {"reconstruction": 1, "kl": 1, "c": 1}]
)
def test_missing_or_unknown_weight_is_refused(weights):
    terms = {"reconstruction": torch.tensor(3.0), "kl": torch.tensor(2.0)}
    with pytest.raises(ValueError, match="exactly the model's loss terms"):
        weighted_sum(terms, weights)


# Huber, triplets
