"""Remarks on a cohort are shown with that cohort and with no other."""

import pytest

from helpers.coembedding.remarks import READING, REMARKS, reading_notes, remarks
from helpers.cohorts.registry import COHORTS


def test_remarks_are_on_cohorts_that_exist():
    assert set(REMARKS) | set(READING) <= set(COHORTS)


def test_a_run_has_the_remarks_of_its_cohorts_alone():
    shown = remarks("tcga-atac-rna", "", "tcga-brca-histology")
    assert "microRNA instead of 19,421 genes" in shown and "groups are subtypes" in shown
    assert "72 breast tumours" not in shown
    assert remarks("mine.h5ad", "", "") == ""


@pytest.mark.parametrize(("cohort", "n"), [("demo-multiomics", 1), ("tcga-atac-rna", 2)])
def test_notes_of_the_cohort_come_first(cohort, n):
    lines = reading_notes(["a note"], cohort).splitlines()
    assert lines[0] == "- a note" and len(lines) == n
