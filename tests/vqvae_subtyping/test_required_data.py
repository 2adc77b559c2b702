"""One clear error for each way in which subtypes cannot be looked for."""

import numpy as np
import pytest

from helpers.vqvae_subtyping.required_data import (
    check_followup,
    check_subtyping,
    parts_of,
    what_is_missing,
)


@pytest.fixture
def cohort(make_cohort):
    rows = [(f"P{i}", "A", "primary") for i in range(8)]
    columns = {"os_time": np.arange(8) + 1.0, "os_event": [0, 1] * 4}
    cohort = make_cohort(rows, subtype=["x", "y"] * 4, **columns)
    cohort.var["feature_type"] = ["gene"] * 3 + ["microRNA"] * 2
    return cohort


def test_a_good_cohort_passes(cohort):
    check_subtyping(cohort, 2)
    check_subtyping(cohort, 8)


def test_fewer_patients_than_clusters(cohort):
    with pytest.raises(ValueError, match=r"it has 8 and n_clusters is 9\. Lower n_clusters"):
        check_subtyping(cohort, 9)


@pytest.mark.parametrize("n_clusters", [1, 0, -2])
def test_one_cluster_is_none(cohort, n_clusters):
    with pytest.raises(ValueError, match=rf"must be 2 or more; got {n_clusters}"):
        check_subtyping(cohort, n_clusters)


def test_a_constant_feature_is_named(cohort):
    cohort.X[:, 3] = 2.5
    with pytest.raises(ValueError, match=r"GENE3 is 2\.5 in all 8 \(1 of 5 features.*np\.ptp"):
        check_subtyping(cohort, 2)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_value_that_is_not_finite_names_patient_and_feature(cohort, wrong):
    cohort.X[4, 2] = wrong
    with pytest.raises(ValueError, match=r"sample sample-004, gene GENE2 is (nan|inf)"):
        check_subtyping(cohort, 2)


@pytest.mark.parametrize("wrong", [0, -3.5, np.inf])
def test_a_survival_time_of_0_or_less_names_the_patient(cohort, wrong):
    cohort.obs.loc["sample-005", "os_time"] = wrong
    message = rf'obs\["os_time"\] must be above 0 days; patient P5.*has {wrong}.*1 of 8.*Drop them'
    for check in (lambda: check_subtyping(cohort, 2), lambda: check_followup(cohort.obs)):
        with pytest.raises(ValueError, match=message):
            check()


def test_an_event_is_0_or_1(cohort):
    cohort.obs.loc["sample-002", "os_event"] = 2
    with pytest.raises(ValueError, match=r'obs\["os_event"\] must be 1 \(died\) or 0.*P2.*has 2'):
        check_subtyping(cohort, 2)


def test_an_unknown_time_is_not_wrong(cohort):
    cohort.obs.loc["sample-002", "os_time"] = np.nan
    check_subtyping(cohort, 2)
    assert what_is_missing(cohort) == ["1 of 8 patients have no survival: not in its curves."]
    del cohort.obs["os_time"]
    check_followup(cohort.obs)


def test_two_samples_of_a_patient(cohort):
    cohort.obs.loc["sample-001", "patient"] = "P0"
    with pytest.raises(ValueError, match=r"must have one sample; P0 has more.*select_subtyping"):
        check_subtyping(cohort, 2)


def test_what_a_cohort_has(cohort):
    assert parts_of(cohort) == dict.fromkeys(("gene", "microRNA", "subtype", "survival"), True)
    assert what_is_missing(cohort) == []
    cohort.obs["subtype"] = ["x"] + [""] * 7
    cohort.obs["os_event"] = 0
    cohort.var["feature_type"] = "gene"
    parts = {"gene": True, "microRNA": False, "subtype": False, "survival": False}
    assert parts_of(cohort) == parts
    missing = what_is_missing(cohort)
    assert [line.partition(" (")[0].partition(":")[0] for line in missing] == [
        "No microRNAs",
        "No known subtypes",
        "No survival",
    ]


def test_unknown_subtypes_are_counted(cohort):
    cohort.obs.loc["sample-000", "subtype"] = ""
    assert what_is_missing(cohort)[0].startswith("1 of 8 patients have no known subtype")
