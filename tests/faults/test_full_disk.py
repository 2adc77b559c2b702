"""A disk that is really full: what was there stays, nothing half-written counts, room mends it."""

import errno
import hashlib
import json

import anndata
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from helpers.cohorts.cohort_cache import cached_cohort, cached_table
from helpers.cohorts.sources import Source, fetch
from helpers.files import write_json
from helpers.models.training import Training, fit
from helpers.models.vae import VAE
from helpers.runs.execution import find_runs, run_notebook
from helpers.runs.record import Record
from helpers.sweeps.worker import make_run

FULL = r"\[Errno 28\] No space left on device: the disk of .* Make room; the same command goes on"
MEBIBYTE = 1024


def all_files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_fetching(small_disk, server, empty_cache, monkeypatch):
    folder, address, _ = server
    content = np.random.default_rng(0).bytes(600_000)
    (folder / "a.gz").write_bytes(content)
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(small_disk.folder))
    digest = hashlib.sha256(content).hexdigest()
    facts = {"group": "g", "path": "a.gz", "licence": "", "citation": "", "what": ""}
    source = Source(url=f"{address}/a.gz", mirror_path="o/a.gz", bytes=600_000, sha256=digest,
                    **facts)  # fmt: skip
    with pytest.raises(OSError, match=FULL) as error:
        fetch(source)
    assert error.value.errno == errno.ENOSPC and all_files(small_disk.folder) == []
    small_disk.resize(2 * MEBIBYTE)
    assert fetch(source).read_bytes() == content
    assert all_files(small_disk.folder) == ["a.gz"]


def a_cohort():
    x = np.random.default_rng(0).random((400, 300), dtype=np.float32)
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(400)]}, [f"s{i}" for i in range(400)])
    return anndata.AnnData(x, obs)


def test_caching_a_cohort(small_disk, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(small_disk.folder))
    with pytest.raises(OSError, match=FULL):
        cached_cohort("large", a_cohort, {})
    assert all_files(small_disk.folder) == []
    small_disk.resize(2 * MEBIBYTE)
    assert np.array_equal(cached_cohort("large", a_cohort, {}).X, a_cohort().X)


def test_caching_a_table(small_disk, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(small_disk.folder))
    table = pd.DataFrame(np.random.default_rng(0).random((300, 300))).add_prefix("c")
    with pytest.raises(OSError, match=FULL):
        cached_table("large", lambda: table, {})
    assert all_files(small_disk.folder) == []
    small_disk.resize(4 * MEBIBYTE)
    pd.testing.assert_frame_equal(cached_table("large", lambda: table, {}), table)


def a_figure():
    figure, ax = plt.subplots()
    ax.imshow(np.random.default_rng(0).random((300, 300)))
    return figure


RECORDED = {
    "a table": lambda record: record.table(
        "t", pd.DataFrame(np.random.default_rng(0).random((300, 99)))
    ),
    "a figure": lambda record: record.figure("f", a_figure()),
    "weights": lambda record: record.weights(torch.nn.Linear(300, 300)),
    "metrics": lambda record: record.metrics({f"a.b{i:0400}": i for i in range(900)}),
}


@pytest.mark.parametrize("what", RECORDED)
def test_recording(small_disk, what):
    record = Record("tiny", small_disk.folder)
    record.metric("fit.loss", 1.0)
    with pytest.raises(OSError, match=FULL):
        RECORDED[what](record)
    plt.close("all")
    assert set(all_files(small_disk.folder)) <= {"metrics.json", "f.png"}, "whole files alone"
    assert json.loads((small_disk.folder / "metrics.json").read_text()) == {"fit.loss": 1.0}
    small_disk.resize(8 * MEBIBYTE)
    RECORDED[what](record)
    plt.close("all")


def test_a_checkpoint(small_disk):
    """The disk fills up after the second epoch: its checkpoint stays, and training goes on."""
    path, filler = small_disk.folder / "c.pt", small_disk.folder / "filler"
    x = torch.randn(80, 10, generator=torch.Generator().manual_seed(0))

    def model():
        torch.manual_seed(3)
        return VAE(10, [32], 4, noise_sd=1.0, dropout=0.1)

    def trained(model, checkpoint, n_epochs=5):
        how = Training(n_epochs, 16, 1e-2, patience=9, device="cpu", checkpoint_every=1)
        weights = {"reconstruction": 1.0, "kl": 1.0}
        return fit(
            model, x[:64], x[64:], weights=weights, training=how, seed=1, checkpoint=checkpoint
        )

    trained(model(), path, n_epochs=2)
    content = path.read_bytes()
    filler.write_bytes(b"0" * (250 * 1024 - 2 * len(content) + len(content) // 2))
    with pytest.raises(OSError, match=FULL):
        trained(model(), path)
    assert path.read_bytes() == content and all_files(small_disk.folder) == ["c.pt", "filler"]
    filler.unlink()
    resumed, straight, whole = model(), model(), small_disk.folder.parent / "whole.pt"
    assert trained(resumed, path).rows == trained(straight, whole).rows
    assert all(map(torch.equal, resumed.state_dict().values(), straight.state_dict().values()))


@pytest.mark.kernel
@pytest.mark.parametrize("n_kib", [200, 4])
def test_a_run(tiny_project, write_notebook, small_disk, n_kib):
    """It is no run, the sweep that made it stops, and it is made where there is room."""
    write_notebook(
        "writes",
        "from helpers.runs.record import Record\nimport torch\nrecord = Record('writes', out_dir)\n"
        "record.metric('fit.loss', 1.0)\nrecord.weights(torch.nn.Linear(300, 300))\nrecord.close()",
    )
    small_disk.resize(n_kib)
    from helpers.runs.plans import plan_run

    outcome = make_run(plan_run("writes", {}, results=small_disk.folder))
    assert outcome.status == "full", outcome
    assert find_runs(small_disk.folder) == []
    assert not list(small_disk.folder.rglob(".running-*"))
    small_disk.resize(8 * MEBIBYTE)
    assert run_notebook("writes", results=small_disk.folder, progress=False).is_dir()
    assert len(find_runs(small_disk.folder)) == 1


def test_a_file_that_was_there_stays(small_disk):
    path = small_disk.folder / "table.json"
    write_json(path, {"old": 1})
    with pytest.raises(OSError, match=FULL):
        write_json(path, {"new": "x" * 400_000})
    assert json.loads(path.read_text()) == {"old": 1} and all_files(small_disk.folder) == [
        path.name
    ]
