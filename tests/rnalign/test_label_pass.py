"""The pass with its derivative by the labels against autograd, differentiated twice."""

from itertools import pairwise

import pytest
import torch
from torch.nn.functional import linear, relu

from helpers.rnalign.label_pass import Draws, Pass, Weights, label_pass

N, N_GENES, N_LABELS, N_LATENT = 9, 11, 4, 3


def setting(n_hidden, sees_labels, seed=0):
    """Samples, labels, weights and draws; two layers each way for two widths."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    def maps(*sizes):
        shapes = [((n_out, n_in), (n_out,)) for n_in, n_out in pairwise(sizes)]
        return [tuple(drawn(*shape).requires_grad_() for shape in pair) for pair in shapes]

    back = n_hidden[::-1]
    weights = Weights(
        maps(N_GENES + sees_labels * N_LABELS, *n_hidden),
        *maps(n_hidden[-1], N_LATENT),
        *maps(n_hidden[-1], N_LATENT),
        maps(N_LATENT + N_LABELS, *back),
        *maps(n_hidden[0], N_GENES),
    )
    kept = [[(drawn(N, width) > -0.5) / 0.7 for width in widths] for widths in (n_hidden, back)]
    return drawn(N, N_GENES), drawn(N, N_LABELS), weights, Draws(drawn(N, N_LATENT), *kept)


def by_autograd(x, y, weights, draws, *, sees_labels):
    """The same from the likelihood itself."""
    y = y.clone().requires_grad_()
    hidden = torch.cat([x, y], dim=1) if sees_labels else x
    for pair, kept in zip(weights.encoder, draws.encoder, strict=True):
        hidden = relu(linear(hidden, *pair)) * kept
    mean, log_var = linear(hidden, *weights.mean), linear(hidden, *weights.log_var).clamp(-8, 8)
    z = mean + draws.noise * torch.exp(log_var / 2)
    hidden = torch.cat([z, y], dim=1)
    for pair, kept in zip(weights.decoder, draws.decoder, strict=True):
        hidden = relu(linear(hidden, *pair)) * kept
    squared = (linear(hidden, *weights.output) - x).square().sum(dim=1)
    (gradient,) = torch.autograd.grad(squared.sum() / 2, y, create_graph=True)
    return Pass(mean, log_var, z, squared, gradient)


def flat(weights):
    for maps in weights:
        for part in maps:
            yield from [part] if isinstance(part, torch.Tensor) else part


@pytest.mark.parametrize("sees_labels", [True, False])
@pytest.mark.parametrize("n_hidden", [(6,), (6, 5, 7)])
@pytest.mark.parametrize("used", ["all", *range(5)])
def test_values_and_every_gradient_are_autograds(n_hidden, sees_labels, used):
    x, y, weights, draws = setting(n_hidden, sees_labels)
    trained, results = [*flat(weights)], []
    for form in (label_pass, by_autograd):
        found = form(x, y, weights, draws, sees_labels=sees_labels)
        parts = found if used == "all" else [found[used]]
        # Cubes: what reaches a result then depends on it, as it does from a norm.
        loss = sum((part**3).sum() for part in parts)
        gradients = torch.autograd.grad(loss, trained, materialize_grads=True)
        results.append((tuple(found), gradients))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def test_some_log_variances_of_that_test_are_clamped_and_have_no_slope():
    x, y, weights, draws = setting((6,), sees_labels=True)
    log_var = label_pass(x, y, weights, draws, sees_labels=True).log_var
    assert 0 < (log_var.abs() == 8).sum() < log_var.numel()


def test_without_the_derivative_the_rest_is_the_same_to_the_bit():
    x, y, weights, draws = setting((6, 5), sees_labels=True)
    whole, without = (
        label_pass(x, y, weights, draws, sees_labels=True, with_gradient=asked)
        for asked in (True, False)
    )
    assert not without.gradient.any()
    trained = [*flat(weights)]
    ours, theirs = (
        torch.autograd.grad(found.squared.sum() + found.z.sum(), trained)
        for found in (whole, without)
    )
    assert all(torch.equal(*pair) for pair in zip(whole[:4], without[:4], strict=True))
    assert all(torch.equal(*pair) for pair in zip(ours, theirs, strict=True))
