"""Models of peaks over seeds, what they change, and what that is about."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import PeakNetwork, Preparation
from helpers.coembedding.atac.peak_comparison import (
    ChangedRegions,
    PeakChanges,
    PeakFits,
    enrich_regions,
    fit_peak_seeds,
    peak_changes,
)
from helpers.coembedding.atac.peak_store import PeakStore, load_peaks
from helpers.coembedding.benchmarks.reconstruction_differential import reconstruction_differential
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.coembedding.simulation import simulate_multiomics
from helpers.models.training import Training

ONCE = Training(1, minibatch_size=16, learning_rate=1e-3, device="cpu")
SETTINGS = {
    "network": PeakNetwork(n_hidden=8, n_window_latent=4, n_latent=4),
    "kl_weight": 0.1,
    "window_training": ONCE,
    "top_training": ONCE,
}


@pytest.fixture(scope="module")
def donors():
    return simulate_multiomics(0)


@pytest.fixture(scope="module")
def trained(donors):
    """Two splits; what was trained on them does not matter here."""
    preparation = Preparation(0.3, min_mean=0.5, quantile=False, matching="type")
    return [TrainedSeed(s, split_multiomics(donors, preparation, s), {}) for s in range(2)]


@pytest.fixture(scope="module")
def fits(donors, trained):
    return fit_peak_seeds(load_peaks("", donors), trained, 5000, **SETTINGS)


def test_donors_held_out_of_the_co_embedding_are_held_out_of_their_peaks(donors, trained, fits):
    assert fits.width == 125 and fits.of_donors
    assert list(fits.fits) == [0, 1]
    for one, (_, rows) in zip(trained, fits.fits.values(), strict=True):
        held_out = fits.peaks.obs["patient"].iloc[rows]
        assert held_out.tolist() == one.split.test_obs["patient"].tolist()
    assert "1,250 peaks, 125 a window" in fits.sentence and "the co-embedding's" in fits.sentence


def test_of_other_patients_a_fifth_are_held_out(donors, trained):
    own = load_peaks("", donors)
    others = own.obs.assign(patient="X" + own.obs["patient"])
    fits = fit_peak_seeds(PeakStore(others, own.var, own.source), trained, 5000, **SETTINGS)
    assert not fits.of_donors and "a fifth of the patients" in fits.sentence
    held_out = [set(rows) for _, rows in fits.fits.values()]
    assert all(len(rows) == pytest.approx(len(others) / 5, abs=5) for rows in held_out)
    assert held_out[0] != held_out[1]


def test_peaks_are_counted_in_the_largest_type_of_the_held_out_donors(donors, trained, fits):
    models, rows = fits.fits[0]
    obs = trained[0].split.test_obs
    largest = rows[(obs["cancer_type"] == obs["cancer_type"].value_counts().index[0]).to_numpy()]
    assert 5 < len(largest) < len(rows)
    x = fits.peaks.source[largest].to_df()
    table = reconstruction_differential(x, models.rebuilt("pca", largest))
    counts = fits.differential[0]["pca"]["is_differential"]
    assert counts.tolist() == table["is_differential"].tolist()


def test_explained_variance_is_told_by_seed_and_as_mean(fits):
    table = fits.tables["peaks_explained"]
    assert len(table) == 6 and set(table["model"]) == {"window", "hierarchical", "pca"}
    pca = [models.explained["pca"] for models, _ in fits.fits.values()]
    assert fits.metrics["peaks.explained_variance.pca"] == pytest.approx(np.mean(pca))
    assert fits.values("pca") == pca
    assert fits.summary.loc["pca", ("mean", "explained")] == round(np.mean(pca), 3)


def test_changes_are_of_held_out_samples_and_pca_has_a_name_of_its_own(donors, fits):
    changes = peak_changes(fits, donors)
    counts = changes.tables["peaks_differential"]
    assert list(counts) == ["seed", "model", "sd_ratio", "n_differential"]
    hit = changes.hits[0]
    rows = counts[(counts["model"] == "hierarchical") & (counts["seed"] == 0)]
    assert rows["n_differential"].item() == hit.sum() and len(hit) == 1_250
    assert "differential.n_peaks.window_pca" in changes.metrics
    assert "differential.n_peaks.pca" not in changes.metrics
    assert changes.observed["peaks"][0] == hit.mean()
    other = anndata.AnnData(uns={"atac_feature": "component"})
    assert "differential.n_peaks.pca" in peak_changes(fits, other).metrics


def test_peaks_linked_to_a_sets_genes_enrich_that_set(donors, fits):
    truth = donors.uns["truth"]
    name, genes = next(iter(truth["gene_sets"].items()))
    links = truth["links"]
    near = set(links.loc[links["gene"].isin(genes), "peak"])
    names = fits.peaks.var.index
    hit = pd.Series(names.isin(near), names)
    nothing = pd.Series(False, names)
    changes = PeakChanges(pd.DataFrame(), {0: nothing, 1: hit}, {})
    found = enrich_regions(changes, fits, donors)
    assert found.n_passing[0] == 0 and found.n_passing[1] >= 1
    assert found.n_hits == [0, int(hit.sum())]
    assert name in found.summary.to_string()  # of the seed with the most hits
    table = found.tables["enrichment_regions"]
    assert set(table.index.get_level_values("seed")) == {0, 1}
    assert found.metrics["differential.n_sets.peaks"] == np.mean(found.n_passing)
    assert found.observed == {"regions": found.n_passing}


def test_without_peaks_there_is_nothing_and_it_is_said(donors):
    fits = fit_peak_seeds(None, [], 5000, **SETTINGS)
    changes = peak_changes(fits, donors)
    regions = enrich_regions(changes, fits, donors)
    for result in (fits, changes, regions):
        assert result.tables == {} and result.metrics == {}
    assert fits.sentence == "no peaks in this run"
    assert list(fits.summary) == list(changes.summary) == [fits.sentence]
    assert changes.observed == regions.observed == {} and regions.summary.empty
    assert isinstance(regions, ChangedRegions) and "no sets" in regions.sentence
    assert isinstance(fits, PeakFits) and fits.values("pca") == []
