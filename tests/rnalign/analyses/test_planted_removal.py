"""Against the planted truth."""

import pytest

from helpers.rnalign.analyses.planted_removal import planted_removal


def test_the_truth_itself_is_perfect_and_the_input_moves_nothing(samples, data):
    target = samples.copy()
    target.X = samples.layers["aligned"]
    aligned = {"input": data.x, "truth": data.scaling.transform(target), "z_only": data.x[:, :3]}
    found = planted_removal(samples, aligned, data)
    assert list(found.removal.index) == ["input", "truth"]  # a latent space is no profile
    metrics = found.metrics
    assert metrics["truth.r2.truth"] == pytest.approx(1)
    assert metrics["truth.shift_r.truth"] > 0.95
    assert metrics["truth.shift_r.input"] == 0
    assert metrics["truth.r2.input"] < metrics["truth.r2.truth"]
    assert set(found.tables) == {"removal"}
