"""Which draw is chosen, and how well a rule ranks draws, on made-up searches."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from helpers.rnalign.search import rules
from helpers.rnalign.search.rules import RULES, choice_by_size, choose_draw, rule_quality


def search(n=60, seed=0, noise=0.1):
    """Draws whose alignment carries over to test donors, and a loss that says nothing."""
    rng = np.random.default_rng(seed)
    good = rng.uniform(0, 3, n)
    return pd.DataFrame(
        {
            "learning_rate": rng.uniform(size=n),
            "loss.total": rng.normal(size=n),
            "validation.misalignment": good + noise * rng.normal(size=n),
            "test.misalignment": good,
            "validation_kept.misalignment": good / 2,
            "test_kept.misalignment": good / 2,
            "kept.share": 0.5,
        }
    )


def test_the_lowest_value_of_the_first_draws_is_taken_and_failures_are_not():
    table = search()
    table.loc[0, "loss.total"], table.loc[30, "loss.total"] = np.nan, -100.0
    assert choose_draw(table, "loss").name == 30
    assert choose_draw(table, "loss", 20).name == table["loss.total"].iloc[1:20].idxmin()
    assert choose_draw(table, "alignment").name == table["validation.misalignment"].idxmin()


def test_a_rule_that_is_none_or_cannot_be_followed_is_refused():
    table = search()
    with pytest.raises(ValueError, match="must be one of loss, alignment, kept here; got 'best'"):
        choose_draw(table, "best")
    with pytest.raises(ValueError, match="must be one of alignment, kept here"):
        choose_draw(table.drop(columns="loss.total"), "loss")
    with pytest.raises(ValueError, match=r"no draw of the search has a value of loss\.total"):
        choose_draw(table.assign(**{"loss.total": np.nan}), "loss")


def test_quality_is_spearmans_and_its_interval_holds_it():
    table = search()
    quality = rule_quality(table, n_resamples=300)
    assert [*quality.index] == [*RULES]
    for rule, outcome in (("loss", "test.misalignment"), ("kept", "test_kept.misalignment")):
        expected = spearmanr(table[RULES[rule]], table[outcome]).statistic
        assert quality.loc[rule, "rho"] == pytest.approx(expected)
    assert (quality["low"] <= quality["rho"]).all() and (quality["rho"] <= quality["high"]).all()
    assert quality.loc["alignment", "low"] > 0.9 and quality.loc["loss", "low"] < 0.2
    assert (quality["n"] == len(table)).all()


def test_resamples_are_ranked_as_scipy_ranks_them():
    pairs = np.random.default_rng(0).integers(0, 9, size=(5, 30, 2)).astype(float)
    expected = [spearmanr(*sample.T).statistic for sample in pairs]
    np.testing.assert_allclose(rules._spearman(pairs), expected)
    assert np.isnan(rules._spearman(np.ones((1, 4, 2)))[0])


def test_a_larger_search_finds_better_draws_only_by_a_rule_that_ranks_them():
    sizes = choice_by_size(search(), sizes=(1, 20, 60, 500), n_resamples=300)
    of = {rule: rows.set_index("n")["median"] for rule, rows in sizes.groupby("rule")}
    assert [*of["alignment"].index] == [1, 20, 60]  # no more than there are
    assert of["alignment"][60] <= of["alignment"][20] < of["alignment"][1] - 0.5
    assert of["loss"][20] > of["alignment"][20] + 0.5
    assert of["best possible"][60] == search()["test.misalignment"].min() <= of["alignment"][60]
