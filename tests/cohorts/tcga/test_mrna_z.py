"""mRNA z-scores: what the published files hold, and the reader on small ones."""

import zipfile

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.mrna_z import load_mrna_z, read_mrna_z

N_PATIENTS = {
    **{"BRCA": 956, "GBMLGG": 569, "LUAD": 453, "KIRC": 345, "HNSC": 416, "BLCA": 373},
    "COADREAD": 340,
}


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "tcga_brca_all_clean.csv.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("tcga_brca_all_clean.csv", text)
        return path

    return write


@pytest.fixture(scope="module")
def tables(real_data):
    return load_mrna_z()


def test_one_row_a_patient_and_only_rnaseq_columns(write):
    path = write(
        "case_id,slide_id,survival_months,TP53_mut,ERBB2_cnv,ERBB2_rnaseq,NKX2-1_rnaseq\n"
        "TCGA-B,s3,9,1,2,0.5,-1\nTCGA-A,s1,3,0,0,7.25,2\nTCGA-A,s2,3,0,0,7.25,2\n"
    )
    table = read_mrna_z(path)
    assert table.index.tolist() == ["TCGA-A", "TCGA-B"]
    assert table.columns.tolist() == ["ERBB2", "NKX2-1"]
    assert table.loc["TCGA-A"].tolist() == [7.25, 2.0]
    assert (table.dtypes == np.float32).all()


def test_slides_of_a_patient_that_differ_are_refused(write):
    path = write("case_id,ERBB2_rnaseq\nTCGA-A,1\nTCGA-A,2\nTCGA-B,1\n")
    with pytest.raises(ValueError, match=r"same expression; those of TCGA-A differ"):
        read_mrna_z(path)


@pytest.mark.parametrize("header", ["case_id,ERBB2\nA,1\n", "patient,ERBB2_rnaseq\nA,1\n"])
def test_another_table_is_refused(write, header):
    with pytest.raises(ValueError, match=r"must have `case_id` and columns that end in _rnaseq"):
        read_mrna_z(write(header))


@pytest.mark.real
def test_patients_and_genes(tables):
    assert {name: len(table) for name, table in tables.items()} == N_PATIENTS
    for table in tables.values():
        assert 1540 <= table.shape[1] <= 1560
        assert table.index.is_unique and table.columns.is_unique
        assert not table.isna().any().any()


@pytest.mark.real
def test_values_are_linear_z_scores_and_very_skewed(tables):
    brca = tables["BRCA"]
    assert brca["FGF4"].max() == pytest.approx(36_893, abs=1)
    assert np.median(skew(brca.to_numpy(float), axis=0)) > 3
    assert brca.to_numpy().min() > -6, "nothing lies far below its mean"


@pytest.mark.real
def test_a_file_read_another_way(tables):
    """One patient's values with the csv module and no pandas."""
    import csv
    import io

    (path,) = (p for p in fetch_group("tcga-mrna-z") if "kirc" in p.name)
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file)))
    row = rows[len(rows) // 2]
    found = tables["KIRC"].loc[row["case_id"]]
    for gene in ("AAK1", "ABCB1"):
        assert found[gene] == pytest.approx(float(row[f"{gene}_rnaseq"]), rel=1e-6)
    assert len({r["case_id"] for r in rows}) == 345


@pytest.mark.real
def test_only_the_asked_cohorts_are_read(real_data):
    assert list(load_mrna_z(("KIRC",))) == ["KIRC"]
    assert isinstance(load_mrna_z(("KIRC",))["KIRC"], pd.DataFrame)
