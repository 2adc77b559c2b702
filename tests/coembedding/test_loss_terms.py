"""Loss terms of paper 2 against torch's own formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.coembedding.loss_terms import (
    huber_loss,
    label_triplet_loss,
    squared_distance_loss,
    triplet_loss,
)

numbers = st.floats(-3, 3, allow_nan=False, width=32)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8), st.floats(0.1, 2))
def test_huber_is_quadratic_then_linear_summed_then_averaged(rows, threshold):
    predicted = torch.tensor([[a, 0.0] for a, _ in rows], dtype=torch.float64)
    x = torch.tensor([[b, 0.0] for _, b in rows], dtype=torch.float64)
    error = (predicted - x).abs().numpy()
    linear = threshold * (error - threshold / 2)
    expected = np.where(error <= threshold, error**2 / 2, linear).sum(axis=1).mean()
    assert float(huber_loss(predicted, x, threshold)) == pytest.approx(expected)


def test_squared_distance_is_summed_over_dimensions():
    a, b = torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[3.0, 4.0], [1.0, 1.0]])
    assert float(squared_distance_loss(a, b)) == 12.5


@pytest.mark.parametrize("seed", range(3))
def test_triplet_loss_is_torchs(seed):
    torch.manual_seed(seed)
    a, p, n = torch.randn(3, 20, 4, dtype=torch.float64)
    expected = torch.nn.functional.triplet_margin_loss(a, p, n, margin=1.0, eps=0)
    assert float(triplet_loss(a, p, n)) == pytest.approx(float(expected))


def test_triplet_loss_has_a_finite_gradient_where_a_sample_is_its_own_positive():
    z = torch.randn(5, 3, requires_grad=True)
    triplet_loss(z, z, z.flip(0)).backward()
    assert torch.isfinite(z.grad).all()


def test_label_triplets_fall_as_types_part_and_do_not_care_about_lonely_ones():
    label = torch.arange(30) % 3
    torch.manual_seed(0)
    z = torch.randn(30, 3)
    apart = z + 20 * torch.eye(3)[label]
    assert float(label_triplet_loss(z, label)) > 0.5
    assert float(label_triplet_loss(apart, label)) == 0
    assert float(label_triplet_loss(z, torch.arange(30))) == 0  # nobody has a positive
    assert float(label_triplet_loss(z, torch.zeros(30, dtype=torch.long))) == 0  # nor a negative


def test_label_triplets_take_positives_of_the_label_and_negatives_of_others():
    label = torch.tensor([0, 0, 1, 1])
    z = torch.tensor([[0.0], [3.0], [5.0], [5.0]])  # one positive each, negatives at known places
    values = {round(float(label_triplet_loss(z, label)), 4) for _ in range(50)}
    # Row 0: 3 − 5 + 1 → 0; row 1: 3 − 2 + 1 = 2; rows 2 and 3: 0 − (5 or 2) + 1 → 0.
    assert values == {0.5}


def test_positives_and_negatives_are_drawn_evenly():
    label = torch.tensor([0, 0, 0, 1, 1])
    z = torch.tensor([[0.0], [1.0], [3.0], [10.0], [30.0]])  # every gap names who was drawn
    torch.manual_seed(0)
    draws = torch.stack([label_triplet_loss(z, label) for _ in range(4000)])
    # Of each anchor: mean over positives of |a − p| less mean over negatives of |a − n|, plus 1;
    # hinges of 0 but where |a − p| + 1 > |a − n|. Enumerated over the pairs instead of drawn.
    mean = 0.0
    for a in range(5):
        positive = [p for p in range(5) if label[p] == label[a] and p != a]
        negative = [n for n in range(5) if label[n] != label[a]]
        gaps = [(z[a] - z[p]).abs() - (z[a] - z[n]).abs() for p in positive for n in negative]
        mean += float(torch.stack(gaps).add(1).clamp_min(0).mean()) / 5
    error = float(draws.std()) / len(draws) ** 0.5
    assert abs(float(draws.mean()) - mean) < 5 * error
