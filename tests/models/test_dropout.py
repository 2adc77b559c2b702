"""Dropout is torch's in distribution, and asks for a quarter of a random number an element."""

import numpy as np
import pytest
import torch

from helpers.models.dropout import Dropout


def _dropped(p, shape=(1000, 997)):
    torch.manual_seed(0)
    layer = Dropout(p)
    return layer(torch.ones(shape))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_is_dropped_and_the_mean_is_kept(p):
    seen = _dropped(p)
    error = (p * (1 - p) / seen.numel()) ** 0.5  # SD of a binomial share
    assert abs(float((seen == 0).float().mean()) - p) < 5 * error + 2**-17
    assert seen[seen > 0].unique().tolist() == pytest.approx([1 / (1 - p)], rel=1e-3)
    assert abs(float(seen.mean()) - 1) < 5 * error / (1 - p)


def test_rows_columns_and_neighbours_are_independent():
    kept = (_dropped(0.5) > 0).double().numpy()
    for counts, n in ((kept.sum(axis=0), 1000), (kept.sum(axis=1), 997)):
        # The variance of about 1,000 binomial counts is known to √(2 / 1,000) of itself.
        assert counts.var() == pytest.approx(n / 4, rel=5 * np.sqrt(2 / 997))
    flat = kept.ravel() - 0.5
    for step in (1, 2, 3, 4, 997):  # numbers 1 to 3 apart come from one random word
        assert abs((flat[step:] * flat[:-step]).mean() * 4) < 5 / np.sqrt(len(flat))


def test_the_gradient_is_the_scale_of_what_was_kept():
    x = torch.randn(50, 7, requires_grad=True)
    y = Dropout(0.3)(x)
    y.sum().backward()
    torch.testing.assert_close(x.grad * x.detach(), y.detach())


def test_off_in_eval_and_without_a_share():
    x = torch.randn(5, 3)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_a_seed_gives_it_again_and_no_element_is_left_over():
    for n in range(6):  # also lengths that four does not divide
        torch.manual_seed(1)
        first = Dropout(0.5)(torch.ones(n))
        torch.manual_seed(1)
        assert torch.equal(first, Dropout(0.5)(torch.ones(n))) and first.shape == (n,)


@pytest.mark.parametrize("p", [-0.1, 1.0])
def test_a_share_outside_is_refused(p):
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Dropout(p)
