"""Slides and their expression: ragged regions, what is left out, and the published files."""

import anndata
import numpy as np
import pandas as pd
import pytest
import torch

from helpers.coembedding.histology.slides import (
    build_histology_cohort,
    load_slides,
    read_regions,
    select_slides,
    slide_cohort,
    with_expression,
)
from helpers.cohorts.tcga.clinical import load_clinical, load_subtypes
from helpers.cohorts.tcga.mrna_z import load_mrna_z

A, B, C, D = "TCGA-A1-A0SE", "TCGA-3C-AALJ", "TCGA-E2-A15E", "TCGA-ZZ-0001"
CLINICAL = pd.DataFrame(
    {"age": [50.0], "sex": ["female"], "race": ["WHITE"], "stage": ["Stage I"]}
    | {"os_time": [100.0], "os_event": [1.0]},
    index=[B],
)


def slides():
    rng = np.random.default_rng(0)
    names = {f"{A}-01Z-00-DX1.F6": 3, f"{A}-01Z-00-DX2.A0": 1, f"{B}-01A-01-DX1.88": 4}
    names |= {f"{C}-06Z-00-DX1.D3": 2, f"{D}-01Z-00-DX1.11": 5}
    return {name: rng.normal(size=(n, 192)).astype(np.float32) for name, n in names.items()}


def mirna():
    rows = [(A, "BRCA", "normal"), (A, "BRCA", "primary"), (C, "BRCA", "primary")]
    obs = pd.DataFrame(rows, columns=["patient", "cancer_type", "sample_type"], index=list("nac"))
    x = np.array([[9, 9], [1, 2], [3, 4]], dtype=np.float32)
    return anndata.AnnData(x, obs, pd.DataFrame(index=["hsa-mir-1", "hsa-mir-2"]))


MRNA = pd.DataFrame([[5.0, 6, 7]], [B], ["ESR1", "GATA3", "FGF4"], dtype=np.float32)


@pytest.fixture
def cohort():
    return build_histology_cohort(slides(), mirna(), MRNA, CLINICAL)


def test_slides_carry_their_patients_expression(cohort):
    assert cohort.obs["patient"].tolist() == [B, A, A]
    assert cohort.obs["site"].tolist() == ["3C", "A1", "A1"]
    assert cohort.obs["age"].tolist()[0] == 50.0
    np.testing.assert_array_equal(cohort.X[1:, :2], [[1, 2], [1, 2]])  # the primary tumour's
    np.testing.assert_array_equal(cohort.X[0, 2:], [5, 6, 7])
    assert np.isnan(cohort.X[0, :2]).all() and np.isnan(cohort.X[1:, 2:]).all()
    assert cohort.var["feature_type"].tolist() == ["microRNA"] * 2 + ["gene"] * 3
    # One metastasis, and one primary tumour (ZZ) without expression.
    assert "Of 5 slides, left out: 1 not of a primary tumour, 1 whose" in cohort.uns["notes"][-1]


def test_regions_stay_with_their_slide(cohort):
    given = slides()
    of_slide = cohort.uns["region_slide"]
    for row, name in enumerate(cohort.obs["slide"]):
        np.testing.assert_array_equal(cohort.uns["regions"][of_slide == row], given[name])
        np.testing.assert_allclose(cohort.obsm["slide"][row], given[name].mean(axis=0), rtol=1e-5)
    kept = select_slides(cohort, np.array([True, False, True]))
    assert kept.uns["region_slide"].tolist() == [0] * 4 + [1]
    np.testing.assert_array_equal(kept.uns["regions"][4], given[kept.obs["slide"].iloc[1]][0])
    with pytest.raises(ValueError, match="one bool for each of 3 slides"):
        select_slides(cohort, np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="with 0 kept"):
        select_slides(cohort, np.zeros(3, bool))


def test_one_kind_of_expression(cohort):
    genes = with_expression(cohort, "gene")
    assert genes.obs["patient"].tolist() == [B] and genes.n_vars == 3
    assert len(genes.uns["regions"]) == 4 and genes.uns["feature"] == "gene"
    assert with_expression(cohort, "microRNA").n_obs == 2
    with pytest.raises(ValueError, match="one of gene, microRNA; got 'protein'"):
        with_expression(cohort, "protein")


def test_no_slide_with_expression_is_refused():
    only = {name: regions for name, regions in slides().items() if name.startswith((C, D))}
    with pytest.raises(ValueError, match="of 2 slides 1 are of other samples and 1 have no"):
        build_histology_cohort(only, mirna(), MRNA, CLINICAL)
    obs = pd.DataFrame(index=["a", "b"])
    with pytest.raises(ValueError, match="got 1 arrays for 2 slides"):
        slide_cohort(np.ones((2, 1)), obs, pd.DataFrame(index=["g"]), [np.ones((1, 2))])
    with pytest.raises(ValueError, match="b has none"):
        regions = [np.ones((1, 2)), np.ones((0, 2))]
        slide_cohort(np.ones((2, 1)), obs, pd.DataFrame(index=["g"]), regions)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (torch.ones(3, 191), r"regions × 192.*got \(3, 191\)"),
        (torch.ones(0, 192), "one region or more"),
        (torch.full((2, 192), float("nan")), "finite numbers"),
    ],
)
def test_files_that_will_not_do(tmp_path, values, message):
    torch.save(values, tmp_path / "slide.pt")
    with pytest.raises(ValueError, match=message):
        read_regions(tmp_path / "slide.pt")


@pytest.mark.real
def test_published_facts(tcga_mirna):
    files = load_slides()
    kinds = pd.Series([name[13:16] for name in files]).value_counts().to_dict()
    assert len(files) == 959 and kinds == {"01Z": 950, "01A": 8, "06Z": 1}
    n_regions = np.array([len(regions) for regions in files.values()])
    assert (np.median(n_regions), n_regions.min(), n_regions.max()) == (26, 1, 122)
    mrna = load_mrna_z(("BRCA",))["BRCA"]
    cohort = build_histology_cohort(files, tcga_mirna, mrna, load_clinical(), load_subtypes())
    assert cohort.shape == (955, 2_238) and cohort.obs["patient"].nunique() == 913
    assert cohort.obs["site"].nunique() == 38 and cohort.var_names.is_unique
    assert cohort.obs["os_time"].notna().sum() >= 950
    parts = {kind: with_expression(cohort, kind) for kind in ("microRNA", "gene")}
    n = {kind: (part.n_obs, part.obs["patient"].nunique()) for kind, part in parts.items()}
    assert n == {"microRNA": (942, 900), "gene": (868, 830)}
