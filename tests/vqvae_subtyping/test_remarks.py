"""Remarks on one cohort are shown on that cohort only."""

from helpers.cohorts.registry import cohort
from helpers.vqvae_subtyping.remarks import REMARKS, remarks


def test_remarks_are_of_registered_cohorts_and_of_no_other():
    assert [cohort(name) for name in REMARKS]
    assert any("PAM50" in remark for remark in remarks("tcga-brca"))
    assert not any("PAM50" in remark for remark in remarks("demo-subtypes"))
    assert remarks("mine") == ()
