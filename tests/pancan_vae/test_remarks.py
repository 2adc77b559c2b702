from helpers.cohorts.registry import COHORTS
from helpers.pancan_vae.remarks import REMARKS, remarks_on


def test_remarks_are_of_registered_cohorts_and_shown_there_only():
    assert set(REMARKS) <= set(COHORTS)
    assert remarks_on("my.h5ad") == ""
    assert remarks_on("tcga-mirna").count("\n- ") == len(REMARKS["tcga-mirna"]) - 1
    assert "LAML" not in remarks_on("demo-pancan")
