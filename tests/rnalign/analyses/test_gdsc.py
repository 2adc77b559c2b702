"""Drug sensitivities: one value a line and drug, and what is published about them."""

import pytest

from helpers.rnalign.analyses.gdsc import load_drug_sensitivity, read_drug_sensitivity
from helpers.rnalign.ccle import load_cell_lines


@pytest.fixture
def files(tmp_path):
    matrix, drugs = tmp_path / "matrix.csv", tmp_path / "drugs.csv"
    matrix.write_text('"","ACH-1","ACH-2"\n"GDSC:7",1.5,NA\n"GDSC:8",-2,3\n"GDSC:9",0,NA\n')
    drugs.write_text(
        "drug_id,Name,Synonyms,Targets,Target pathway,PubCHEM,Sample Size,Count\n"
        "7,Alpha,,EGFR,EGFR signaling,1,9,9\n8,Beta,,BRAF,ERK,2,9,9\n9,Beta,,BRAF,ERK,2,9,9\n"
    )
    return matrix, drugs


def test_what_was_measured_with_a_name_for_every_screen(files):
    table = read_drug_sensitivity(*files)
    rows = set(table[["model_id", "drug", "ln_ic50"]].itertuples(index=False, name=None))
    assert rows == {
        ("ACH-1", "Alpha", 1.5),
        ("ACH-1", "Beta (GDSC 8)", -2.0),
        ("ACH-2", "Beta (GDSC 8)", 3.0),
        ("ACH-1", "Beta (GDSC 9)", 0.0),
    }
    assert table["target"].tolist() == ["EGFR", "BRAF", "BRAF", "BRAF"]


def test_a_drug_that_is_not_listed(files):
    files[1].write_text(files[1].read_text().replace("\n7,", "\n70,"))
    with pytest.raises(ValueError, match=r"\[7\] is not\. Use the two files"):
        read_drug_sensitivity(*files)


@pytest.mark.real
def test_size_and_one_value_a_line_and_drug(real_data):
    table = load_drug_sensitivity()
    assert table.shape == (208_734, 5)
    assert (table["drug"].nunique(), table["model_id"].nunique()) == (266, 969)
    assert not table.duplicated(["drug", "model_id"]).any()
    assert not table.isna().any(axis=None)


@pytest.mark.real
def test_lines_of_the_cohort_that_were_screened(ccle_tcga):
    screened = ccle_tcga.obs["model_id"].isin(load_drug_sensitivity()["model_id"])
    assert ccle_tcga.obs[screened]["cancer_type"].value_counts().to_dict() == {
        **{"lymphoid": 79, "brain": 39, "pancreas": 28, "kidney": 17},
        **{"uterus": 16, "biliary": 2, "adrenal": 1},
    }


@pytest.mark.real
def test_dabrafenib_kills_lines_with_mutated_braf(real_data):
    table = load_drug_sensitivity()
    value = table[table["drug"] == "Dabrafenib"].set_index("model_id")["ln_ic50"]
    mutated = load_cell_lines().mutations["BRAF"].reindex(value.index).dropna().astype(bool)
    medians = value[mutated.index].groupby(mutated).median()
    assert medians[True] == pytest.approx(-1.58, abs=0.01)
    assert medians[False] == pytest.approx(3.87, abs=0.01)
