"""Cohort ccle-tcga: every published fact about its files, and the loader on small ones."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.ccle import LINEAGES, build_ccle_tcga, load_cell_lines, parse_cell_lines

MODELS = ["ACH-1", "ACH-2", "ACH-3", "ACH-4", "ACH-5"]


@pytest.fixture
def lines():
    metadata = pd.DataFrame(
        {
            "ModelID": [*MODELS, "ACH-6"],
            "PatientID": [f"PT-{i}" for i in range(6)],
            "StrippedCellLineName": list("UVWXYZ"),
            "OncotreeLineage": ["Kidney", "Kidney", "Kidney", "CNS/Brain", "Lung", "Kidney"],
            "OncotreePrimaryDisease": ["RCC", "Non-Cancerous", "RCC", "Glioma", "NSCLC", "RCC"],
            "OncotreeSubtype": "",
            "PrimaryOrMetastasis": "Primary",
            "GrowthPattern": ["Adherent", "Adherent", "Organoid", *["Adherent"] * 3],
            "Sex": ["Male", "Female", "Unknown", "Female", "Male", "Male"],
            "Age": [60.0, np.nan, 1.0, 2.0, 3.0, 4.0],
        }
    )
    expression = pd.DataFrame({"ModelID": MODELS, "A_Exp": range(5), "B_Exp": 2.0, "C_Exp": 3.0})
    mutation = pd.DataFrame({"ModelID": MODELS[:2], "BRAF_Mut": [True, False]})
    return parse_cell_lines(expression, metadata, mutation)


@pytest.fixture
def tumours():
    names = [f"TCGA-KO-000{i}-01A" for i in range(3)] + ["TCGA-KO-0000-11A", "TCGA-06-0009-01A"]
    obs = pd.DataFrame(
        {
            "patient": [name[:12] for name in names],
            "cancer_type": ["KICH", "KICH", "UVM", "KICH", "GBM"],
            "sample_type": ["primary", "primary", "primary", "normal", "primary"],
            "sex": "male",
            "age": 50.0,
        },
        index=names,
    )
    x = np.arange(15, dtype=np.float32).reshape(5, 3)
    return anndata.AnnData(x, obs, pd.DataFrame({"symbol": ["C", "D", "A"]}, ["C", "D", "A"]))


PURITY = pd.DataFrame({"ABSOLUTE": [0.8], "CPE": [0.7]}, index=["TCGA-KO-0000-01"])


def test_names_lose_their_endings(lines):
    assert lines.expression.columns.tolist() == ["A", "B", "C"]
    assert lines.mutations.loc["ACH-1", "BRAF"] and not lines.mutations.loc["ACH-2", "BRAF"]
    assert lines.expression.to_numpy().dtype == np.float32


def test_shared_lineages_and_genes_with_their_own_values(lines, tumours):
    cohort = build_ccle_tcga(lines, tumours, PURITY)
    assert cohort.obs_names.tolist() == [
        *("TCGA-KO-0000-01A", "TCGA-KO-0001-01A", "TCGA-06-0009-01A"),
        *("ACH-1", "ACH-4"),
    ]
    assert cohort.var_names.tolist() == ["C", "A"]
    np.testing.assert_array_equal(cohort.X, [[0, 2], [3, 5], [12, 14], [3, 0], [3, 3]])
    assert cohort.obs["cancer_type"].tolist() == ["kidney", "kidney", "brain", "kidney", "brain"]
    assert cohort.obs["sample_type"].tolist() == ["primary"] * 3 + ["cell line"] * 2
    assert cohort.obs["tcga_type"].tolist() == ["KICH", "KICH", "GBM", "", ""]
    assert cohort.obs["model_id"].tolist() == ["", "", "", "ACH-1", "ACH-4"]
    assert cohort.obs["sex"].tolist() == ["male"] * 3 + ["male", "female"]


def test_purity_and_where_it_is_from(lines, tumours):
    obs = build_ccle_tcga(lines, tumours, PURITY).obs
    assert obs["purity"].tolist() == [0.8, 0.8, 0.8, 1, 1]
    sources = ["ABSOLUTE", "type median", "overall median", "cell line", "cell line"]
    assert obs["purity_source"].tolist() == sources


def test_notes_count_what_was_dropped(lines, tumours):
    notes = " ".join(build_ccle_tcga(lines, tumours, PURITY).uns["notes"])
    assert "1 non-cancerous models and 1 organoids" in notes
    assert "log2(TPM+1)" in notes and "log2(CPM+1)" in notes


@pytest.fixture(scope="module")
def published(real_data):
    return load_cell_lines()


@pytest.mark.real
def test_models_and_genes(published):
    assert published.expression.shape == (1450, 535)
    assert published.mutations.shape == (1738, 539)
    annotation = published.annotation.loc[published.expression.index]
    n = annotation["OncotreeLineage"].value_counts()
    assert n[["Lung", "Lymphoid", "CNS/Brain", "Skin"]].tolist() == [191, 157, 97, 89]
    assert (annotation["OncotreePrimaryDisease"] == "Non-Cancerous").sum() == 52
    assert (annotation["GrowthPattern"] == "Organoid").sum() == 24
    assert not published.expression.isna().any(axis=None)


@pytest.mark.real
def test_expression_of_known_lines(published):
    names = published.annotation["StrippedCellLineName"]
    erbb2 = published.expression["ERBB2"].set_axis(names[published.expression.index])
    found = erbb2[["SKBR3", "BT474", "MCF7", "MDAMB231"]].round(2).tolist()
    assert found == pytest.approx([10.84, 10.52, 5.51, 4.66], abs=0.006)


@pytest.mark.real
def test_lineages_that_both_have(ccle_tcga, published):
    obs = ccle_tcga.obs
    assert ccle_tcga.n_vars == 530
    assert set(obs["cancer_type"]) == set(LINEAGES.values())
    is_line = obs["sample_type"] == "cell line"
    n_lines = obs[is_line]["cancer_type"].value_counts().to_dict()
    assert n_lines == {
        **{"lymphoid": 157, "brain": 96, "pancreas": 53, "kidney": 41},
        **{"uterus": 40, "biliary": 38, "eye": 12, "adrenal": 1},
    }
    with_unfit = published.annotation.loc[published.expression.index, "OncotreeLineage"]
    before = with_unfit.value_counts()[["Pancreas", "Kidney", "Eye", "CNS/Brain"]].tolist()
    assert before == [58, 43, 18, 97]  # as published, before unfit models are dropped
    n_tumours = obs[~is_line]["tcga_type"].value_counts().to_dict()
    assert n_tumours == {
        **{"GBM": 169, "UVM": 80, "ACC": 79, "KICH": 65},
        **{"UCS": 56, "DLBC": 48, "CHOL": 36, "PAAD": 20},
    }


@pytest.mark.real
def test_values_are_those_of_the_two_sources(ccle_tcga, tcga_mrna, published):
    line, tumour = "ACH-000019", ccle_tcga.obs_names[0]
    assert line not in ccle_tcga.obs_names  # MCF7, breast, has no counterpart
    line = ccle_tcga.obs_names[-1]
    genes = ccle_tcga.var_names
    np.testing.assert_array_equal(
        ccle_tcga[line].X.ravel(), published.expression.loc[line, genes].to_numpy()
    )
    np.testing.assert_array_equal(ccle_tcga[tumour].X, tcga_mrna[tumour, genes].X)


@pytest.mark.real
def test_purity_of_tumours_and_lines(ccle_tcga):
    obs = ccle_tcga.obs
    n = obs["purity_source"].value_counts().to_dict()
    assert n == {"ABSOLUTE": 533, "CPE": 17, "type median": 3, "cell line": 438}
    assert (obs["purity"][obs["sample_type"] == "cell line"] == 1).all()
    assert obs["purity"].between(0, 1).all()


def majority_of_nearest(x, is_line, cancer_type, k=25):
    """Whether the most frequent type among the k most correlated tumours is the line's own."""
    scores = np.corrcoef(x)[np.ix_(is_line, ~is_line)]
    types = cancer_type[~is_line]
    nearest = [pd.Series(types[np.argsort(-row)[:k]]).mode()[0] for row in scores]
    return pd.Series(nearest == cancer_type[is_line], index=cancer_type[is_line])


@pytest.mark.real
def test_nearest_tumours_before_and_after_centring_each_side(ccle_tcga):
    is_line = (ccle_tcga.obs["sample_type"] == "cell line").to_numpy()
    types = ccle_tcga.obs["cancer_type"].to_numpy()
    plain = majority_of_nearest(ccle_tcga.X, is_line, types)
    assert plain.mean() == pytest.approx(0.53, abs=0.02)
    assert plain["lymphoid"].mean() == 1 and plain["kidney"].mean() == 0
    centred = ccle_tcga.X.copy()
    for side in (is_line, ~is_line):
        centred[side] -= centred[side].mean(axis=0)
    after = majority_of_nearest(centred, is_line, types)
    assert after.mean() == pytest.approx(0.69, abs=0.02)
    assert after["brain"].mean() > 0.6 > 0.2 > plain["brain"].mean()
