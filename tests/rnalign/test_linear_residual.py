"""The residual of a linear layer against the residual itself, and what it multiplies."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from helpers.rnalign.linear_residual import linear_residual


def layer(n=7, n_genes=11, n_hidden=4, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    shapes = (n, n_hidden), (n_genes, n_hidden), (n_genes,), (n, n_genes)
    return [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]


def by_autograd(parts, of_squared, of_pull):
    """‖r‖², Wᵀr and gradients of what hands these to them, all from r itself."""
    *trained, x = parts
    hidden, weight, bias = (part.clone().requires_grad_() for part in trained)
    residual = hidden @ weight.T + bias - x
    squared, pull = residual.square().sum(dim=1), residual @ weight
    loss = (squared * of_squared).sum() + (0 if of_pull is None else (pull * of_pull).sum())
    return squared, pull, torch.autograd.grad(loss, (hidden, weight, bias))


@pytest.mark.parametrize("with_pull", [True, False])
@pytest.mark.parametrize("n", [7, 3])  # more samples than hidden units, and fewer
def test_values_and_gradients_are_those_of_the_residual(n, with_pull):
    parts = layer(n)
    of_squared, of_pull = torch.rand(n, dtype=torch.float64), torch.rand_like(parts[0])
    given = of_squared, of_pull if with_pull else None
    found, (squared, pull, gradients) = linear_residual(*parts), by_autograd(parts, *given)
    torch.testing.assert_close((found.squared, found.pull), (squared, pull))
    torch.testing.assert_close(found.gradients(*given), gradients)


def test_in_float32_the_squares_are_good_to_a_millionth_of_those_of_x():
    hidden, weight, bias, x = layer(160, 530, 128, torch.float32)
    parts = hidden / 10, weight / 10, bias, x
    exact = linear_residual(*(part.double() for part in parts)).squared
    gap = (linear_residual(*parts).squared - exact).abs().max()
    assert gap < 1e-6 * x.square().sum(dim=1).max()


@pytest.mark.parametrize(("n", "share"), [(256, 0.6), (64, 1.01), (16, 1.01)])
def test_products_over_the_genes_are_few(n, share):
    """Never more than with r itself, and fewer with many samples."""
    parts = layer(n, 530, 128, torch.float32)
    given = torch.rand(n), torch.rand(n, 128)

    def operations(function):
        with FlopCounterMode(display=False) as counter:
            function()
        return counter.get_total_flops()

    ours = operations(lambda: linear_residual(*parts).gradients(*given))
    assert ours < share * operations(lambda: by_autograd(parts, *given))
