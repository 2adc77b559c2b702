"""Candidates fitted to some donors and scored on others."""

import numpy as np
import pytest

from helpers.rnalign.argument_groups import CellignerSettings
from helpers.rnalign.gene_selection import standardise
from helpers.rnalign.metrics.held_out_alignment import held_out_scores
from helpers.rnalign.model import fit_rnalign, term_weights
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.search.candidates import METHODS, Candidate, fit_candidate
from helpers.rnalign.search.donors import deal_donors
from helpers.rnalign.search.final import score_finalist
from helpers.rnalign.search.finalists import Finalist
from helpers.rnalign.search.residual import with_residual
from helpers.rnalign.search.trial import SHARES, try_candidate


@pytest.fixture(scope="module")
def donors(samples):
    return deal_donors(samples, 0.25)


@pytest.fixture(scope="module")
def data(samples, donors):
    return standardise(samples, 30, fitted_on=samples[donors.train])


@pytest.fixture(scope="module")
def candidates(plan):
    made = plan.rnalign, plan.mober, CellignerSettings(2, 10, (2, 3), 5)
    return {method: Candidate(method, *made, told_types=True) for method in METHODS}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_tried(method, candidates, data, donors):
    trial = try_candidate(candidates[method], data, donors, 0, 5)
    decodes = method in ("rnalign", "mober", "shrunken_shift")
    assert len(trial.scores) == 2 * (len(SHARES) if decodes else 1)
    assert ("loss.total" in trial.metrics) == (method in ("rnalign", "mober"))
    as_the_paper = trial.scores.query("share == 0 and part == 'validation'")["misalignment"].item()
    assert trial.metrics["validation.misalignment"] == as_the_paper and np.isfinite(as_the_paper)
    assert trial.metrics["test_kept.misalignment"] > 0
    if not decodes:
        assert trial.kept_share == 0
        assert trial.metrics["test.match"] == trial.metrics["test_kept.match"]


def test_the_final_donors_values_change_no_choice(candidates, data, donors):
    """What chooses is the same whatever the test donors' profiles are."""
    plain = try_candidate(candidates["rnalign"], data, donors, 0, 5).metrics
    data.x[donors.test] += 3
    try:
        moved = try_candidate(candidates["rnalign"], data, donors, 0, 5).metrics
    finally:
        data.x[donors.test] -= 3
    for name, value in plain.items():
        if not name.startswith("test"):
            assert moved[name] == value
    assert moved["test.r2_kept"] != plain["test.r2_kept"]


def test_a_mean_shift_is_scored_as_by_hand(candidates, data, donors):
    trial = try_candidate(candidates["mean_shift"], data, donors, 0, 5)
    (x, facts), train = (data.x, data.facts), donors.train
    shift = MeanShift(per_type=True).fit(x[train], *facts.at(train).origins)
    asked = train | donors.validation
    aligned = shift.transform(x, *facts.origins)[asked]
    by_hand = held_out_scores(
        {"shift": aligned}, *facts.at(asked).origins, donors.validation[asked], data.scored, 5, 0,
        before=x[asked],
    )  # fmt: skip
    row = trial.scores[trial.scores["part"] == "validation"].iloc[0]
    for name in by_hand:
        assert row[name] == pytest.approx(by_hand[name].iloc[0], nan_ok=True)


def test_a_shrunken_shift_is_the_shift_with_less_of_each_sample(candidates, data, donors):
    fitted = {
        name: fit_candidate(candidates[name], data, donors.train, 0).decode(donors.known)
        for name in ("mean_shift", "shrunken_shift")
    }
    x, whole = data.x[donors.known], fitted["mean_shift"].aligned
    np.testing.assert_allclose(with_residual(x, fitted["shrunken_shift"], 1), whole, atol=1e-4)
    half = with_residual(x, fitted["shrunken_shift"], 0.5)
    for name in data.scored:
        rows = data.facts.cancer_type[donors.known] == name
        np.testing.assert_allclose(half[rows].var(axis=0), whole[rows].var(axis=0) / 4, rtol=1e-2)


def test_the_loss_is_the_weighted_sum_of_its_terms_on_the_validation_donors(
    candidates, data, donors, plan
):
    found = fit_candidate(candidates["rnalign"], data, donors.train, 0).loss(donors.validation)
    of = data.x[donors.train], *data.facts.at(donors.train)
    model = fit_rnalign(*of, settings=plan.rnalign, seed=0)
    terms = model.loss_terms(data.x[donors.validation], *data.facts.at(donors.validation))
    weights = term_weights(plan.rnalign, 30)
    assert found["total"] == pytest.approx(sum(weights[name] * terms[name] for name in terms))
    assert weights["distance_correlation"] == pytest.approx(0.3 * 30)


def test_a_finalist_is_fitted_to_all_known_donors_and_meets_the_planted_truth(
    candidates, samples, donors
):
    data = standardise(samples, 30, fitted_on=samples[donors.known])
    shift = score_finalist(Finalist(candidates["mean_shift"]), samples, data, donors, 0, 5)
    nothing = score_finalist(Finalist(candidates["input"]), samples, data, donors, 0, 5)
    assert shift.metrics["truth.r2"] > nothing.metrics["truth.r2"]
    assert shift.metrics["truth.mean_shift_r"] > 0.9
    assert shift.metrics["test.delta_d_relative"] < nothing.metrics["test.delta_d_relative"]
    del samples.uns["truth"]
    try:
        real = score_finalist(Finalist(candidates["input"]), samples, data, donors, 0, 5)
    finally:
        samples.uns["truth"] = {}
    assert not [name for name in real.metrics if name.startswith("truth")]


def test_a_share_that_is_left_open_is_the_validation_donors(candidates, samples, donors):
    data = standardise(samples, 30, fitted_on=samples[donors.known])
    shrunken = candidates["shrunken_shift"]
    trial = try_candidate(shrunken, data, donors, 0, 5)
    share, chosen_by = trial.kept_share, trial.metrics["validation_kept.misalignment"]
    opened = score_finalist(Finalist(shrunken, None), samples, data, donors, 0, 5)
    fixed = score_finalist(Finalist(shrunken, share), samples, data, donors, 0, 5)
    chosen = {"kept.share": share, "validation_kept.misalignment": chosen_by}
    assert opened.metrics == fixed.metrics | chosen and opened.score["share"].iloc[0] == share


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"`method` must be one of rnalign, .*; got 'vae'"):
        Candidate("vae")
