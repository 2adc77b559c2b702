"""Peaks on disk in windows: each peak once a pass, never across a chromosome, as in memory."""

import copy
import itertools

import anndata
import numpy as np
import pandas as pd
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.coembedding.atac import peak_windows
from helpers.coembedding.atac.genome import genomic_order
from helpers.coembedding.atac.peak_windows import PeakWindows, write_peaks
from helpers.coembedding.donors.batch_effect import BatchEffect

SIZES = {"chr1": 23, "chr2": 7, "chr9": 12, "chr10": 1}


def peaks(sizes=SIZES):
    chrom = np.repeat(list(sizes), list(sizes.values()))
    start = np.concatenate([np.arange(n) * 1000 for n in sizes.values()])
    names = [f"{c}:{s}" for c, s in zip(chrom, start, strict=True)]
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + 501}, names)


@pytest.fixture(scope="module")
def cohort():
    var = peaks()
    x = np.random.default_rng(0).normal(size=(9, len(var))).astype(np.float32)
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(9)]}, [f"S{i}" for i in range(9)])
    return anndata.AnnData(x, obs, var)


@pytest.fixture(scope="module")
def path(cohort, tmp_path_factory):
    return write_peaks(cohort, tmp_path_factory.mktemp("peaks") / "peaks.zarr")


@pytest.fixture(scope="module")
def opened(path):
    return PeakWindows(path, window=10, slide=4)


def test_anndata_reads_the_store(cohort, path):
    again = anndata.read_zarr(path)
    np.testing.assert_array_equal(again.X, cohort.X)
    assert list(again.var_names) == list(cohort.var_names)
    assert again.obs["patient"].tolist() == cohort.obs["patient"].tolist()
    assert not list(path.parent.glob("*.draft"))


@settings(deadline=None, max_examples=25)
@given(window=st.integers(1, 30), offset=st.integers(0, 60))
def test_every_peak_once_and_no_window_across_a_chromosome(opened, window, offset):
    windows = copy.copy(opened)
    windows.window = window
    spans = windows.spans(offset)
    seen = np.concatenate([np.arange(span.start, span.stop) for span in spans])
    np.testing.assert_array_equal(seen, np.arange(windows.n_peaks))
    chrom = peaks()["chrom"].to_numpy()
    for span in spans:
        assert set(chrom[span.start : span.stop]) == {span.chrom}
        assert 0 < span.stop - span.start <= window
        assert windows.mask(span).sum() == span.stop - span.start


def test_a_pass_gives_the_values_and_slides(cohort, path):
    windows = PeakWindows(path, window=10, slide=4)
    offsets = []
    for _ in range(6):
        offsets.append(windows.offset)
        spans, found = windows.spans(), np.full(cohort.shape, np.nan, np.float32)
        assert len(windows) == len(spans)
        for index, x, is_peak in windows:
            span = spans[index]
            assert x.shape == (9, 10) and is_peak.shape == (10,)
            assert (x[:, ~is_peak] == 0).all()
            found[:, span.start : span.stop] = x[:, is_peak].numpy()
        np.testing.assert_array_equal(found, cohort.X)
    assert offsets == [0, 4, 8, 2, 6, 0]


def test_what_every_pass_reads_is_not_compressed(path):
    assert zarr.open_group(path, mode="r")["X"].compressors == ()


def test_a_pass_broken_off_does_not_slide(path):
    windows = PeakWindows(path, window=10, slide=4)
    next(iter(windows))
    assert windows.offset == 0


def test_a_seed_shuffles_the_windows_and_keeps_their_numbers(cohort, path):
    in_order = [index for index, *_ in PeakWindows(path, window=5, slide=2)]
    shuffled = {index: x for index, x, _ in PeakWindows(path, window=5, slide=2, seed=1)}
    assert in_order == sorted(shuffled) == list(range(len(in_order)))
    assert list(shuffled) != in_order
    again = [index for index, *_ in PeakWindows(path, window=5, slide=2, seed=1)]
    assert again == list(shuffled)
    for index, x, _ in PeakWindows(path, window=5, slide=2):
        np.testing.assert_array_equal(shuffled[index], x)


def test_rows_and_standardisation_are_the_training_samples(cohort, path):
    train, test = np.array([0, 2, 3, 5, 8]), np.array([7, 1])
    windows = PeakWindows(path, window=10, slide=4).standardise(train)
    mean, sd = cohort.X[train].mean(axis=0), cohort.X[train].std(axis=0)
    expected = (cohort.X[test] - mean) / sd
    held_out = windows.of(test, still=True)
    for _ in range(2):
        for span, (_, x, is_peak) in zip(held_out.spans(), held_out, strict=True):
            values = x[:, is_peak].numpy()
            np.testing.assert_allclose(values, expected[:, span.start : span.stop], rtol=1e-4)
    assert held_out.offset == 0 and held_out.n_samples == 2 and windows.n_samples == 9
    with pytest.raises(ValueError, match="two or more; got 1"):
        windows.standardise(np.array([1]))


def test_constant_peaks_stay_finite(tmp_path, cohort):
    flat = cohort.copy()
    flat.X[:, 3] = 2.5
    windows = PeakWindows(write_peaks(flat, tmp_path / "flat.zarr")).standardise(np.arange(9))
    assert all(np.isfinite(x.numpy()).all() for _, x, _ in windows)


@pytest.mark.parametrize("widths", [[43], [1] * 43, [20, 3, 20], [0, 43]])
def test_blocks_of_any_width_make_the_same_store(cohort, tmp_path, monkeypatch, widths):
    monkeypatch.setattr(peak_windows, "CHUNK", (4, 8))
    edges = np.cumsum([0, *widths])
    blocks = (cohort.X[:, a:b] for a, b in itertools.pairwise(edges))
    path = write_peaks(blocks, tmp_path / "p.zarr", cohort.obs, cohort.var)
    np.testing.assert_array_equal(anndata.read_zarr(path).X, cohort.X)


def test_a_store_is_replaced_only_when_the_new_one_is_whole(cohort, tmp_path):
    path = write_peaks(cohort, tmp_path / "p.zarr")

    def broken():
        yield cohort.X[:, :10]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_peaks(broken(), path, cohort.obs, cohort.var)
    np.testing.assert_array_equal(anndata.read_zarr(path).X, cohort.X)
    assert [p.name for p in tmp_path.iterdir()] == ["p.zarr"]


def test_what_is_refused(cohort, path, tmp_path):
    target = tmp_path / "p.zarr"
    x, obs, var = cohort.X, cohort.obs, cohort.var
    with pytest.raises(ValueError, match="genomic order"):
        write_peaks(cohort[:, ::-1], target)
    with pytest.raises(ValueError, match="come with their obs and var"):
        write_peaks([x], target)
    with pytest.raises(ValueError, match="43 peaks of var; they have 40"):
        write_peaks([x[:, :40]], target, obs, var)
    with pytest.raises(ValueError, match="43 peaks of var; they have more"):
        write_peaks([x, x], target, obs, var)
    with pytest.raises(ValueError, match=r"9 samples × some peaks; got shape \(3, 43\)"):
        write_peaks([x[:3]], target, obs, var)
    assert not target.exists()
    with pytest.raises(ValueError, match="must be a store of peaks"):
        PeakWindows(target)
    with pytest.raises(ValueError, match="0 ≤ slide < window; got window = 5, slide = 5"):
        PeakWindows(path, window=5, slide=5)


def test_sorting_first_is_the_fix_the_error_names(cohort, tmp_path):
    backwards = cohort[:, ::-1]
    path = write_peaks(backwards[:, genomic_order(backwards.var)], tmp_path / "p.zarr")
    np.testing.assert_array_equal(anndata.read_zarr(path).X, cohort.X)


def test_demographics_are_taken_out_as_from_a_matrix_in_memory(tmp_path):
    rng = np.random.default_rng(0)
    var = peaks({"chr1": 23, "chr2": 7})
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(60)], "cancer_type": ["A", "B"] * 30})
    obs["age"], obs["sex"] = rng.normal(60, 10, 60), rng.choice(["female", "male"], 60)
    x = rng.normal(size=(60, 30)) + 0.1 * obs["age"].to_numpy()[:, None]
    obs.index = obs["patient"].to_numpy()
    path = write_peaks(anndata.AnnData(x.astype(np.float32), obs, var), tmp_path / "p.zarr")
    train, test = np.arange(45), np.arange(45, 60)
    windows = PeakWindows(path, 10, 4, demographics=True).standardise(train)
    effect = BatchEffect(["sex"], ["age"]).fit(x[train], obs.iloc[train])
    expected = effect.transform(x, obs)
    np.testing.assert_allclose(windows.observed(test), expected[test], atol=1e-4)
    mean, sd = expected[train].mean(axis=0), expected[train].std(axis=0)
    still = windows.of(test, still=True)
    span = windows.spans(0)[1]
    peak = slice(span.start, span.stop)
    read = still.read(span)[:, : span.stop - span.start]
    np.testing.assert_allclose(read, ((expected - mean) / sd)[test, peak], atol=1e-4)
    np.testing.assert_allclose(windows.in_unit((expected - mean) / sd), expected, atol=1e-4)
    plain = PeakWindows(path, window=10, slide=4).standardise(train)
    np.testing.assert_array_equal(plain.observed(test), x[test].astype(np.float32))


def test_samples_of_whom_nothing_is_known_keep_their_values(cohort, path):
    windows = PeakWindows(path, demographics=True).standardise(np.arange(5))
    np.testing.assert_array_equal(windows.observed(np.arange(9)), cohort.X)
