"""Rows on disk: trained as in memory, each once an epoch, a few windows at a time."""

import math
import threading
import weakref

import numpy as np
import pytest
import torch

from helpers.models import row_source
from helpers.models.readout import collapse_report, posterior_mean
from helpers.models.row_source import RowsInMemory, RowsOnDisk, as_rows
from helpers.models.training import Training, fit
from helpers.models.vae import VAE

CPU = torch.device("cpu")
WEIGHTS = {"reconstruction": 1.0, "kl": 1.0}


class StoredRows:
    """A memory-mapped matrix, and which rows were asked for, by which thread."""

    def __init__(self, path, chunk_rows, chosen=slice(None)):
        self.chunk_rows, self.asked, self.threads = chunk_rows, [], set()
        self.matrix = np.load(path, mmap_mode="r")
        self.chosen = np.arange(len(self.matrix))[chosen]

    def __len__(self):
        return len(self.chosen)

    def rows(self, index):
        self.asked.append(index)
        self.threads.add(threading.get_ident())
        return (torch.from_numpy(self.matrix[self.chosen[index]]),)


@pytest.fixture
def path(tmp_path):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(203, 2, generator=generator) @ torch.randn(2, 10, generator=generator)
    np.save(tmp_path / "x.npy", x.numpy())
    return tmp_path / "x.npy"


def train(path, rows, watched=None, **given):
    torch.manual_seed(3)
    model = VAE(10, [16], 4, noise_sd=1.0, dropout=0.1)
    keep = "last" if watched is None else "best"
    how = Training(4, 32, 1e-2, keep=keep, device="cpu", checkpoint_every=2)
    history = fit(model, rows, watched, weights=WEIGHTS, training=how, seed=5, **given)
    return history, model


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def test_one_window_trains_as_in_memory_to_the_bit(path):
    x = torch.from_numpy(np.load(path))
    in_memory, expected = train(path, x[:150], x[150:])
    stored = StoredRows(path, 16, slice(0, 150)), StoredRows(path, 16, slice(150, None))
    on_disk, model = train(path, *stored)
    assert same(model, expected)
    for found, wanted in zip(on_disk.rows, in_memory.rows, strict=True):
        assert found["train"] == wanted["train"]
        assert found["validation"] == pytest.approx(wanted["validation"], rel=1e-6)


@pytest.mark.parametrize(("chunk_rows", "window"), [(7, 21), (50, 50), (1, 20), (400, 400)])
@pytest.mark.parametrize("size", [32, 40, 203, 500])
def test_every_row_is_once_in_an_epoch_and_only_the_last_minibatch_is_smaller(
    path, chunk_rows, window, size
):
    stored = StoredRows(path, chunk_rows)
    rows = RowsOnDisk(stored, CPU, window_bytes=window * 40)
    stored.asked.clear()
    found = [parts[0][chosen] for parts, chosen in rows.minibatches(size)]
    assert [len(part) for part in found] == [len(part) for part in torch.arange(203).split(size)]
    first = torch.cat(found)
    x = torch.from_numpy(np.load(path))
    assert torch.equal(first.sort(dim=0).values, x.sort(dim=0).values)
    assert not torch.equal(first, x)
    assert all((np.diff(asked) > 0).all() for asked in stored.asked)
    assert max(map(len, stored.asked)) <= max(window, min(chunk_rows, 203))
    again = torch.cat([parts[0][chosen] for parts, chosen in rows.minibatches(size)])
    assert not torch.equal(first, again)


def test_minibatches_mix_the_chunks_of_a_window(path):
    """Rows that are stored together do not stay together."""
    rows = RowsOnDisk(StoredRows(path, 10), CPU, window_bytes=100 * 40)
    x = np.load(path)
    number = {row.tobytes(): place for place, row in enumerate(x)}
    parts, chosen = next(rows.minibatches(32))
    chunks = {number[row.numpy().tobytes()] // 10 for row in parts[0][chosen]}
    assert len(chunks) > 5 and max(chunks) - min(chunks) > 10


def test_windows_resume_as_an_uninterrupted_run(path, tmp_path, monkeypatch):
    monkeypatch.setattr(row_source, "WINDOW_BYTES", 60 * 40)
    straight, whole = train(path, StoredRows(path, 20))
    stopped = StoredRows(path, 20)
    torch.manual_seed(3)
    model = VAE(10, [16], 4, noise_sd=1.0, dropout=0.1)
    for n_epochs in (2, 4):
        how = Training(n_epochs, 32, 1e-2, keep="last", device="cpu", checkpoint_every=2)
        given = {"training": how, "seed": 5, "checkpoint": tmp_path / "c.pt"}
        history = fit(model, stopped, None, weights=WEIGHTS, **given)
    assert same(model, whole) and history.rows[-1]["train"] == straight.rows[-1]["train"]
    assert len(stopped.threads) > 1 and threading.get_ident() in stopped.threads  # reads ahead


def test_windows_learn_what_memory_learns(path, monkeypatch):
    x = torch.from_numpy(np.load(path))
    expected, _ = train(path, x)
    monkeypatch.setattr(row_source, "WINDOW_BYTES", 60 * 40)
    found, _ = train(path, StoredRows(path, 20))
    totals = [history.rows[-1]["train"] for history in (expected, found)]
    assert totals[1] == pytest.approx(totals[0], rel=0.1)


def test_memory_is_a_few_windows(tmp_path, monkeypatch):
    """Of a matrix of sixty windows, no more than three are alive at once, the one read included."""
    monkeypatch.setattr(row_source, "WINDOW_BYTES", 64 * 500 * 4)
    np.save(tmp_path / "x.npy", np.ones((3840, 500), np.float32))
    alive, most = [], []

    class Counted(StoredRows):
        def rows(self, index):
            (part,) = super().rows(index)
            if len(index) > 1:
                alive.append(weakref.ref(part.untyped_storage()))
                most.append(sum(one() is not None for one in alive))
            return (part,)

    rows = RowsOnDisk(Counted(tmp_path / "x.npy", 16), CPU)
    assert sum(len(chosen) for _, chosen in rows.minibatches(48)) == 3840
    assert sum(len(part) for (part,) in rows.in_order()) == 3840
    assert len(most) == 120 and max(most) <= 3


def test_a_source_is_read_out_as_an_array(path, monkeypatch):
    x = np.load(path)
    _, model = train(path, torch.from_numpy(x))
    monkeypatch.setattr(row_source, "N_ROWS", 50)
    stored = StoredRows(path, 20)
    np.testing.assert_allclose(posterior_mean(model, stored), posterior_mean(model, x), atol=1e-6)
    assert collapse_report(model, stored, 0) == pytest.approx(collapse_report(model, x, 0))
    assert max(map(len, stored.asked)) == 40


def test_an_error_of_the_source_ends_training_and_its_thread(path):
    class Broken(StoredRows):
        def rows(self, index):
            if len(self.asked) > 3:
                raise OSError("disk on fire")
            return super().rows(index)

    n_threads = threading.active_count()
    with pytest.raises(OSError, match="disk on fire"):
        train(path, Broken(path, 20))
    with pytest.raises(OSError, match="disk on fire"):
        list(RowsOnDisk(Broken(path, 20), CPU, window_bytes=800).minibatches(8))
    assert threading.active_count() == n_threads


def test_what_needs_all_rows_refuses_a_source(path):
    class Looks(VAE):
        def after_epoch(self, x):
            return {}

    stored = StoredRows(path, 20)
    how = {"weights": WEIGHTS, "training": Training(1, 8, 1e-3, keep="last"), "seed": 0}
    shape = {"noise_sd": 1.0, "dropout": 0.0}
    with pytest.raises(ValueError, match="`train` must be tensors for a model with `after_epoch`"):
        fit(Looks(10, [4], 2, **shape), stored, None, **how)
    with pytest.raises(ValueError, match="for a recorded step"):
        fit(VAE(10, [4], 2, **shape), stored, None, capture="auto", **how)
    with pytest.raises(ValueError, match="`train` must have rows; this source has none"):
        as_rows(StoredRows(path, 20, slice(0, 0)), "train", CPU)


def test_rows_in_memory_come_in_torchs_order():
    x = torch.arange(10)
    torch.manual_seed(0)
    order = torch.randperm(10)
    torch.manual_seed(0)
    found = torch.cat([parts[0][rows] for parts, rows in RowsInMemory((x,)).minibatches(3)])
    assert torch.equal(found, x[order]) and not math.isnan(float(found[0]))
