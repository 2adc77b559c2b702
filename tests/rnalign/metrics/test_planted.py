import numpy as np
import pytest
from sklearn.metrics import r2_score

from helpers.rnalign.metrics.planted import effect_removal


@pytest.fixture
def planted():
    """Observed and noise-free profiles; tumours carry an effect that grows with a sample weight."""
    rng = np.random.default_rng(0)
    is_line = np.arange(60) >= 40
    truth_aligned = rng.normal(size=(60, 30)) + rng.normal(size=30)
    effect = np.outer(~is_line * rng.uniform(0.5, 1.5, 60), rng.normal(size=30))
    truth_x = truth_aligned + effect
    x = truth_x + 0.3 * rng.normal(size=(60, 30))
    return x, truth_x, truth_aligned, is_line


def test_the_truth_scores_best(planted):
    x, truth_x, truth_aligned, is_line = planted
    found = effect_removal(truth_x, truth_aligned, truth_x, truth_aligned, is_line)
    best = {"mean_shift_r": 1, "mean_shift_slope": 1, "sample_r": 1, "r2": 1}
    assert {name: found[name] for name in best} == pytest.approx(best)
    assert found["r2_input"] < 1
    noisy = effect_removal(x, truth_aligned, truth_x, truth_aligned, is_line)
    assert noisy["mean_shift_r"] > 0.98 and 0.8 < noisy["sample_r"] < 1


def test_nothing_moved_scores_nothing(planted):
    x, truth_x, truth_aligned, is_line = planted
    found = effect_removal(x, x, truth_x, truth_aligned, is_line)
    assert found["mean_shift_r"] == found["mean_shift_slope"] == found["sample_r"] == 0
    expected = r2_score(
        truth_aligned[~is_line].ravel(),
        x[~is_line].ravel(),
    )
    assert found["r2"] == found["r2_input"]
    tumours = truth_aligned[~is_line]
    residual = ((x[~is_line] - tumours) ** 2).sum()
    assert found["r2"] == pytest.approx(1 - residual / ((tumours - tumours.mean(0)) ** 2).sum())
    assert expected != pytest.approx(found["r2"])  # variance is within genes, not over all values


def test_half_and_reversed_and_the_other_side(planted):
    x, truth_x, truth_aligned, is_line = planted
    shift = (truth_aligned - truth_x)[~is_line].mean(axis=0)
    moved = {
        "half": x + 0.5 * shift * ~is_line[:, None],
        "reversed": x - shift * ~is_line[:, None],
        "lines": x - shift * is_line[:, None],
    }
    found = {
        name: effect_removal(x, values, truth_x, truth_aligned, is_line)
        for name, values in moved.items()
    }
    assert found["half"]["mean_shift_r"] == pytest.approx(1)
    assert found["half"]["mean_shift_slope"] == pytest.approx(0.5)
    assert found["reversed"]["mean_shift_r"] == pytest.approx(-1)
    assert found["lines"]["mean_shift_r"] == pytest.approx(1)
    assert found["lines"]["mean_shift_slope"] == pytest.approx(1)
    assert found["lines"]["sample_r"] == 0  # tumours stayed where they were


def test_misfits_are_named(planted):
    x, truth_x, truth_aligned, is_line = planted
    with pytest.raises(ValueError, match="`aligned` must have the genes of `x`: 30; it has 29"):
        effect_removal(x, x[:, 1:], truth_x, truth_aligned, is_line)
    with pytest.raises(ValueError, match="`truth_x` must have one row per sample"):
        effect_removal(x, x, truth_x[1:], truth_aligned, is_line)
    with pytest.raises(ValueError, match="tumours relative to lines"):
        effect_removal(x, x, truth_x, truth_aligned, np.zeros(60, bool))


def test_a_gene_without_a_planted_shift_leaves_the_others_their_slope():
    rng = np.random.default_rng(1)
    before, is_line = rng.normal(size=(12, 5)), np.arange(12) >= 8
    after = before + ~is_line[:, None] * np.array([0.0, 1, -1, 2, 0.5])
    found = effect_removal(before, after, before, after, is_line)
    assert found["mean_shift_slope"] == pytest.approx(1)
