"""The peaks of a run: in memory, as a store of one's own, or kept beside a registered cohort."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.atac.peak_store import load_peaks, stored_peaks
from helpers.coembedding.atac.peak_windows import PeakWindows, write_peaks
from helpers.coembedding.donors.modalities import peaks_of
from helpers.coembedding.simulation import simulate_multiomics
from helpers.cohorts.on_disk.stores import open_store


@pytest.fixture(scope="module")
def donors():
    return simulate_multiomics(0)


@pytest.fixture(scope="module")
def own(donors):
    peaks = peaks_of(donors)
    return anndata.AnnData(peaks.X, peaks.obs[["patient", "cancer_type"]], peaks.var)


@pytest.fixture
def store(own, tmp_path):
    return write_peaks(own, tmp_path / "peaks.zarr")


def without_peaks(donors, **uns):
    other = anndata.AnnData(obs=donors.obs)
    other.uns = {"atac_feature": "component"} | uns
    return other


def test_a_store_is_read_where_it_is(own, donors, store):
    peaks = load_peaks(str(store), without_peaks(donors))
    assert peaks.path == store and peaks.n_peaks == own.n_vars
    rows = np.array([7, 2])
    np.testing.assert_array_equal(PeakWindows(peaks.path).observed(rows), own.X[rows])


def test_peaks_in_memory_are_written_once_and_go_with_their_object(own, donors):
    peaks = load_peaks("", donors)
    folder = peaks.path.parent
    assert folder.exists() and peaks.path == peaks.path
    np.testing.assert_array_equal(PeakWindows(peaks.path).observed(np.arange(3)), own.X[:3])
    del peaks
    assert not folder.exists()


def test_a_cohort_may_keep_its_peaks_beside_itself(own, donors, empty_cache):
    write_peaks(own, empty_cache / "cohorts" / "kept.zarr")
    beside = without_peaks(donors, peaks_store="kept.zarr")
    assert load_peaks("", beside).path == empty_cache / "cohorts" / "kept.zarr"
    assert load_peaks("", without_peaks(donors)) is None


def test_rows_are_those_of_the_patients(own, store):
    peaks = stored_peaks(store)
    asked = pd.Series([own.obs["patient"].iloc[5], "nobody", own.obs["patient"].iloc[1]])
    assert peaks.rows_of(asked).tolist() == [5, -1, 1]
    assert peaks.covers(own.obs, own.obs[:3])
    assert not peaks.covers(own.obs, pd.DataFrame({"patient": ["nobody"]}))


def test_a_file_larger_than_memory_is_written_by_rows(own, tmp_path, monkeypatch):
    own.write_h5ad(tmp_path / "large.h5ad")
    large = open_store(tmp_path / "large.h5ad", lazy=True, n_rows=30)
    asked = []
    monkeypatch.setattr(
        "helpers.coembedding.atac.peak_windows.row_blocks",
        lambda x: asked.append(x) or (x[i : i + 30].compute() for i in range(0, len(x), 30)),
    )
    windows = PeakWindows(write_peaks(large, tmp_path / "p.zarr"), slide=0)
    assert len(asked) == 1
    _, values, is_peak = next(iter(windows))
    np.testing.assert_array_equal(values[:, is_peak], own.X[:, : int(is_peak.sum())])


def test_a_store_without_patients_is_refused(own, donors, tmp_path):
    nameless = anndata.AnnData(own.X, own.obs[["cancer_type"]], own.var)
    path = write_peaks(nameless, tmp_path / "nameless.zarr")
    with pytest.raises(ValueError, match=r'must have obs\["patient"\]; it has cancer_type'):
        load_peaks(str(path), donors)
