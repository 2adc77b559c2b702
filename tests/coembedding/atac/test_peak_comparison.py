"""Models of peaks over seeds, what they change, and what that is about."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import PeakNetwork
from helpers.coembedding.atac.peak_comparison import (
    ChangedRegions,
    PeakChanges,
    PeakFits,
    enrich_regions,
    fit_peak_seeds,
    peak_changes,
)
from helpers.coembedding.donors.modalities import peaks_of
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
def fits(donors):
    return fit_peak_seeds(peaks_of(donors), range(2), 5000, **SETTINGS)


def test_a_window_is_a_tenth_of_few_peaks_and_a_fifth_of_patients_are_held_out(donors, fits):
    assert fits.width == 125
    assert list(fits.fits) == [0, 1]
    held_out = [set(rows) for _, rows in fits.fits.values()]
    n_patients = donors.obs["has_atac"].sum()
    assert all(len(rows) == pytest.approx(n_patients / 5, abs=5) for rows in held_out)
    assert held_out[0] != held_out[1]
    assert "1,250 peaks, 125 a window" in fits.sentence


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
    hit = pd.Series(fits.peaks.var_names.isin(near), fits.peaks.var_names)
    nothing = pd.Series(False, fits.peaks.var_names)
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
    fits = fit_peak_seeds(None, range(2), 5000, **SETTINGS)
    changes = peak_changes(fits, donors)
    regions = enrich_regions(changes, fits, donors)
    for result in (fits, changes, regions):
        assert result.tables == {} and result.metrics == {}
    assert fits.sentence == "no peaks in this run"
    assert list(fits.summary) == list(changes.summary) == [fits.sentence]
    assert changes.observed == regions.observed == {} and regions.summary.empty
    assert isinstance(regions, ChangedRegions) and "no sets" in regions.sentence
    assert isinstance(fits, PeakFits) and fits.values("pca") == []
