"""Loss terms of paper 4 against dcor and against derivatives."""

import numpy as np
import pytest
import torch

from helpers.rnalign.loss_terms import (
    distance_correlation,
    label_gradient,
    label_gradient_loss,
    log_label_gradient_loss,
    unbiased_distance_correlation,
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (distance_correlation, "distance_correlation"),
        (unbiased_distance_correlation, "u_distance_correlation_sqr"),
    ],
)
def test_distance_correlation_is_dcors(dcor, seed, ours, theirs):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 3))
    y = np.c_[x[:, :1] ** 2, rng.normal(size=(40, 2))] if seed % 2 else rng.normal(size=(40, 2))
    found = float(ours(torch.tensor(x), torch.tensor(y)))
    assert found == pytest.approx(getattr(dcor, theirs)(x, y), abs=1e-9)


def test_distance_correlation_knows_its_special_cases():
    x = torch.randn(50, 4, dtype=torch.float64)
    turned = x @ torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64))[0]
    assert float(distance_correlation(x, x)) == pytest.approx(1)
    assert float(distance_correlation(x, 3 * turned + 1)) == pytest.approx(1)
    assert float(distance_correlation(x, torch.ones(50, 2, dtype=torch.float64))) == 0
    assert float(distance_correlation(x[:, :1], x[:, :1] ** 2)) > 0.2  # no linear correlation


def test_distance_correlation_has_a_floor_in_small_minibatches():
    generator = torch.Generator().manual_seed(0)
    labels = torch.eye(8)[torch.randint(0, 8, (64,), generator=generator)]
    independent = torch.randn(64, 64, generator=generator)
    assert 0.4 < float(distance_correlation(labels, independent)) < 0.8


@pytest.mark.parametrize("rows", ["equal rows", "constant", "all equal"])
def test_distance_correlation_has_a_finite_gradient_where_distances_are_zero(rows):
    z = torch.randn(8, 3)
    labels = torch.eye(2)[torch.arange(8) % 2]
    if rows == "equal rows":
        z[1] = z[0]
    if rows == "constant":
        labels = torch.ones(8, 2)
    if rows == "all equal":
        z = torch.ones(8, 3)
    z.requires_grad_()
    distance_correlation(labels, z).backward()
    assert torch.isfinite(z.grad).all()


def test_unbiased_distance_correlation_has_no_floor_and_a_finite_gradient():
    generator = torch.Generator().manual_seed(0)
    values = []
    for _ in range(20):
        labels = torch.eye(8)[torch.randint(0, 8, (32,), generator=generator)]
        z = torch.randn(32, 16, generator=generator)
        values.append(float(unbiased_distance_correlation(labels, z)))
    assert abs(np.mean(values)) < 0.02 < float(distance_correlation(labels, z))
    for z in (torch.ones(8, 3), torch.randn(3, 2), torch.eye(8)[:, :3].contiguous()):
        z.requires_grad_()
        unbiased_distance_correlation(torch.eye(2)[torch.arange(len(z)) % 2], z).backward()
        assert torch.isfinite(z.grad).all()


def test_label_gradient_is_the_norm_of_the_derivative_and_can_be_differentiated_again():
    y = torch.tensor([[1.0, 2.0], [0.0, 0.0]], requires_grad=True)
    weight = torch.tensor(3.0, requires_grad=True)
    norm = label_gradient(weight * y.square().sum(dim=1), y)  # ‖2 w y‖
    torch.testing.assert_close(norm, torch.tensor([6 * 5**0.5, 0.0]))
    label_gradient_loss(norm).backward()
    assert float(weight.grad) == pytest.approx(-(5**0.5))  # −mean of 2‖y‖, finite at y = 0


def test_log_form_pulls_less_the_larger_the_gradient():
    norm = torch.tensor([0.0, 9.0], requires_grad=True)
    log_label_gradient_loss(norm).backward()
    torch.testing.assert_close(norm.grad, torch.tensor([-0.5, -0.05]))
    assert float(label_gradient_loss(norm.detach())) == -4.5
