import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.column_names import name_columns


def test_other_names_of_our_columns():
    obs = pd.DataFrame({"bcr_patient_barcode": ["p"], "Cancer_Type": ["A"], "OS.time": [10],
                        "OS_STATUS": ["0:LIVING"], "gender": ["f"]})  # fmt: skip
    notes = name_columns(obs)
    assert {"patient", "cancer_type", "os_time", "os_event", "sex"} <= set(obs)
    assert len(notes) == 5 and "obs['OS.time'] is read as os_time." in notes


@pytest.mark.parametrize(
    ("column", "values", "ours"),
    [
        ("PatientID", ["PT-1"], "patient"),
        ("icgc_donor_id", ["DO1"], "patient"),
        ("cancer type abbreviation", ["BRCA"], "cancer_type"),
        ("ONCOTREE_CODE", ["BRCA"], "cancer_type"),
        ("OncotreeLineage", ["Breast"], "cancer_type"),
        ("project_id", ["TCGA-BRCA"], "cancer_type"),
    ],
)
def test_words_of_xena_cbioportal_depmap_and_gdc(column, values, ours):
    obs = pd.DataFrame({column: values})
    assert name_columns(obs) == [f"obs['{column}'] is read as {ours}."] and ours in obs


def test_a_project_that_is_no_cancer_is_not_used():
    obs = pd.DataFrame({"project_id": ["TCGA-BRCA", "my study"]})
    assert name_columns(obs) == ["obs['project_id'] cannot be read as cancer_type: not used."]


def test_our_own_columns_win():
    obs = pd.DataFrame({"os_time": [1.0], "OS.time": [2.0], "Age": [3], "age": [4]})
    assert name_columns(obs) == [] and obs["os_time"][0] == 1


def test_months_become_days():
    obs = pd.DataFrame({"OS_MONTHS": ["12", "NA"]})
    assert "months turned into days" in name_columns(obs)[0]
    np.testing.assert_allclose(obs["os_time"], [365.25, np.nan])


def test_gdcs_two_columns_of_days():
    obs = pd.DataFrame({"vital_status": ["Dead", "Alive", "Not Reported"],
                        "days_to_death": [100, np.nan, np.nan],
                        "days_to_last_follow_up": [90, 500, 7]})  # fmt: skip
    assert "of those who died" in name_columns(obs)[-1]
    assert obs["os_time"].tolist() == [100, 500, 7]


@pytest.mark.parametrize("values", [[1, 2, 2], [300.0, 20.0, 7.0], ["Dead", "maybe", "Alive"]])
def test_a_column_that_may_be_something_else_is_not_refused(values):
    obs = pd.DataFrame({"OS": values})
    assert name_columns(obs) == ["obs['OS'] cannot be read as os_event: not used."]
    assert list(obs) == ["OS"]
