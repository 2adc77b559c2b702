"""Cohort ccle-brca: subtypes of both sides, scales of their own, and the published counts."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.ccle import parse_cell_lines
from helpers.rnalign.ccle_brca import build_ccle_brca

MODELS = ["ACH-1", "ACH-2", "ACH-3", "ACH-4", "ACH-5"]
PURITY = pd.DataFrame({"ABSOLUTE": [0.8], "CPE": [0.7]}, index=["TCGA-AA-0000-01"])


@pytest.fixture
def lines():
    metadata = pd.DataFrame(
        {
            "ModelID": MODELS,
            "PatientID": [f"PT-{i}" for i in range(5)],
            "StrippedCellLineName": list("VWXYZ"),
            "OncotreeLineage": ["Breast", "Breast", "Breast", "Lung", "Breast"],
            "OncotreePrimaryDisease": ["IBC", "IBC", "IBC", "NSCLC", "Non-Cancerous"],
            "GrowthPattern": "Adherent",
            "LegacySubSubtype": ["ERneg_HER2neg", "ERpos_HER2pos", None, None, "ERpos_HER2neg"],
        }
    )
    values = {"A_Exp": [1.0, 4.0, 7.0, 9.0, 9.0], "B_Exp": 2.0, "C_Exp": [0.0, 8.0, 4.0, 9.0, 9.0]}
    expression = pd.DataFrame({"ModelID": MODELS, **values})
    return parse_cell_lines(expression, metadata, pd.DataFrame({"ModelID": MODELS}))


@pytest.fixture
def tumours():
    patients = [f"TCGA-AA-000{i}" for i in range(6)]
    obs = pd.DataFrame(
        {
            "patient": patients,
            "cancer_type": "BRCA",
            "sample_type": "primary",
            "subtype": ["LumA", "LumB", "Basal", "Her2", "Normal", ""],
        },
        index=patients,
    )
    x = np.random.default_rng(0).lognormal(size=(6, 4)).astype(np.float32)
    names = ["C", "D", "A", "B"]
    return anndata.AnnData(x, obs, pd.DataFrame({"symbol": names}, index=names))


def test_genes_that_both_have_and_that_differ_on_both_sides(lines, tumours):
    cohort = build_ccle_brca(lines, tumours, PURITY)
    assert cohort.var_names.tolist() == ["C", "A"]  # B is the same in every line
    assert cohort.n_obs == 6 + 3  # a lung line and a non-cancerous one are left out


def test_each_side_has_mean_0_and_variance_1_and_keeps_its_order(lines, tumours):
    cohort = build_ccle_brca(lines, tumours, PURITY)
    for side in (slice(0, 6), slice(6, 9)):
        np.testing.assert_allclose(cohort.X[side].mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(cohort.X[side].std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(cohort.X[6:, 1], [-np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-6)
    order = np.argsort(tumours[:, ["C", "A"]].X, axis=0)
    np.testing.assert_array_equal(np.argsort(cohort.X[:6], axis=0), order)


def test_subtypes_have_the_same_names_on_both_sides(lines, tumours):
    obs = build_ccle_brca(lines, tumours, PURITY).obs
    assert obs["subtype"].tolist() == [
        *("luminal", "luminal", "basal", "HER2-enriched", "", ""),
        *("basal", "HER2-enriched", ""),
    ]
    assert obs["pam50"].tolist() == ["LumA", "LumB", "Basal", "Her2", "Normal", "", "", "", ""]
    assert obs["purity"].tolist() == [*[0.8] * 6, 1, 1, 1]
    assert set(obs["cancer_type"]) == {"breast"}


@pytest.mark.real
def test_the_published_counts(real_data):
    from helpers.cohorts.registry import load_cohort

    cohort = load_cohort("ccle-brca")
    is_line = cohort.obs["sample_type"] == "cell line"
    assert cohort.shape == (1002, 138)
    assert cohort.obs[is_line]["subtype"].value_counts().to_dict() == {
        **{"basal": 31, "HER2-enriched": 17, "luminal": 12, "": 2},
    }
    tumours = cohort.obs[~is_line]["subtype"].value_counts()
    assert tumours.to_dict() == {
        **{"luminal": 474 + 190, "basal": 160, "HER2-enriched": 72},
        "": 33 + 11,
    }


@pytest.mark.real
def test_her2_amplified_lines_stand_out_by_erbb2_after_scaling(real_data):
    from helpers.cohorts.registry import load_cohort

    cohort = load_cohort("ccle-brca")
    values = np.asarray(cohort[:, "ERBB2"].X).ravel()
    erbb2 = pd.Series(values, cohort.obs["line_name"])
    assert erbb2[["SKBR3", "BT474"]].min() > 1 > erbb2[["MCF7", "MDAMB231"]].max()
    by_subtype = cohort.obs.assign(erbb2=values)
    for _, side in by_subtype[by_subtype["subtype"] != ""].groupby("sample_type"):
        assert side.groupby("subtype")["erbb2"].median().idxmax() == "HER2-enriched"
