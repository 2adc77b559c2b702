"""What barcodes and names of cell lines say."""

import pandas as pd
import pytest

from helpers.cohorts.reading.sample_names import are_lines, read_barcodes


def test_barcodes_say_whose_a_sample_is_and_whether_it_is_a_tumour():
    obs = pd.DataFrame(
        index=["TCGA-A1-A0SE-01A-11R-A085-13", "TCGA-A1-A0SE-11A", "tcga.05.4245.06"]
    )
    patients, types = read_barcodes(obs)
    assert obs["patient"].tolist() == ["TCGA-A1-A0SE", "TCGA-A1-A0SE", "TCGA-05-4245"]
    assert obs["sample_type"].tolist() == ["primary", "normal", "metastasis"]
    assert "TCGA-A1-A0SE-01A-11R-A085-13 is TCGA-A1-A0SE" in patients
    assert "'normal' (1)" in types and "'metastasis' (1)" in types


def test_what_the_file_says_itself_stays():
    obs = pd.DataFrame({"patient": ["me"], "sample_type": ["x"]}, index=["TCGA-A1-A0SE-11A"])
    assert read_barcodes(obs) == [] and obs.iloc[0].tolist() == ["me", "x"]


def test_names_that_stop_at_the_patient_say_no_type():
    obs = pd.DataFrame(index=["TCGA-A1-A0SE", "TCGA-A1-A0SB"])
    assert len(read_barcodes(obs)) == 1 and list(obs) == ["patient"]


@pytest.mark.parametrize("other", ["s1", "TCGA-A1", "xTCGA-A1-A0SE-01A", "TCGA-A1-A0SE-99A"])
def test_one_other_name_and_no_barcode_is_believed(other):
    obs = pd.DataFrame(index=["TCGA-A1-A0SE-01A", other])
    read_barcodes(obs)
    assert "sample_type" not in obs


@pytest.mark.parametrize(
    ("names", "columns", "is_line"),
    [
        (["ACH-000001", "ACH-000002"], (), True),
        (["MCF7_BREAST", "A549_LUNG"], (), True),
        (["SIDM00001"], (), True),
        (["a", "b"], ("Stripped Cell Line Name",), True),
        (["a", "b"], ("ModelID",), True),
        (["S1_TUMOUR", "S2_TUMOUR"], ("patient",), False),
        (["TCGA-A1-A0SE-01A", "TCGA-A1-A0SB-01A"], (), False),
    ],
)
def test_names_of_cell_lines_are_known(names, columns, is_line):
    assert are_lines(pd.DataFrame("x", index=names, columns=list(columns))) == is_line
