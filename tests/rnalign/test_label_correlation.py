"""L_cor of training against the formula that autograd differentiates."""

import pytest
import torch

from helpers.rnalign.label_correlation import label_correlation
from helpers.rnalign.loss_terms import distance_correlation


def labels_and_latents(dtype=torch.float64, n=60):
    generator = torch.Generator().manual_seed(0)
    kinds = torch.randint(0, 5, (n,), generator=generator)  # many rows are equal
    labels = torch.eye(5, dtype=dtype)[kinds]
    z = 10 + torch.randn(n, 4, dtype=dtype, generator=generator) + labels[:, :4]
    return labels, z.requires_grad_()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-11), (torch.float32, 2e-5)])
def test_value_and_gradient_are_those_of_the_formula(dtype, tolerance):
    labels, z = labels_and_latents(dtype)
    ours, formula = label_correlation(labels, z), distance_correlation(labels, z)
    torch.testing.assert_close(ours, formula, rtol=tolerance, atol=0)
    found, expected = (torch.autograd.grad(value, z)[0] for value in (ours, formula))
    assert (found - expected).norm() < tolerance * expected.norm()


def test_gradient_is_that_of_finite_differences():
    labels, z = labels_and_latents(n=9)
    assert torch.autograd.gradcheck(lambda z: label_correlation(labels, z), z)


@pytest.mark.parametrize("rows", ["equal rows", "constant labels", "constant z", "two samples"])
def test_where_distances_are_zero_the_gradient_is_the_formulas(rows):
    labels, z = labels_and_latents(n=2 if rows == "two samples" else 8)
    z = z.detach() * 0.1
    if rows == "equal rows":
        z[1] = z[0]
    if rows == "constant labels":
        labels = labels[:1].repeat(8, 1) * 0.1 + 3  # not a number that rounds to itself
    if rows == "constant z":
        z = z[:1].repeat(8, 1)
    z.requires_grad_()
    ours, formula = label_correlation(labels, z), distance_correlation(labels, z)
    torch.testing.assert_close(ours, formula)
    found, expected = (torch.autograd.grad(value, z)[0] for value in (ours, formula))
    torch.testing.assert_close(found, expected)
