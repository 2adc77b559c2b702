import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.tcga.clinical import (
    add_clinical,
    load_clinical,
    load_subtypes,
    parse_clinical,
    parse_subtypes,
)


@pytest.fixture(scope="module")
def clinical(real_data):
    return load_clinical()


@pytest.fixture(scope="module")
def subtypes(real_data):
    return load_subtypes()


def _sheet(**columns):
    row = {
        "bcr_patient_barcode": "TCGA-A1-A0SE",
        "type": "BRCA",
        "age_at_initial_pathologic_diagnosis": 56,
        "gender": "FEMALE",
        "race": "WHITE",
        "ajcc_pathologic_tumor_stage": "Stage I",
        "clinical_stage": "[Not Applicable]",
    }
    row |= {name: 1 for e in ("OS", "PFI", "DSS", "DFI") for name in (e, f"{e}.time")}
    return pd.DataFrame([row | columns])


def test_unknown_values_are_nan_and_the_clinical_stage_stands_in():
    table = parse_clinical(
        _sheet(race="[Not Available]", ajcc_pathologic_tumor_stage="[Not Available]")
    )
    assert np.isnan(table.loc["TCGA-A1-A0SE", "race"])
    assert np.isnan(table.loc["TCGA-A1-A0SE", "stage"])
    table = parse_clinical(
        _sheet(ajcc_pathologic_tumor_stage="[Not Applicable]", clinical_stage="Stage III")
    )
    assert table.loc["TCGA-A1-A0SE", "stage"] == "Stage III"
    assert table.loc["TCGA-A1-A0SE", "sex"] == "female"


def test_every_sample_of_a_patient_gets_the_patients_facts():
    obs = pd.DataFrame({"patient": ["TCGA-A1-A0SE", "TCGA-A1-A0SE", "TCGA-00-0000"]}, list("abc"))
    joined = add_clinical(obs, parse_clinical(_sheet()))
    assert joined["age"].tolist()[:2] == [56, 56]
    assert joined.loc["c"].drop("patient").isna().all()
    assert joined.index.tolist() == list("abc")


def test_pam50_wins_over_the_selected_subtype():
    brca = pd.DataFrame({"patient": ["p1", "p2"], "BRCA_Subtype_PAM50": ["LumA", "NA"]})
    pancan = pd.DataFrame(
        {
            "pan.samplesID": ["p1", "p1", "TCGA.AB.2802.03A", "TCGA-00-0000"],
            "cancer.type": ["BRCA", "BRCA", "AML", "OVCA"],
            "Subtype_Selected": ["BRCA.LumB", "BRCA.Normal", "AML.3", "OVCA.NA"],
        }
    )
    table = parse_subtypes(brca, pancan)
    assert table.loc["p1"].tolist() == ["BRCA", "LumA", "BRCA.LumB"]
    assert table.loc["p2", "cancer_type"] == "BRCA"
    assert table.loc["TCGA-AB-2802", "cancer_type"] == "LAML"
    assert table.loc["TCGA-00-0000", ["pam50", "subtype"]].isna().all()


@pytest.mark.real
def test_the_resource_has_11160_patients(clinical):
    assert len(clinical) == 11_160
    assert clinical.index.is_unique
    assert clinical["cancer_type"].nunique() == 33


@pytest.mark.real
@pytest.mark.parametrize(
    ("cancer_type", "n_events", "n_patients"),
    [("BRCA", 151, 1097), ("GBM", 491, 596), ("OV", 349, 587), ("PRAD", 10, 500)],
)
def test_deaths(clinical, cancer_type, n_events, n_patients):
    patients = clinical[clinical["cancer_type"] == cancer_type]
    assert len(patients) == n_patients
    assert patients["os_event"].sum() == n_events


@pytest.mark.real
def test_nothing_unknown_is_left_as_text(clinical):
    text = clinical.select_dtypes(object)
    assert not text.apply(lambda column: column.str.startswith("[").any()).any()
    assert set(clinical["sex"].dropna()) == {"female", "male"}
    assert clinical["age"].between(10, 90).sum() == clinical["age"].notna().sum()
    assert set(clinical["os_event"].dropna()) == {0, 1}
    assert (clinical["os_time"].dropna() >= 0).all()


@pytest.mark.real
def test_pam50_classes(subtypes):
    assert subtypes["pam50"].value_counts().to_dict() == {
        "LumA": 562,
        "LumB": 209,
        "Basal": 192,
        "Her2": 82,
        "Normal": 40,
    }
    assert subtypes.index.is_unique
    assert subtypes["cancer_type"].notna().all()


@pytest.mark.real
def test_subtypes_of_24_cancers(subtypes, clinical):
    assert subtypes["cancer_type"].nunique() == 24
    assert set(subtypes["cancer_type"]) <= set(clinical["cancer_type"])
    assert subtypes.index.isin(clinical.index).mean() > 0.98
