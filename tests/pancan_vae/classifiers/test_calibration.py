import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.pancan_vae.classifiers.calibration import expected_calibration_error, reliability_table


def drawn(rng, n=4000, k=4):
    """Probabilities with labels drawn from them: calibrated by construction."""
    p = rng.dirichlet(np.ones(k), n)
    y = (p.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1)
    return p, y


def ece_by_loop(p, y, n_bins):
    """Guo et al. written out, equal-width bins (a, b]."""
    confidence, right, total = p.max(axis=1), p.argmax(axis=1) == y, 0.0
    for low in range(n_bins):
        inside = (confidence > low / n_bins) & (confidence <= (low + 1) / n_bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n_bins=st.integers(1, 20))
def test_equal_width_error_equals_the_definition(seed, n_bins):
    p, y = drawn(np.random.default_rng(seed), n=200)
    found = expected_calibration_error(p, y, n_bins=n_bins, binning="equal-width")
    assert found == pytest.approx(ece_by_loop(p, y, n_bins))
    assert 0 <= found <= 1


def test_calibrated_is_near_zero_and_overconfident_is_not():
    p, y = drawn(np.random.default_rng(0))
    sharper = p**4 / (p**4).sum(axis=1, keepdims=True)
    assert expected_calibration_error(p, y) < 0.03
    assert expected_calibration_error(sharper, y) > 0.15


def test_the_extremes():
    certain = np.tile([1.0, 0.0], (10, 1))
    assert expected_calibration_error(certain, np.zeros(10, int)) == 0
    assert expected_calibration_error(certain, np.ones(10, int)) == 1


def test_equal_mass_bins_share_the_samples_and_never_split_a_tie():
    p, y = drawn(np.random.default_rng(1))
    table = reliability_table(p, y, n_bins=10)
    assert table["n"].sum() == len(y)
    assert table["n"].min() > 0.9 * len(y) / 10
    tied = np.tile([0.7, 0.3], (50, 1))
    assert len(reliability_table(tied, np.zeros(50, int))) == 1
    shuffled = np.random.default_rng(2).permutation(len(y))
    pd.testing.assert_frame_equal(table, reliability_table(p[shuffled], y[shuffled], n_bins=10))


def test_columns_name_the_classes():
    p = pd.DataFrame({"LUAD": [0.9, 0.2], "LUSC": [0.1, 0.8]})
    assert reliability_table(p, ["LUAD", "LUSC"], n_bins=1)["accuracy"].item() == 1


@pytest.mark.parametrize(
    ("p", "y", "options", "message"),
    [
        ([[0.9, 0.9]], [0], {}, "sum to 1"),
        ([[1.2, -0.2], [0.5, 0.5]], [0, 1], {}, "≥ 0"),
        ([[0.5, 0.5]], [2], {}, "no class of the classifier: \\[2\\]"),
        ([[0.5, 0.5]], [0], {"classes": ["a"]}, "name every column"),
        ([[0.5, 0.5]], [0], {"binning": "width"}, "equal-mass"),
        ([[0.5, 0.5]], [0], {"n_bins": 0}, "at least 1"),
        ([[np.nan, 0.5]], [0], {}, "finite"),
    ],
)
def test_bad_input_is_named(p, y, options, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(np.array(p), np.array(y), **options)


def test_probabilities_must_sum_to_one_to_the_fourth_digit():
    p, y = drawn(np.random.default_rng(0), n=200)
    expected_calibration_error(p * 1.00005, y)
    with pytest.raises(ValueError, match="sum to 1"):
        expected_calibration_error(p * 1.00015, y)
