"""The demo cohorts of chapter 2 are what they say: truth is found with plain statistics."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score

from helpers.coembedding.donors.modalities import check_multiomics
from helpers.coembedding.donors.split import paired_split
from helpers.coembedding.simulation import (
    HELD_OUT,
    TYPES,
    simulate_histology,
    simulate_multiomics,
)


@pytest.fixture(scope="module")
def cohort():
    return simulate_multiomics(0)


@pytest.fixture(scope="module")
def slides():
    return simulate_histology(0)


@pytest.fixture(scope="module")
def both(cohort):
    return cohort[(cohort.obs["has_rna"] & cohort.obs["has_atac"]).to_numpy()].copy()


def test_same_seed_same_cohort_other_seed_another():
    first, again, other = simulate_multiomics(3), simulate_multiomics(3), simulate_multiomics(4)
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.obsm["atac"], again.obsm["atac"])
    pd.testing.assert_frame_equal(first.uns["truth"]["links"], again.uns["truth"]["links"])
    assert not np.array_equal(first.X, other.X, equal_nan=True)
    np.testing.assert_array_equal(
        simulate_histology(3).uns["regions"], simulate_histology(3).uns["regions"]
    )


def test_contract(cohort, tmp_path):
    check_multiomics(cohort)
    assert cohort.shape == (600, 250) and cohort.obsm["atac"].shape == (600, 1_250)
    assert cohort.X.dtype == cohort.obsm["atac"].dtype == np.float32
    expected = {name: sum(n) for name, n in TYPES.items()}
    assert cohort.obs["cancer_type"].value_counts().to_dict() == expected
    train, test = paired_split(cohort, HELD_OUT)
    n_both = (train.obs["has_rna"] & train.obs["has_atac"]).sum()
    assert (n_both, test.n_obs) == (150, 100)
    assert 0.4 < cohort.obs["os_event"].mean() < 0.8
    cohort.write_h5ad(tmp_path / "demo.h5ad")


def test_linked_peaks_follow_their_gene_the_nearer_the_more(both):
    links = both.uns["truth"]["links"]
    genes = both.var_names.get_indexer(links["gene"])
    peaks = both.uns["atac_var"].index.get_indexer(links["peak"])
    r = correlations(both.X[:, genes], both.obsm["atac"][:, peaks])
    assert np.median(r[links["weight"] > 0.7]) > 0.45 > 0.2 > np.median(r[links["weight"] < 0.1])
    others = np.setdiff1d(np.arange(1_250), peaks)[:500]
    assert abs(np.median(correlations(both.X[:, genes[:500]], both.obsm["atac"][:, others]))) < 0.1
    place = both.uns["atac_var"].loc[links["peak"]]
    middle = ((place["start"] + place["end"]) / 2).to_numpy()
    distance = np.abs(middle - both.var.loc[links["gene"], "tss"].to_numpy())
    np.testing.assert_allclose(np.exp(-distance / 25_000), links["weight"], atol=1e-4)
    assert len(links) == 750 and not links.duplicated(["peak", "gene"]).any()


def correlations(a, b):
    a, b = ((m - m.mean(axis=0)) / m.std(axis=0) for m in (a, b))
    return (a * b).mean(axis=0)


def test_types_can_be_told_from_either_modality(both):
    for values in (both.X, both.obsm["atac"]):
        components = PCA(30, random_state=0).fit_transform(values)
        model = LogisticRegression(max_iter=500)
        assert cross_val_score(model, components, both.obs["cancer_type"], cv=3).mean() > 0.8


def test_programs_move_their_genes_and_two_move_the_hazard(cohort, both):
    activity = both.obsm["program_activity"]
    for number, genes in enumerate(cohort.uns["truth"]["gene_sets"].values()):
        inside = np.abs([spearmanr(x, activity[:, number])[0] for x in both[:, genes].X.T])
        assert np.median(inside) > 0.5
    died = cohort.obs["os_event"].to_numpy() == 1
    activity, days = cohort.obsm["program_activity"][died], cohort.obs["os_time"][died]
    rho = [spearmanr(column, days)[0] for column in activity.T]
    assert rho[0] < -0.15 and rho[3] > 0.15
    assert cohort.uns["truth"]["hazard_programs"] == ["SIM_PROGRAM_0", "SIM_PROGRAM_3"]


def test_slides_tell_expression_of_held_out_patients(slides):
    patient = slides.obs["patient"].to_numpy()
    test = np.isin(patient, np.unique(patient)[::4])
    model = Ridge(10.0).fit(slides.obsm["slide"][~test], slides.X[~test])
    predicted = model.predict(slides.obsm["slide"][test])
    rho = [spearmanr(a, b)[0] for a, b in zip(predicted.T, slides.X[test].T, strict=True)]
    assert np.median(rho) > 0.4


def test_slides_contract(slides, tmp_path):
    assert 220 < slides.n_obs < 260 and slides.obs["patient"].nunique() == 200
    assert slides.uns["regions"].shape[1] == 32
    assert slides.obs["n_regions"].between(10, 30).all() and slides.obs["n_regions"].nunique() > 10
    assert len(slides.uns["truth"]["tumour_share"]) == len(slides.uns["regions"])
    assert slides.obs.groupby("patient")["site"].nunique().max() == 1
    assert slides.obs["site"].nunique() == 10 and np.isfinite(slides.X).all()
    slides.write_h5ad(tmp_path / "demo.h5ad")
