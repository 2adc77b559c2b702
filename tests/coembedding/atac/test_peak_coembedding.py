"""Co-embeddings with the hierarchical VAE as ATAC side, and the four benchmarks of their peaks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers.coembedding.argument_groups import Network, PeakNetwork, Preparation, Scoring, Weights
from helpers.coembedding.atac.peak_benchmarks import benchmark_peaks
from helpers.coembedding.atac.peak_coembedding import (
    PeakCoembeddings,
    WindowedAutoencoder,
    coembed_peaks,
)
from helpers.coembedding.atac.peak_comparison import PeakFits, fit_peak_seeds
from helpers.coembedding.atac.peak_store import load_peaks
from helpers.coembedding.atac.peak_vae import HierarchicalVAE
from helpers.coembedding.benchmarks.coembedding_scores import embedding_scores
from helpers.coembedding.embeddings.coembedding_model import Coembedding, cycle_loss
from helpers.coembedding.embeddings.every_embedding import fit_seeds
from helpers.coembedding.simulation import simulate_multiomics
from helpers.models.training import Training

NETWORK, PEAK_NETWORK = Network(16, 6), PeakNetwork(16, n_window_latent=4, n_latent=6)
SETTINGS = {
    "preparation": Preparation(0.4, min_mean=0.5, quantile=False, matching="type"),
    "network": NETWORK,
    "weights": Weights(kl=0.1, cycle=1, match=1, pair=1, discriminator=1, triplet=10),
    "training": Training(10, 32, 3e-3, device="cpu"),
}
ONCE = Training(3, minibatch_size=16, learning_rate=2e-3, patience=3, device="cpu")


@pytest.fixture(scope="module")
def donors():
    return simulate_multiomics(0)


@pytest.fixture(scope="module")
def trained(donors):
    return fit_seeds(donors, [0], **SETTINGS)


@pytest.fixture(scope="module")
def fits(donors, trained):
    levels = {"window_training": ONCE, "top_training": replace(ONCE, n_epochs=30, patience=30)}
    settings = {"network": PEAK_NETWORK, "kl_weight": 0.1, **levels}
    return fit_peak_seeds(load_peaks("", donors), trained, 125, **settings)


@pytest.fixture(scope="module")
def coembedded(donors, trained, fits):
    return coembed_peaks(donors, trained, fits, peak_network=PEAK_NETWORK, **SETTINGS)


@pytest.fixture(scope="module")
def found(donors, trained, fits, coembedded):
    return benchmark_peaks(donors, trained, fits, coembedded, Scoring([4]), 2)


def hierarchy():
    torch.manual_seed(0)
    return HierarchicalVAE(["1", "1", "2"], 4, n_channels=2, n_hidden=8, n_latent=6)


def test_windows_end_to_end_are_the_hierarchical_vae(coembedded):
    vae, x = hierarchy().eval(), torch.randn(5, 3, 4)
    flat = WindowedAutoencoder(vae).eval()
    assert torch.equal(flat.encode(x.flatten(1)).mean, vae.encode(x).mean)
    assert torch.equal(flat(x.flatten(1)), vae.encode(x).mean)
    z = torch.randn(5, 6)
    assert torch.equal(flat.decode(z).mean.unflatten(1, (3, 4)), vae.decode(z).mean)


def test_the_cycle_trains_its_decoder_and_neither_its_encoder_nor_its_running_means():
    model = Coembedding(
        9, 12, 2, kind="contrastive", network=NETWORK, atac=WindowedAutoencoder(hierarchy())
    ).train()
    z = torch.randn(7, 6)
    means = {name: b.clone() for name, b in model.atac.hierarchy.encoder.named_buffers()}
    cycle_loss(model.rna, model.atac, z, z + 1).backward()
    vae = model.atac.hierarchy
    assert all(weight.grad is None for weight in [*vae.encoder.parameters()])
    assert all(weight.grad is None for weight in model.rna.encoder.parameters())
    assert vae.output.weight.grad.abs().sum() > 0
    assert all(torch.equal(means[n], b) for n, b in vae.encoder.named_buffers())


def test_a_co_embedding_learns_from_windows_and_no_held_out_donor_is_among_them(
    fits, coembedded, trained
):
    split, models = coembedded.trained[0]
    assert set(models) == {"adversarial", "contrastive"}
    z = fits.fits[0][0].level.z
    assert split.atac.shape == (len(trained[0].split.atac), z[0].size)
    assert not set(split.atac_obs["patient"]) & set(split.test_obs["patient"])
    row = fits.peaks.rows_of(split.test_obs["patient"])[3]
    np.testing.assert_array_equal(split.test_atac[3], z[row].ravel())
    model = models["adversarial"].model
    assert isinstance(model.atac, WindowedAutoencoder)
    rows = [row for row in model.history.rows if row["term"] == "atac_reconstruction"]
    assert rows[-1]["train"] < rows[0]["train"]


def test_every_embedding_of_peaks_has_all_four_benchmarks(found, trained, fits):
    table = found.scores.set_index("name")
    assert list(table.index) == [
        "hierarchical_atac", "window_pca_atac", "adversarial_windows_rna",
        "adversarial_windows_atac", "contrastive_windows_rna", "contrastive_windows_atac",
    ]  # fmt: skip
    four = ["cohort_accuracy", "grassmann", "uno_c", "n_differential"]
    assert table[four].notna().all(axis=None)
    models, rows = fits.fits[0]
    obs = trained[0].split.test_obs
    by_hand = embedding_scores(models.latents["pca"][rows], obs, 6, 0)
    assert table.loc["window_pca_atac", "cohort_accuracy"] == by_hand["cohort_accuracy"]
    assert table.loc["window_pca_atac", "grassmann"] == by_hand["grassmann"]
    assert found.metrics["representation.cohort_accuracy.window_pca"] == by_hand["cohort_accuracy"]
    assert "representation.foscttm.adversarial_windows" in found.metrics
    assert len(found.below(found.scores)) == 12


def test_without_peaks_of_the_donors_there_is_nothing(donors, trained):
    none = PeakFits(None, {}, 0)
    coembedded = coembed_peaks(donors, trained, none, peak_network=PEAK_NETWORK, **SETTINGS)
    assert coembedded == PeakCoembeddings({})
    found = benchmark_peaks(donors, trained, none, coembedded, Scoring([4]), 2)
    assert found.tables == found.metrics == {}
    assert list(found.summary) == ["no peaks of the donors in this run"]
