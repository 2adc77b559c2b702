import pandas as pd
import pytest

from helpers.cohorts.tcga.barcodes import describe_barcodes, number_repeats


def test_a_barcode_names_patient_sample_type_and_site():
    table = describe_barcodes(["TCGA-A1-A0SE-01A-11R-A085-13", "TCGA-AB-2802-03A-01T-0734-13"])
    assert table["patient"].tolist() == ["TCGA-A1-A0SE", "TCGA-AB-2802"]
    assert table["sample_type"].tolist() == ["primary", "blood"]
    assert table["site"].tolist() == ["A1", "AB"]


@pytest.mark.parametrize(
    ("code", "sample_type"),
    [("02", "recurrent"), ("06", "metastasis"), ("11", "normal"), ("05", "additional primary")],
)
def test_sample_type_codes(code, sample_type):
    assert describe_barcodes([f"TCGA-A1-A0SE-{code}"])["sample_type"].item() == sample_type


@pytest.mark.parametrize("wrong", ["TCGA-A1-A0SE", "A1-A0SE-01A", "TCGA-A1-A0SE-99A", ""])
def test_what_is_not_a_sample_barcode_is_refused(wrong):
    with pytest.raises(ValueError, match="must look like TCGA"):
        describe_barcodes(["TCGA-A1-A0SE-01A", wrong])


def test_repeats_are_numbered_in_order():
    assert number_repeats(pd.Index(["a", "b", "a", "a"])).tolist() == ["a", "b", "a.2", "a.3"]
