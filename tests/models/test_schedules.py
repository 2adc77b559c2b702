"""Weights that change over the epochs."""

import pytest

from helpers.models.schedules import cyclical_annealing, linear_warmup


def test_cyclical_annealing_rises_in_half_a_cycle_and_ends_at_its_weight():
    weight = cyclical_annealing(0.1, n_epochs=40, n_cycles=4)
    values = [weight(epoch) for epoch in range(1, 41)]
    assert values[4] == values[9] == values[39] == pytest.approx(0.1)
    assert values[10] == pytest.approx(0.02)  # a new cycle
    assert max(values) == pytest.approx(0.1)
    assert cyclical_annealing(0.1, 40, 0) == 0.1
    once = cyclical_annealing(0.1, 40, 1)
    assert once(1) == pytest.approx(0.005) and once(20) == once(40) == pytest.approx(0.1)


def test_linear_warmup_rises_to_its_weight_and_stays():
    weight = linear_warmup(2.0, 8)
    assert [weight(epoch) for epoch in (1, 4, 8, 50)] == [0.25, 1.0, 2.0, 2.0]
    assert linear_warmup(2.0, 0) == 2.0
