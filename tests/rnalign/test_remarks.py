"""What holds for one cohort is shown on that cohort only."""

import pytest

from helpers.cohorts.registry import load_cohort
from helpers.rnalign.cohorts import COHORTS
from helpers.rnalign.remarks import (
    DIFFERENCES,
    NOT_NOTED,
    QUESTION,
    READING,
    how_to_read,
    what_differs,
)
from helpers.rnalign.samples import select_alignment


def test_remarks_are_of_registered_cohorts():
    registered = {cohort.name for cohort in COHORTS}
    assert {*READING, *DIFFERENCES} <= registered


def test_other_cohorts_and_types_get_a_question_and_no_remark():
    assert how_to_read("mine.h5ad", ("kidney",)) == f"- {QUESTION}"
    assert how_to_read("ccle-tcga", ("skin",)) == f"- {QUESTION}"
    text = how_to_read("ccle-tcga", ("brain", "kidney"))
    assert text.count("\n") == 1 and "*Brain*" in text and "chromophobe" in text


def test_differences_are_those_of_the_cohorts_of_the_run():
    assert what_differs(("mine.h5ad", "")) == f"- {NOT_NOTED}"
    both = what_differs(("ccle-tcga", "ccle-brca"))
    assert "530 genes" in both and "138 genes" in both and "simulated" not in both
    assert "138" not in what_differs(("ccle-tcga", ""))


@pytest.mark.real
def test_types_with_remarks_are_the_cohorts(real_data):
    types = set(select_alignment(load_cohort("ccle-tcga", 0)).obs["cancer_type"])
    assert set(READING["ccle-tcga"]) <= types
