"""Cohort tcga-atac-rna: components joined with microRNA, and components computed from blocks."""

import anndata
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from helpers.coembedding.atac.components import (
    build_atac_rna,
    build_components_cohort,
    gram_components,
    load_atac_components,
    one_aliquot_a_patient,
    read_components,
)
from helpers.coembedding.donors.modalities import check_multiomics
from helpers.coembedding.donors.split import paired_split

PATIENTS = ["TCGA-A1-A0SE", "TCGA-3C-AALJ", "TCGA-06-A5U0"]
CLINICAL = pd.DataFrame(
    {"age": [50.0], "sex": ["female"], "race": ["WHITE"], "stage": ["Stage I"]}
    | {"os_time": [100.0], "os_event": [1.0]},
    index=PATIENTS[:1],
)


@pytest.fixture
def small():
    components = pd.DataFrame(np.arange(6.0).reshape(3, 2), PATIENTS, ["pc001", "pc002"])
    patients = pd.DataFrame({"acronym": ["BRCA", "BRCA", "GBM"]}, PATIENTS)
    libraries = pd.DataFrame({"Case_ID": [f"{p}-0{k}A-31-A615-42" for p, k in zip(
        [*PATIENTS, PATIENTS[0]], [1, 6, 2, 1], strict=True)]})  # fmt: skip
    return components, patients, libraries


def mirna(rows):
    obs = pd.DataFrame(rows, columns=["patient", "cancer_type", "sample_type"])
    obs.index = [f"{p}-{i}" for i, p in enumerate(obs["patient"])]
    obs = obs.assign(batch="HiSeq", subtype=None, site=obs["patient"].str[5:7])
    x = np.arange(len(obs), dtype=np.float32)[:, None] + [[0.0, 0.5]]
    cohort = anndata.AnnData(x.astype(np.float32), obs, pd.DataFrame(index=["a", "b"]))
    cohort.uns = {"name": "m", "unit": "log2(RPM+1)", "feature": "microRNA", "notes": []}
    return cohort


def test_the_aliquot_of_the_same_sample_type_is_joined(small):
    atac = build_components_cohort(*small, CLINICAL)
    assert atac.obs["sample_type"].tolist() == ["primary", "metastasis", "recurrent"]
    rows = [
        (PATIENTS[0], "BRCA", "normal"), (PATIENTS[0], "BRCA", "metastasis"),
        (PATIENTS[0], "BRCA", "primary"), (PATIENTS[1], "BRCA", "primary"),
        (PATIENTS[1], "BRCA", "metastasis"), ("TCGA-ZZ-0001", "OV", "normal"),
        ("TCGA-ZZ-0002", "OV", "primary"),
    ]  # fmt: skip
    joined = build_atac_rna(mirna(rows), atac)
    assert list(joined.obs_names) == sorted([*PATIENTS, "TCGA-ZZ-0002"])
    assert joined[PATIENTS[0]].X[0, 0] == 2 and joined[PATIENTS[1]].X[0, 0] == 4
    assert joined.obs["has_rna"].tolist() == [False, True, True, True]
    assert joined.obs.loc[PATIENTS[0], "age"] == 50.0
    assert joined.obs.loc["TCGA-06-A5U0", "batch"] == "no microRNA"
    np.testing.assert_array_equal(joined[PATIENTS[2]].obsm["atac"], [[4, 5]])
    assert any("2 of 3 ATAC patients have microRNA" in note for note in joined.uns["notes"])


def test_a_patient_without_a_type_or_a_library_is_refused(small):
    components, patients, libraries = small
    with pytest.raises(ValueError, match="a cancer type; TCGA-06-A5U0 has none"):
        build_components_cohort(components, patients.iloc[:2], libraries, CLINICAL)
    with pytest.raises(ValueError, match="an ATAC library; TCGA-06-A5U0 has none"):
        build_components_cohort(components, patients, libraries.iloc[:2], CLINICAL)


def test_components_that_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "all.pca").write_text("\tv0\tv1\nTCGA-A1-A0SE\t1.0\t\n")
    with pytest.raises(ValueError, match="finite number"):
        read_components(tmp_path / "all.pca")


def test_tumours_only_and_one_row_each():
    obs = mirna([("A", "x", "normal"), ("B", "x", "metastasis"), ("B", "x", "primary")]).obs
    assert one_aliquot_a_patient(obs).tolist() == [2]


@pytest.mark.parametrize("n_train", [60, 40, 8])
def test_gram_components_equal_those_of_sklearn(n_train):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 300)) * 2 + rng.normal(size=(60, 300)) + 3
    train = np.arange(n_train)
    blocks = [(i, x[:, i * 70 : (i + 1) * 70].astype(np.float32)) for i in range(5)]
    found = gram_components(blocks, train, 6)
    expected = PCA(6, svd_solver="full").fit(x[:n_train]).transform(x)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=2e-3)
    largest = np.abs(found[train]).argmax(axis=0)
    assert (found[largest, np.arange(6)] > 0).all()


def test_gram_components_stop_at_the_rank():
    x = np.random.default_rng(0).normal(size=(9, 30))
    assert gram_components([(0, x)], np.arange(5), 20).shape == (9, 4)
    with pytest.raises(ValueError, match="no block"):
        gram_components([], np.arange(5), 2)
    with pytest.raises(ValueError, match="two or more training rows; got 1"):
        gram_components([(0, x)], np.arange(1), 2)


@pytest.fixture(scope="module")
def cohorts(tcga_mirna):
    atac = load_atac_components()
    return atac, build_atac_rna(tcga_mirna, atac)


@pytest.mark.real
def test_published_facts_on_the_components(cohorts):
    atac, _ = cohorts
    assert atac.shape == (401, 200)
    n = atac.obs["cancer_type"].value_counts()
    top = {"BRCA": 74, "COAD": 38, "KIRP": 34, "PRAD": 26, "LUAD": 22, "STAD": 21}
    assert len(n) == 23 and n.head(6).to_dict() == top
    nearest = KNeighborsClassifier(1)
    accuracy = cross_val_score(nearest, atac.X, atac.obs["cancer_type"], cv=LeaveOneOut()).mean()
    assert accuracy == pytest.approx(0.885, abs=0.005)
    assert np.abs(atac.X.mean(axis=0)).max() < 1e-3  # centred on all patients
    np.testing.assert_allclose(np.cov(atac.X.T)[:3, 3:6], 0, atol=1)


@pytest.mark.real
def test_the_joined_cohort(cohorts):
    _, joined = cohorts
    check_multiomics(joined)
    both = joined.obs["has_rna"] & joined.obs["has_atac"]
    assert (int(both.sum()), int(joined.obs["has_rna"].sum())) == (366, 10_133)
    assert joined.n_obs == 10_168 and joined.obs["patient"].is_unique
    only = joined.obs[~joined.obs["has_rna"]]
    assert only["cancer_type"].value_counts().to_dict() == {
        "COAD": 22, "GBM": 9, "BRCA": 3, "THCA": 1
    }  # fmt: skip
    paired = joined.obs[both]
    assert (paired["sample_type"] != paired["atac_sample_type"]).sum() == 1
    train, test = paired_split(joined)
    assert test.n_obs == 112 and not set(train.obs["patient"]) & set(test.obs["patient"])
