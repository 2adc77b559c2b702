import numpy as np
import pandas as pd
import pytest

from helpers.evaluate.reproduction import Claim, judge, verdict, verdict_table, words_within_spread

ACCURATE = Claim(
    claim="The latent space tells the cancer types apart",
    where="Figure 3",
    paper="strong accuracy",
    tolerance="≥ 0.90 reproduced, ≥ 0.80 partly",
    holds=lambda mean: mean >= 0.9,
    partly=lambda mean: mean >= 0.8,
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.93, 0.95], "reproduced"), (0.85, "partly"), ([0.2, 0.4], "not"), (0.9, "reproduced")],
)
def test_the_mean_decides(values, expected):
    assert verdict(ACCURATE.observe(values)) == expected


@pytest.mark.parametrize(
    ("values", "expected", "said"),
    [
        ([0.96, 0.92, 0.94], "reproduced", ["reproduced"]),
        ([0.88, 0.96], "uncertain", ["reproduced", "partly"]),  # mean over the limit, spread under
        ([0.84, 0.94], "uncertain", ["partly", "reproduced"]),  # and the other way round
        ([0.6, 0.95], "uncertain", ["not", "reproduced", "partly"]),
        ([0.86, 0.84], "partly", ["partly"]),
        ([0.9, 0.9, 0.9], "reproduced", ["reproduced"]),  # whose mean is 0.9000000000000001
    ],
)
def test_a_spread_over_a_limit_is_uncertain(values, expected, said):
    seen = ACCURATE.observe(values)
    assert (verdict(seen), words_within_spread(seen)) == (expected, said)
    assert verdict(ACCURATE.observe(np.mean(values).round(12))) == said[0], "one value is plain"


def test_a_limit_on_both_sides_is_seen_when_the_spread_jumps_over_it():
    near = Claim("chance", "–", "–", "–", lambda v: abs(v - 0.5) <= 0.01)
    assert verdict(near.observe([0.49, 0.51])) == "uncertain"  # 0.5 ± 0.014
    assert verdict(near.observe([0.40, 0.66])) == "uncertain"  # 0.53 ± 0.18: only its middle holds
    assert verdict(near.observe([0.495, 0.505])) == "reproduced"


def test_the_table_says_what_the_spread_covers():
    table = verdict_table([ACCURATE.observe([0.88, 0.96]), ACCURATE.observe([0.95, 0.96])])
    assert table["verdict"].tolist() == ["uncertain", "reproduced"]
    assert table["reason"].tolist() == [
        "by the mean: reproduced; within its SD also: partly", ""
    ]  # fmt: skip
    kept = verdict_table([ACCURATE.observe([0.88, 0.96], reason="few samples")])
    assert kept["reason"][0].startswith("few samples; by the mean: reproduced")


def test_a_claim_is_not_changed_by_its_result():
    seen = ACCURATE.observe([0.5], reason="few samples")
    assert ACCURATE.here == ()
    assert (seen.here, seen.tolerance) == ((0.5,), ACCURATE.tolerance)
    with pytest.raises(AttributeError):
        seen.tolerance = "≥ 0.4"


def test_what_is_not_tested_needs_a_reason():
    absent = Claim("Glioblastoma stands apart", "Figure 2", "yes", "–", reason="no tumours here")
    assert verdict(absent) == "not testable here"
    assert verdict(ACCURATE.observe(np.nan, reason="too few events")) == "not testable here"
    for claim in [ACCURATE, ACCURATE.observe([np.nan]), ACCURATE.observe([0.95, np.nan])]:
        with pytest.raises(ValueError, match="needs a reason"):
            verdict(claim)


def test_the_table_shows_mean_sd_and_n():
    one = Claim("PCA", "–", "–", "–", holds=lambda mean: mean > 0).observe(0.94)
    none = Claim("GBM", "–", "–", "–", reason="not here")
    table = verdict_table([ACCURATE.observe([0.92, 0.94, 0.96]), one, none])
    assert table["here"].tolist() == ["0.94 ± 0.02", "0.94", "–"]
    assert table["n"].tolist() == [3, 1, 0]
    assert table["verdict"].tolist() == ["reproduced", "reproduced", "not testable here"]
    assert "truth" in verdict_table([none], reference="truth")
    assert list(verdict_table([])) == list(table)


def test_judged_claims_are_a_table_and_counts():
    absent = Claim("GBM", "–", "–", "–", reason="not here")
    values = (0.95, 0.92, 0.85, 0.2, 0.3, 0.4, [0.88, 0.96])
    seen = [ACCURATE.observe(value) for value in values]
    found = judge(claim for claim in [*seen, absent])
    assert list(found.tables) == ["reproduction"]
    pd.testing.assert_frame_equal(found.tables["reproduction"], verdict_table([*seen, absent]))
    assert found.metrics == {
        "reproduction.n_claims.reproduced": 2,
        "reproduction.n_claims.partly": 1,
        "reproduction.n_claims.not": 3,
        "reproduction.n_claims.uncertain": 1,
        "reproduction.n_claims.not_testable_here": 1,
    }
    assert all(type(value) is int for value in found.metrics.values())


def test_claims_are_judged_against_the_truth_where_it_is_known():
    columns = list(judge([ACCURATE.observe(0.9)], reference="truth").tables["reproduction"])
    assert "truth" in columns and "paper" not in columns
    assert "paper" in judge([ACCURATE.observe(0.9)]).verdicts


def test_an_untested_claim_without_a_reason_is_not_judged():
    with pytest.raises(ValueError, match="needs a reason"):
        judge([ACCURATE])


def test_no_claims_count_nothing():
    found = judge([])
    assert found.verdicts.empty and set(found.metrics.values()) == {0}
