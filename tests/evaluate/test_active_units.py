"""Active units: dimensions that vary."""

import numpy as np

from helpers.evaluate.active_units import active_units


def test_active_units_counts_what_varies():
    mean = np.random.default_rng(0).normal(size=(500, 4)) * [1, 0.5, 0.05, 0]
    assert active_units(mean) == 2
    assert active_units(mean, threshold=0.001) == 3
    variance = np.array([0.0095, 0.0105, 0.015])  # about the 0.01 of Burda et al.
    assert active_units(np.array([[1.0], [-1.0]]) * np.sqrt(variance)) == 2
