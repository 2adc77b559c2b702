"""Windows, levels and principal components of peaks on disk."""

from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from helpers.coembedding.argument_groups import PeakNetwork
from helpers.coembedding.atac.peak_models import fit_peak_models, peak_differential
from helpers.coembedding.atac.peak_windows import PeakWindows, write_peaks
from helpers.models.training import Training

TRAIN, TEST = np.arange(40), np.arange(40, 50)
TRAINING = Training(15, minibatch_size=8, learning_rate=3e-3, patience=15, device="cpu")
SETTINGS = {
    "network": PeakNetwork(n_hidden=32, n_window_latent=8, n_latent=5),
    "kl_weight": 0.1,
    "window_training": TRAINING,
    "top_training": replace(TRAINING, n_epochs=30),
    "seed": 0,
}


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(50, 5))
    return (hidden @ rng.normal(size=(5, 300)) + 0.5 * rng.normal(size=(50, 300)) + 3).astype("f4")


@pytest.fixture(scope="module")
def store_of(tmp_path_factory):
    """Values on disk as 180 peaks of chr1 and 120 of chr2."""
    var = pd.DataFrame({"chrom": ["chr1"] * 180 + ["chr2"] * 120})
    var["start"] = np.r_[np.arange(180), np.arange(120)] * 1000 + 500
    var["end"] = var["start"] + 501
    var.index = [f"p{i}" for i in range(300)]
    obs = pd.DataFrame(index=[f"S{i}" for i in range(50)])

    def write(x):
        folder = tmp_path_factory.mktemp("peaks")
        return write_peaks(anndata.AnnData(x, obs, var), folder / "peaks.zarr")

    return write


@pytest.fixture(scope="module")
def windows(values, store_of):
    return PeakWindows(store_of(values), 50, 10, seed=0)


@pytest.fixture(scope="module")
def found(windows):
    return fit_peak_models(windows, TRAIN, TEST, **SETTINGS)


def test_pca_in_windows_is_pca(found, values):
    x = (values - values[TRAIN].mean(axis=0)) / values[TRAIN].std(axis=0)
    pca = PCA(5).fit(x[TRAIN])
    rebuilt = pca.inverse_transform(pca.transform(x[TEST]))
    share = 1 - np.square(x[TEST] - rebuilt).sum() / np.square(x[TEST]).sum()
    assert found.explained["pca"] == pytest.approx(share, abs=1e-3)
    in_unit = rebuilt * values[TRAIN].std(axis=0) + values[TRAIN].mean(axis=0)
    assert np.allclose(found.rebuilt("pca", TEST), in_unit, atol=1e-2)


def test_both_levels_learn_something(found):
    assert found.explained["window"] > 0
    rows = pd.DataFrame(found.histories["hierarchical"].rows).query("term == 'reconstruction'")
    assert rows["train"].iloc[-1] < rows["train"].iloc[0]
    assert found.latents["hierarchical"].shape == (50, 5)
    assert all(found.rebuilt(name, TEST).shape == (10, 300) for name in found.explained)


def test_the_windows_of_every_sample_are_kept_and_go_back_to_peaks(found, values):
    assert found.level.z.shape == (50, 7, 8)  # 4 windows of 50 on chr1, 3 on chr2
    assert np.isfinite(found.level.z).all()
    some = np.array([45, 3])
    both = found.level.in_unit(found.level.decoded(found.level.z[some]))
    assert np.allclose(both, found.rebuilt("window", some))
    # Standardised again, what comes back of the held-out samples explains what was reported.
    mean, sd = values[TRAIN].mean(axis=0), values[TRAIN].std(axis=0)
    truth, rebuilt = ((x - mean) / sd for x in (values[TEST], found.rebuilt("window", TEST)))
    share = 1 - np.square(truth - rebuilt).sum() / np.square(truth).sum()
    assert found.explained["window"] == pytest.approx(share, abs=1e-4)


def test_held_out_samples_train_nothing(values, store_of):
    other = values.copy()
    other[TEST] += 5
    once = replace(TRAINING, n_epochs=1)
    short = SETTINGS | {"window_training": once, "top_training": once}
    first = fit_peak_models(PeakWindows(store_of(values), 50, 10, seed=0), TRAIN, TEST, **short)
    second = fit_peak_models(PeakWindows(store_of(other), 50, 10, seed=0), TRAIN, TEST, **short)
    for level in ("window", "hierarchical"):
        rows = [pd.DataFrame(one.histories[level].rows) for one in (first, second)]
        assert rows[0].equals(rows[1])
    assert first.explained["pca"] != pytest.approx(second.explained["pca"], abs=1e-3)


def test_a_planted_shift_of_peaks_is_found(found, values):
    observed = pd.DataFrame(values[TEST].copy())
    observed.iloc[:, :20] += 4
    rebuilt = ((name, found.rebuilt(name, TEST)) for name in found.in_windows)
    tables = peak_differential(rebuilt, observed, 0)
    assert tables["pca"]["is_differential"].iloc[:20].mean() > 0.7
    assert not tables["pca"]["is_differential"].iloc[20:].any()
    assert not tables["pseudoreplicates"]["is_differential"].any()
