"""Ideas change what they say and nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.gene_selection import standardise
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.search.candidates import Candidate, fit_candidate
from helpers.rnalign.search.donors import deal_donors
from helpers.rnalign.search.finalists import Finalist, variant_of
from helpers.rnalign.search.ideas import AROUND, IDEAS, MODELS, best_idea, with_ideas, with_ours
from helpers.rnalign.search.residual import with_residual


@pytest.fixture(scope="module")
def donors(samples):
    return deal_donors(samples, 0.25)


@pytest.fixture(scope="module")
def data(samples, donors):
    return standardise(samples, 30, fitted_on=samples[donors.train])


@pytest.fixture
def plain(plan):
    network = replace(plan.rnalign.network, gradient="norm_of_batch")
    return Candidate("rnalign", replace(plan.rnalign, network=network))


def test_every_idea_changes_its_part(plain):
    for idea in IDEAS:
        changed = with_ideas(plain, idea)
        assert (changed.rnalign != plain.rnalign) == (idea in MODELS and idea != "as it is")
        fields = {name: getattr(changed, name) for name in ("shift_first", "keeps_spread")}
        assert fields == {"shift_first": False, "keeps_spread": False} | AROUND.get(idea, {})
    published = with_ideas(plain, "published likelihood").rnalign
    assert (published.network.likelihood, published.regularisers.n_cycles) == ("learnt", 1)
    both = with_ideas(plain, "no purity + shift first")
    assert both.shift_first and not both.rnalign.conditions.with_purity


def test_no_idea_leaves_a_finalist_as_it_is_and_one_lets_validation_choose_the_share(plain):
    chosen = Finalist(plain, 0.5)
    assert variant_of(chosen) == chosen
    changed = variant_of(chosen, idea="no purity")
    assert changed.share is None and not changed.candidate.rnalign.conditions.with_purity


def test_the_best_idea_is_that_of_the_lowest_mean_of_the_validation_donors():
    ideas = [("shift first", 0.1), ("shift first", 0.3), ("no purity", 0.05), ("no purity", 0.5)]
    tried = pd.DataFrame(ideas, columns=["idea", "validation_kept.misalignment"])
    assert best_idea(tried) == "shift first"
    both = with_ours(pd.DataFrame({"label": ["input"]}), tried.assign(label=tried["idea"]))
    assert both["label"].tolist() == ["input", "RNAlign, ours", "RNAlign, ours"]


def test_what_is_no_idea_and_what_is_no_rnalign_is_refused(plain, plan):
    with pytest.raises(ValueError, match=r"`idea` must be .*no purity.*got 'more layers'"):
        with_ideas(plain, "more layers")
    with pytest.raises(ValueError, match="changes RNAlign; the method is mober"):
        with_ideas(Candidate("mober", mober=plan.mober), "no purity")


@pytest.mark.parametrize("idea", IDEAS)
def test_every_idea_can_be_fitted_and_a_whole_residual_leaves_a_shift(plain, data, donors, idea):
    fitted = fit_candidate(with_ideas(plain, idea), data, donors.train, 0)
    decoded = fitted.decode(donors.validation)
    assert np.isfinite(decoded.aligned).all() and np.isfinite(fitted.loss(donors.train)["total"])
    whole = with_residual(data.x[donors.validation], decoded, 1.0)
    moved = whole - data.x[donors.validation]
    np.testing.assert_allclose(moved, decoded.aligned - decoded.own, atol=1e-5)


def test_the_shift_comes_first_and_is_learnt_from_those_fitted_to(plain, data, donors):
    shifted = fit_candidate(with_ideas(plain, "shift first"), data, donors.train, 0)
    before = shifted.decode(donors.train)
    data.x[donors.test] += 3
    try:
        after = fit_candidate(with_ideas(plain, "shift first"), data, donors.train, 0)
        np.testing.assert_array_equal(after.decode(donors.train).aligned, before.aligned)
    finally:
        data.x[donors.test] -= 3
    # as if the samples had come shifted; only what is left unexplained is the plain sample's
    x, train, origins = data.x, donors.train, data.facts.origins
    shift = MeanShift(per_type=True).fit(x[train], *data.facts.at(train).origins)
    moved = replace(data, x=shift.transform(x, *origins))
    by_hand = fit_candidate(plain, moved, train, 0).decode(train)
    np.testing.assert_array_equal(before.aligned, by_hand.aligned)
    np.testing.assert_allclose(x[train] - before.own, moved.x[train] - by_hand.own, atol=1e-5)


def test_spread_is_kept_gene_by_gene(plain, data, donors):
    smooth = fit_candidate(plain, data, donors.train, 0).decode(donors.train).aligned
    candidate = replace(plain, keeps_spread=True)
    spread = fit_candidate(candidate, data, donors.train, 0).decode(donors.train).aligned
    own_type = data.facts.cancer_type[donors.train]
    is_line, x = data.facts.is_line[donors.train], data.x[donors.train]

    def variance(values):
        parts = [
            values[(own_type == name) & (is_line == side)]
            for name in set(own_type)
            for side in (False, True)
        ]
        return sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts)

    assert variance(smooth) < variance(x)
    assert abs(variance(spread) / variance(x) - 1) < abs(variance(smooth) / variance(x) - 1)
