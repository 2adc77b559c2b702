"""Held-out samples and types: nothing is learnt from them, and too few of them are said to be."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.rnalign.analyses import unseen
from helpers.rnalign.analyses.unseen import align_unseen_samples, align_unseen_types
from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.search.donors import final_donors

N_GENES = 30


def test_a_row_a_method_and_seed_and_no_transductive_one(samples, plan):
    found = align_unseen_samples(samples, plan, N_GENES, 0.3)
    methods = found.scores.groupby("seed")["method"].apply(set)
    expected = {
        "input", "mean_shift", "mean_shift_per_type", "linear_projection", "mober", "rnalign",
    }  # fmt: skip
    assert methods[3] == methods[4] == expected
    values = found.scores.set_index("method").loc["mean_shift", "delta_d_relative"]
    assert found.metrics["held_out.delta_d_relative.mean_shift"] == pytest.approx(values.mean())
    assert found.metrics["held_out.match_mean.input_sd"] >= 0
    assert list(found.summary.index) == list(found.scores["method"].unique())


def test_the_residual_is_given_back_where_it_is_asked_for_and_keeps_the_samples_own(samples, plan):
    one = replace(plan, seeds=(3,), residual_share=1.0)
    scores = align_unseen_samples(samples, one, N_GENES, 0.3).scores.set_index("method")
    assert scores.loc["rnalign_residual", "r2_kept"] > scores.loc["rnalign", "r2_kept"]
    assert scores.loc["input", "r2_kept"] == pytest.approx(1)


def test_held_out_values_do_not_reach_what_is_fitted(samples, plan):
    """Scores of the mean shift, by hand from the training half alone."""
    one = replace(plan, seeds=(3,))
    changed = samples.copy()
    is_test = final_donors(samples, 0.3)
    changed.X[is_test & ~samples.obs["is_line"].to_numpy()] += 50
    near, far = (align_unseen_samples(s, one, N_GENES, 0.3).scores for s in (samples, changed))
    # Tumours that nobody was trained on stay 50 away from the lines: no method can have known.
    gap = far.set_index("method")["delta_d"] - near.set_index("method")["delta_d"]
    assert gap["mean_shift"] > 50 and gap["input"] > 50


class Remembered:
    """In place of RNAlign: what it was fitted on, and what types it was told."""

    def __init__(self):
        self.fitted, self.told = [], []

    def __call__(self, x, is_line, cancer_type, purity, **_):
        self.fitted.append((x, cancer_type))
        return self

    def align(self, x, is_line, cancer_type, purity):
        self.told.append(cancer_type)
        return x


def test_rnalign_is_fitted_on_the_training_samples_alone(samples, plan, monkeypatch):
    model = Remembered()
    monkeypatch.setattr(unseen, "fit_rnalign", model)
    align_unseen_samples(samples, replace(plan, seeds=(3,)), N_GENES, 0.3)
    is_test = final_donors(samples, 0.3)
    data = unseen.standardise(samples, N_GENES, fitted_on=samples[~is_test])
    np.testing.assert_array_equal(model.fitted[0][0], data.x[~is_test])
    np.testing.assert_array_equal(model.fitted[0][1], data.facts.cancer_type[~is_test])


def test_an_unseen_type_is_not_fitted_and_no_type_is_told(compared, data, plan, monkeypatch):
    model = Remembered()
    monkeypatch.setattr(unseen, "fit_rnalign", model)
    align_unseen_types(data, compared.first.aligned, plan)
    for name, (x, types) in zip(data.scored, model.fitted, strict=True):
        assert set(types) == set(data.facts.cancer_type) - {name}
        np.testing.assert_array_equal(x, data.x[data.facts.cancer_type != name])
    assert {kind for told in model.told for kind in told} == {"none"}


def test_too_few_held_out_samples_are_a_note_and_no_error(samples, plan):
    found = align_unseen_samples(samples, plan, N_GENES, 0.02)
    assert found.tables == {} and found.metrics == {}
    assert "raise `test_fraction`" in found.summary["note"][0]


def test_each_type_in_turn_is_unseen(compared, data, plan):
    found = align_unseen_types(data, compared.first.aligned, plan)
    assert len(found.scores) == 3 * len(data.scored)
    table = found.scores.set_index(["model", "cancer_type"])
    gaps = delta_d(data.x, *data.facts.origins, data.scored)["relative"]
    for name in data.scored:
        assert table.loc[("input", name), "ΔD relative"] == pytest.approx(gaps[name])
    seen = table.loc["seen", "match"].mean()
    assert found.metrics["unseen_type.match.seen"] == pytest.approx(seen)
    assert np.isfinite(list(found.metrics.values())).all()
    assert found.summary.shape == (3, 6)
