"""A cohort that stays in its file: the same checks and the same numbers as in memory."""

import tracemalloc

import anndata
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from helpers.cohorts.on_disk import column_groups, row_blocks, scaled_rows, stores
from helpers.cohorts.on_disk.row_blocks import is_on_disk, rows_a_block
from helpers.cohorts.preprocess import Preprocessor
from helpers.cohorts.registry import check_cohort, cohort_inputs, load_cohort
from helpers.cohorts.sample_selection import select_tumours
from helpers.cohorts.splits import split_by_patient
from helpers.pancan_vae.row_components import fit_components

pytestmark = pytest.mark.filterwarnings("ignore:.*zarr v")
N_GENES = 60


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch, empty_cache):
    """Everything counts as large, and no block or group holds more than a part of it."""
    monkeypatch.setattr(stores, "IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(row_blocks, "BLOCK_BYTES", 4 * N_GENES * 70)
    monkeypatch.setattr(scaled_rows, "_BLOCK_BYTES", 4 * N_GENES * 31)
    monkeypatch.setattr(column_groups, "GROUP_BYTES", 4 * 400 * 7)


@pytest.fixture
def adata():
    """400 samples of three types and two batches, one of them not in one type; skewed genes."""
    rng = np.random.default_rng(0)
    kinds = np.array(list("ABC"), object)[np.arange(400) % 3]
    batch = np.where(kinds == "A", "one", np.array(["one", "two"], object)[np.arange(400) % 2])
    obs = {"patient": [f"P{i // 2}" for i in range(400)], "cancer_type": kinds, "batch": batch}
    x = rng.gamma(2, 1, (400, N_GENES)) * rng.uniform(0, 2, N_GENES)
    x += (batch == "two")[:, None] * rng.uniform(0, 1, N_GENES)
    x[:, :3] = 0
    obs = pd.DataFrame(obs, index=[f"s{i:03d}" for i in range(400)])
    var = pd.DataFrame(index=[f"GENE{i}" for i in range(N_GENES)])
    return anndata.AnnData(x.astype(np.float32), obs, var)


@pytest.fixture(params=["h5ad", "zarr"])
def path(request, adata, tmp_path):
    path = tmp_path / f"big.{request.param}"
    write(adata, path, chunks=(64, N_GENES))
    return path


def write(adata, path, **kwargs):
    adata = adata.copy()  # writing makes its text columns categories
    if path.suffix == ".h5ad":
        adata.write_h5ad(path)
    else:
        adata.write_zarr(path, **kwargs)
    return str(path)


def test_a_large_file_is_a_cohort_whose_x_stays_there(path, adata):
    check_cohort(str(path))
    cohort = load_cohort(str(path))
    assert is_on_disk(cohort.X) and "stays in its file" in cohort.uns["notes"][-1]
    np.testing.assert_array_equal(np.concatenate(list(row_blocks.row_blocks(cohort.X))), adata.X)
    assert cohort.uns["feature"] == "gene" and cohort.obs["cancer_type"].dtype == object


def test_a_small_zarr_is_read_whole(adata, tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "IN_MEMORY_BYTES", 10**9)
    adata.X = sparse.csr_matrix(adata.X)
    path = write(adata, tmp_path / "small.zarr")
    check_cohort(path)
    np.testing.assert_array_equal(load_cohort(path).X, adata.X.toarray())


def test_choosing_and_splitting_read_nothing(path, adata):
    adata.uns |= load_cohort(str(path)).uns
    big, small = (select_tumours(c) for c in (load_cohort(str(path)), with_types(adata)))
    assert is_on_disk(big.X) and big.obs_names.equals(small.obs_names)
    for mine, own in zip(split_by_patient(big), split_by_patient(small), strict=True):
        assert is_on_disk(mine.X) and mine.obs_names.equals(own.obs_names)
        np.testing.assert_array_equal(np.asarray(mine.X), own.X)


def with_types(adata):
    adata.obs["sample_type"] = "primary"
    return adata


@pytest.mark.parametrize(
    "kind",
    [
        {"n_features": 20},
        {"n_features": 20, "rank_by": "variance", "min_mean": 0.0},
        {"batch_correction": False, "min_fraction": 0.3},
        {"n_features": 20, "quantile": True},
        {"rank_by": "variance", "quantile": True, "batch_correction": False},
    ],
)
def test_preprocessing_in_passes_gives_the_same_numbers(path, adata, kind):
    big = load_cohort(str(path))
    rows = np.arange(400) % 5 > 0
    mine, own = (Preprocessor(**kind).fit(cohort[rows]) for cohort in (big, adata))
    assert mine.feature_names.equals(own.feature_names)
    np.testing.assert_allclose(mine.mean_, own.mean_, rtol=1e-12)
    np.testing.assert_allclose(mine.scale_, own.scale_, rtol=1e-12)
    if mine.quantile:
        np.testing.assert_allclose(mine.reference_, own.reference_, rtol=1e-12)
    np.testing.assert_allclose(mine.transform(big), own.transform(adata), rtol=1e-6, atol=1e-6)


def test_sparse_rows_on_disk(adata, tmp_path):
    adata.X = sparse.csr_matrix(adata.X)
    path = write(adata, tmp_path / "sparse.zarr")
    adata.X = adata.X.toarray()
    mine, own = (Preprocessor(n_features=9).fit(c) for c in (load_cohort(path), adata))
    assert mine.feature_names.equals(own.feature_names)
    np.testing.assert_allclose(mine.scale_, own.scale_, rtol=1e-12)


def test_stored_by_columns_is_refused_with_the_way_out(adata, tmp_path):
    adata.X = sparse.csc_matrix(adata.X)
    path = write(adata, tmp_path / "columns.h5ad")
    check_cohort(path)
    with pytest.raises(ValueError, match=r"stored by columns; use adata\.X = adata\.X\.tocsr"):
        load_cohort(path)


@pytest.mark.parametrize(
    ("wrong", "message"), [(np.nan, "finite; sample s399, gene GENE5 is nan"), (5000, "log scale")]
)
def test_a_wrong_value_late_in_the_file_is_found(adata, tmp_path, wrong, message):
    adata.X[399, 5] = wrong
    with pytest.raises(ValueError, match=message):
        load_cohort(write(adata, tmp_path / "wrong.zarr"))


def test_inputs_change_with_any_part_of_a_folder(adata, tmp_path):
    path = write(adata, tmp_path / "big.zarr")
    before = cohort_inputs(path)["big.zarr"]
    assert len(before) == 64 and cohort_inputs(path)["big.zarr"] == before
    chunk = max((tmp_path / "big.zarr" / "X").rglob("*.*"))
    chunk.write_bytes(chunk.read_bytes() + b"x")
    assert cohort_inputs(path)["big.zarr"] != before


def test_what_is_no_store(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        check_cohort(str(tmp_path / "absent.zarr"))
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(ValueError, match=r"cannot be read as .zarr.*adata.write_zarr\(path\)"):
        check_cohort(str(tmp_path / "empty.zarr"))


@pytest.fixture
def rows():
    x = np.random.default_rng(1).normal(2, 1, (400, N_GENES)).astype(np.float32)
    x[:, :5] += 3 * np.random.default_rng(2).normal(size=(400, 1))
    return x, scaled_rows.ScaledRows([x[:150], x[150:]], N_GENES)


def test_rows_are_a_source_of_rows(rows):
    x, source = rows
    index = np.array([0, 1, 2, 7, 398, 399])
    (part,) = source.rows(index)
    assert part.dtype == torch.float32 and part.is_contiguous()
    np.testing.assert_array_equal(part, x[index])
    chosen = source.of(x[:, 0] > 2).of(np.array([3, 1, 5]))
    np.testing.assert_array_equal(chosen, x[x[:, 0] > 2][[1, 3, 5]])
    assert (len(chosen), chosen.shape, len(source)) == (3, (3, N_GENES), 400)
    np.testing.assert_array_equal(np.concatenate(list(source.blocks())), x)


def test_training_from_disk_is_training_in_memory(rows):
    from helpers.models.row_source import RowSource
    from helpers.models.training import Training, fit
    from helpers.models.vae import VAE

    x, source = rows
    assert isinstance(source, RowSource)
    weights = []
    for data in (torch.from_numpy(x), source):
        torch.manual_seed(0)
        model = VAE(N_GENES, (8,), 3, noise_sd=1.0, dropout=0.0)
        training = Training(2, 32, 1e-3, keep="last", device="cpu")
        fit(
            model, data, None, weights={"reconstruction": 1.0, "kl": 1.0}, training=training, seed=0
        )
        weights.append(torch.cat([part.flatten() for part in model.state_dict().values()]))
    assert torch.equal(*weights)


def test_blocks_are_whole_chunks_unless_these_are_large(monkeypatch):
    monkeypatch.setattr(row_blocks, "BLOCK_BYTES", 4 * 10 * 100)
    assert [rows_a_block(10, stored) for stored in (1, 30, 100, 300, 1000)] == [
        100,
        90,
        100,
        300,
        100,
    ]


@pytest.mark.parametrize("quantile", [False, True])
def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch, quantile):
    """Peak of all steps at 4 times the rows: far less than what the rows take more."""
    monkeypatch.setattr(row_blocks, "BLOCK_BYTES", 2**18)
    monkeypatch.setattr(scaled_rows, "_BLOCK_BYTES", 2**18)
    monkeypatch.setattr(column_groups, "GROUP_BYTES", 2**18)
    peaks = []
    for n_rows in (2000, 8000):
        path = tmp_path / f"{n_rows}.zarr"
        obs = pd.DataFrame({"patient": "p", "cancer_type": "A"}, [f"s{i}" for i in range(n_rows)])
        x = np.random.default_rng(0).gamma(2, 1, (n_rows, 500)).astype(np.float32)
        anndata.AnnData(x, obs).write_zarr(path, chunks=(500, 500))
        tracemalloc.start()
        cohort = load_cohort(str(path))
        scaling = Preprocessor(n_features=200, batch_correction=False, quantile=quantile)
        scaled = scaling.fit(cohort).transform(cohort)
        fit_components(scaled, 5)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 0.5 * 4 * 500 * 6000, f"{peaks}: a third of the matrix or more"
