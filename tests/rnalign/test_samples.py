"""Which samples are aligned."""

import numpy as np
import pytest

from helpers.rnalign.samples import (
    alignment_facts,
    cohort_overview,
    select_alignment,
    select_subtyped,
    split_both_origins,
)


def test_types_on_both_sides_one_sample_a_patient_and_all_lines(cohort):
    chosen = select_alignment(cohort)
    n = chosen.obs.groupby(["is_line", "cancer_type"]).size().to_dict()
    assert n == {(False, "A"): 12, (False, "B"): 11, (True, "A"): 6, (True, "B"): 2}
    assert chosen.uns["scored_types"] == ["A"]
    assert set(chosen.obs["sample_type"]) == {"primary", "cell line"}
    assert not chosen.obs["patient"][~chosen.obs["is_line"]].duplicated().any()
    assert chosen.obs["is_line"].dtype == bool
    np.testing.assert_array_equal(chosen.X, cohort[chosen.obs_names].X)


def test_what_was_left_out_is_said(cohort):
    notes = " ".join(select_alignment(cohort).uns["notes"])
    assert "fewer than 5 cell lines: B (2)" in notes
    assert "D (3)" in notes
    assert cohort.uns["notes"] == []


def test_thresholds_and_types(cohort):
    chosen = select_alignment(cohort, min_lines=2, min_tumours=3)
    assert chosen.uns["scored_types"] == ["A", "B", "D"]
    assert set(select_alignment(cohort, "A B").obs["cancer_type"]) == {"A", "B"}
    with pytest.raises(ValueError, match="cancer_types must be of A B C D"):
        select_alignment(cohort, "A Z")
    with pytest.raises(ValueError, match=r"10 patients and 20 cell lines or more.*lower min_lines"):
        select_alignment(cohort, min_lines=20)


def test_one_type_alone_is_said_and_needs_as_many_tumours_as_vote(cohort):
    chosen = select_alignment(cohort, n_neighbours=12)
    assert "matches say nothing" not in " ".join(chosen.uns["notes"])
    lines = (cohort.obs["sample_type"] == "cell line") & (cohort.obs["cancer_type"] != "A")
    alone = cohort[~lines.to_numpy()].copy()
    assert "All tumours are A: every" in select_alignment(alone, n_neighbours=12).uns["notes"][-1]
    with pytest.raises(ValueError, match=r"n_neighbours = 13 must be at most .* of A, 12\. Lower"):
        select_alignment(alone, n_neighbours=13)


def test_order_of_rows_does_not_matter(cohort):
    order = np.random.default_rng(0).permutation(cohort.n_obs)
    first, second = select_alignment(cohort), select_alignment(cohort[order].copy())
    assert set(first.obs_names) == set(second.obs_names)


@pytest.mark.real
def test_the_real_cohort(ccle_tcga):
    chosen = select_alignment(ccle_tcga)
    assert chosen.shape == (976, 530)
    assert chosen.uns["scored_types"] == [
        *("biliary", "brain", "eye", "kidney"),
        *("lymphoid", "pancreas", "uterus"),
    ]
    tumours = chosen.obs[~chosen.obs["is_line"]]["cancer_type"].value_counts()
    assert tumours["adrenal"] == 79 and tumours["brain"] == 154
    assert "adrenal (1)" in chosen.uns["notes"][-1]


def test_facts_are_those_of_the_samples(cohort):
    chosen = select_alignment(cohort)
    facts = alignment_facts(chosen)
    assert facts.is_line.sum() == 8 and facts.is_line.dtype == bool
    assert facts.cancer_type.tolist() == chosen.obs["cancer_type"].tolist()
    assert facts.purity[~facts.is_line].tolist() == [0.5] * 23
    assert facts.origins == (facts.is_line, facts.cancer_type)
    lines = facts.at(facts.is_line)
    assert lines.is_line.all() and lines.purity.tolist() == [1.0] * 8


def test_overview_counts_both_sides_and_says_who_is_scored(cohort):
    overview = cohort_overview(select_alignment(cohort))
    assert overview.loc["A"].tolist() == [12, 6, 0.5, True]
    assert overview.loc["B"].tolist() == [11, 2, 0.5, False]


# Samples of known subtype


def subtyped(cohort, line="a"):
    """A subtype for every sample, in turn a and b; `line`: what lines call a."""
    names = np.where(np.arange(cohort.n_obs) % 2, "b", "a").astype(object)
    is_line = (cohort.obs["sample_type"] == "cell line").to_numpy()
    names[is_line & (names == "a")] = line
    cohort.obs["subtype"] = names
    return cohort


def test_samples_of_all_types_one_tumour_a_patient_and_all_lines(cohort):
    chosen = select_subtyped(subtyped(cohort))
    assert set(chosen.obs["cancer_type"]) == {"A", "B", "C", "D"}
    assert chosen.obs["is_line"].sum() == 6 + 2 + 7
    assert not chosen.obs["patient"][~chosen.obs["is_line"]].duplicated().any()
    assert set(chosen.obs["sample_type"]) == {"primary", "cell line"}
    np.testing.assert_array_equal(chosen.X, cohort[chosen.obs_names].X)
    assert chosen.obs["subtype"].tolist() == cohort.obs["subtype"][chosen.obs_names].tolist()


def test_an_unknown_subtype_is_empty(cohort):
    subtyped(cohort).obs.loc["sample-000", "subtype"] = None
    assert select_subtyped(cohort).obs.loc["sample-000", "subtype"] == ""


def test_subtypes_that_the_sides_do_not_share_are_refused(cohort):
    with pytest.raises(ValueError, match=r'must have obs\["subtype"\]; it has patient'):
        select_subtyped(cohort)
    with pytest.raises(ValueError, match=r"must share two subtypes.*'A': 1.*same names"):
        select_subtyped(subtyped(cohort, line="type a"))


# What is noted


def test_lines_and_tumours_of_one_file_are_held_against_each_other(cohort):
    is_line = (cohort.obs["sample_type"] == "cell line").to_numpy()
    cohort.X = np.random.default_rng(1).uniform(1, 9, cohort.shape).astype(np.float32)
    select_alignment(cohort)
    cohort.X[is_line] -= cohort.X[is_line].mean(axis=0)
    with pytest.raises(ValueError, match=r"the cell lines|cell lines go from"):
        select_alignment(cohort)


def test_what_is_left_out_is_counted(cohort):
    notes = " ".join(select_alignment(cohort).uns["notes"])
    assert "1 normal, 1 recurrent, 1 further samples of patients who have one" in notes
    assert "7 cell lines: D (7)" in notes and "10 tumours: C (10)" in notes


def test_purity_that_was_filled_in_is_noted(cohort):
    is_line = cohort.obs["sample_type"] == "cell line"
    cohort.obs["purity"] = np.where(is_line, 1.0, 0.7)
    assert "All tumours of A, B have one purity" in " ".join(select_alignment(cohort).uns["notes"])
    cohort.obs.loc[cohort.obs_names[0], "purity"] = 0.6
    assert "All tumours of B have one purity" in " ".join(select_alignment(cohort).uns["notes"])


def lines_and_tumours(make_cohort):
    tumours = [(f"P{i}", "AB"[i % 2], "primary") for i in range(40)]
    lines = [(f"D{i // 2}", "A", "cell line") for i in range(20)] + [("D99", "B", "cell line")]
    cohort = make_cohort(tumours + lines)
    cohort.obs["is_line"] = cohort.obs["sample_type"] == "cell line"
    return cohort


def test_both_origins_are_on_both_sides_and_donors_never_part(make_cohort):
    train, test = split_both_origins(lines_and_tumours(make_cohort), 0.2, seed=1)
    assert not set(train.obs["patient"]) & set(test.obs["patient"])
    assert test.obs.groupby(["cancer_type", "is_line"]).size().to_dict() == {
        ("A", False): 4, ("A", True): 4, ("B", False): 4,
    }  # fmt: skip
    assert train.n_obs + test.n_obs == 61


def test_a_single_line_of_a_type_stays_in_training(make_cohort):
    for seed in range(5):
        train, _ = split_both_origins(lines_and_tumours(make_cohort), 0.5, seed)
        assert "D99" in set(train.obs["patient"])
