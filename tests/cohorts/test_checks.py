"""One clear error for each way in which a cohort cannot be aligned."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohorts.checks import check_alignment, check_purity


@pytest.fixture
def cohort(make_cohort):
    rows = [(f"P{i}", "AB"[i % 2], "primary") for i in range(6)]
    rows += [(f"L{i}", "AB"[i % 2], "cell line") for i in range(4)]
    return make_cohort(rows, purity=[0.6] * 6 + [1.0] * 4)


def test_a_good_cohort_passes(cohort):
    check_alignment(cohort)


@pytest.mark.parametrize("column", ["patient", "cancer_type", "sample_type", "purity"])
def test_a_missing_column(cohort, column):
    del cohort.obs[column]
    with pytest.raises(ValueError, match=rf'must have obs\["{column}"\].*Add it with: adata'):
        check_alignment(cohort)


@pytest.mark.parametrize("wrong", [1.01, -0.2, 60.0, np.inf])
def test_a_purity_outside_0_to_1_names_the_first_sample(cohort, wrong):
    cohort.obs.loc[["sample-003", "sample-005"], "purity"] = wrong
    message = rf"between 0 and 1; sample sample-003 has {wrong} \(2 of 10 samples are wrong\)"
    with pytest.raises(ValueError, match=message):
        check_alignment(cohort)


def test_a_missing_purity_names_the_first_sample(cohort):
    cohort.obs.loc["sample-002", "purity"] = np.nan
    with pytest.raises(ValueError, match=r"not be missing; sample sample-002 has nan.*median"):
        check_alignment(cohort)


def test_a_purity_in_words(cohort):
    cohort.obs["purity"] = cohort.obs["purity"].astype(object)
    cohort.obs.loc["sample-001", "purity"] = "high"
    with pytest.raises(ValueError, match="sample sample-001 has high"):
        check_alignment(cohort)


@pytest.mark.parametrize("only", ["primary", "cell line"])
def test_one_sample_type_only(cohort, only):
    cohort.obs["sample_type"] = only
    with pytest.raises(ValueError, match=rf"all 10 samples are {only}.*anndata\.concat"):
        check_alignment(cohort)


def test_no_type_on_both_sides(cohort):
    is_line = cohort.obs["sample_type"] == "cell line"
    cohort.obs.loc[is_line, "cancer_type"] = "brain"
    with pytest.raises(ValueError, match=r"tumours have A, B, cell lines have brain.*replace"):
        check_alignment(cohort)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_names_sample_and_gene(cohort, wrong):
    cohort.X[4, 2] = wrong
    cohort.X[7, 1] = wrong
    message = r"sample sample-004, gene GENE2 is -?(nan|inf) \(2 samples and 2 genes"
    with pytest.raises(ValueError, match=message):
        check_alignment(cohort)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_every_share_is_accepted(values):
    check_purity(pd.Series(values))


@given(st.lists(st.floats(0, 1)), st.floats().filter(lambda v: not 0 <= v <= 1))
def test_nothing_else_is(values, wrong):
    with pytest.raises(ValueError, match="purity"):
        check_purity(pd.Series([*values, wrong]))


@pytest.mark.parametrize("wrong", [60.0, "60", None, "NA"])
def test_the_lines_for_purity_mend_it(cohort, wrong):
    cohort.obs["purity"] = cohort.obs["purity"].astype(object)
    cohort.obs.loc[["sample-003", "sample-005"], "purity"] = wrong
    with pytest.raises(ValueError, match="purity") as error:
        check_alignment(cohort)
    exec(str(error.value).split("with: ")[1], {"adata": cohort})
    check_alignment(cohort)
    assert cohort.obs.loc["sample-003", "purity"] == 0.6 and cohort.obs["purity"].max() == 1


def test_the_line_that_adds_purity_works(cohort):
    del cohort.obs["purity"]
    with pytest.raises(ValueError, match="Add it with: adata") as error:
        check_alignment(cohort)
    exec(str(error.value).split("with: ")[1], {"adata": cohort})
    assert cohort.obs["purity"].tolist() == [0.7] * 6 + [1.0] * 4
