"""Paper 4's claims: each verdict follows from the scores, and what was not run is said."""

import pandas as pd
import pytest

from helpers.evaluate.reproduction import verdict, verdict_table
from helpers.rnalign.claims import judge_rnalign, observe_rnalign, rnalign_claims

METRICS = ["delta_d", "delta_d_relative", "pvca", "delta_kbet", "match_mean", "match_median"]
VALUES = {  # as the paper would have it
    "input": [20, 0.5, 0.3, 0.9, 0.36, 0.36],
    "linear_projection": [10, 0.3, 0.2, 0.9, 0.4, 0.4],
    "celligner": [8, 0.2, 0.1, 0.8, 0.5, 0.5],
    "mober": [7, 0.2, 0.1, 0.8, 0.5, 0.5],
    "mean_shift_per_type": [1, 0.1, 0.1, 0.3, 0.5, 0.5],
    "rnalign": [5, 0.1, 0.15, 0.6, 0.6, 0.6],
    "rnalign_no_grad": [6, 0.1, 0.1, 0.6, 0.6, 0.6],
    "rnalign_no_cor": [10, 0.1, 0.1, 0.6, 0.6, 0.6],
    "rnalign_no_purity": [17, 0.1, 0.1, 0.6, 0.6, 0.6],
    "constant_type": [5, 0.1, 0.1, 0.6, 0.5, 0.5],
}
CHANGES = pd.DataFrame({"both": [5, 5], "purity": [9, 9], "origin": [17, 17]})


def subtyped(**changed):
    """Silhouette and ΔD within subtypes of the input and RNAlign, two seeds."""
    values = {"input": (0.1, 9.9), "rnalign": (0.2, 0.02)} | changed
    return pd.DataFrame(
        {"method": name, "seed": seed, "silhouette": row[0], "delta_d": row[1]}
        for seed in (0, 1)
        for name, row in values.items()
    )


SUBTYPES = subtyped()


def scores(r2_kept=0.6, **changed):
    values = VALUES | changed
    rows = [
        {"method": name, "seed": seed, "r2_kept": r2_kept} | dict(zip(METRICS, row, strict=True))
        for seed in (0, 1)
        for name, row in values.items()
        if row
    ]
    return pd.DataFrame(rows)


def verdicts(table, changes=CHANGES, subtypes=SUBTYPES):
    found = observe_rnalign(rnalign_claims(), table, changes, subtypes)
    return {name: verdict(claim) for name, claim in found.items()}


def test_the_papers_own_numbers_reproduce_it():
    assert set(verdicts(scores()).values()) == {"reproduced"}


@pytest.mark.parametrize(
    ("changed", "claim", "expected"),
    [
        ({"celligner": [4, 0.2, 0.1, 0.8, 0.5, 0.5]}, "delta_d", "partly"),
        ({"celligner": [2, 0.2, 0.1, 0.5, 0.5, 0.5]}, "delta_kbet", "not"),
        ({"linear_projection": [10, 0.3, 0.1, 0.9, 0.4, 0.4]}, "pvca", "partly"),
        ({"celligner": [8, 0.2, 0.2, 0.8, 0.5, 0.5]}, "pvca", "partly"),  # first is not second
        ({"r2_kept": 0.3}, "unforced", "partly"),
        ({"r2_kept": 0.07}, "unforced", "not"),
        ({"rnalign_no_grad": [4, 0.1, 0.1, 0.6, 0.6, 0.6]}, "no_grad", "not"),
        ({"constant_type": [5, 0.1, 0.1, 0.6, 0.1, 0.1]}, "told", "not"),
        ({"mean_shift_per_type": [1, 0.1, 0.1, 0.3, 0.9, 0.5]}, "shift", "not"),
    ],
)
def test_each_claim_can_fail(changed, claim, expected):
    assert verdicts(scores(**changed))[claim] == expected


@pytest.mark.parametrize(
    ("rnalign", "claim", "expected"),
    [
        ((0.0, 0.02), "subtypes", "not"),
        ((0.2, 2.0), "subtype_gap", "partly"),
        ((0.2, -5.0), "subtype_gap", "not"),  # pushed together is not as near as their like
    ],
)
def test_what_is_claimed_of_subtypes_can_fail(rnalign, claim, expected):
    assert verdicts(scores(), subtypes=subtyped(rnalign=rnalign))[claim] == expected


def test_purity_need_not_be_what_is_missed_most():
    table = scores(rnalign_no_cor=[30, 0.1, 0.1, 0.6, 0.6, 0.6])
    assert verdicts(table)["purity_worst"] == "not"


def test_order_of_label_changes_is_counted_over_seeds():
    other = CHANGES.assign(origin=[17, 6])
    assert verdicts(scores(), changes=other)["changes"] == "uncertain"  # one seed of two


def test_what_was_not_run_is_not_testable_and_says_why():
    table = scores(rnalign_no_grad=None, rnalign_no_cor=None, rnalign_no_purity=None)
    found = observe_rnalign(rnalign_claims(), table, CHANGES)
    shown = verdict_table(list(found.values())).set_index("claim")
    untested = shown[shown["verdict"] == "not testable here"]
    assert len(untested) == 6
    assert untested["reason"].str.len().min() > 0


def test_what_is_not_defined_loses_no_finished_run():
    """A collapsed model has no distance within origins to compare its gap with."""
    table = scores(rnalign=[5, float("nan"), 0.15, 0.6, 0.6, 0.6])
    found = observe_rnalign(rnalign_claims(), table, CHANGES, SUBTYPES)
    assert verdict(found["mober"]) == "not testable here"
    assert "not defined in this run" in found["mober"].reason
    assert verdict(found["delta_d"]) == "reproduced"


def test_verdicts_are_counted_as_they_stand_in_the_table():
    judged = judge_rnalign(rnalign_claims(), scores(), CHANGES, None)
    table = judged.tables["reproduction"]
    for name in ("reproduced", "partly", "not"):
        n_claims = judged.metrics[f"reproduction.n_claims.{name}"]
        assert n_claims == (table["verdict"] == name).sum()
    assert len(table) == len(rnalign_claims())
    assert "not testable here" in set(table["verdict"])  # no subtypes
