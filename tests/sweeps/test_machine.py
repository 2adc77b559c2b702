"""How many runs a machine has room for, and how it says what goes on."""

import subprocess

import psutil
import pytest

from helpers.sweeps.machine import Share, describe, shares, visible_gpus
from helpers.sweeps.progress import Progress


@pytest.fixture
def machine(monkeypatch):
    def have(cores, gpus=(), memory=64):
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        module = "helpers.sweeps.machine"
        monkeypatch.setattr(f"{module}._n_cores", lambda: cores)
        monkeypatch.setattr(f"{module}.visible_gpus", lambda: list(gpus))
        monkeypatch.setattr(
            psutil, "virtual_memory", lambda: type("M", (), {"available": memory * 2**30})
        )

    return have


def test_cores_are_divided_among_the_workers(machine, monkeypatch):
    machine(cores=8)
    assert shares(100) == [Share(1)] * 8
    assert shares(100, 3) == [Share(2)] * 3
    assert shares(2) == [Share(4)] * 2
    assert shares(100, 20) == [Share(1)] * 20
    assert describe(shares(100, 2)) == "2 workers, 4 threads each"
    assert shares(1)[0].environment["OMP_NUM_THREADS"] == "8"
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert shares(2) == [Share(2)] * 2


def test_there_are_no_more_workers_than_memory_for_them(machine):
    machine(cores=8, memory=10)
    assert len(shares(100)) == 5
    assert len(shares(100, memory_a_run=4 * 2**30)) == 2
    assert len(shares(100, memory_a_run=99 * 2**30)) == 1


def test_one_run_a_gpu_unless_told_otherwise(machine):
    machine(cores=16, gpus=["0", "1"])
    assert [share.gpu for share in shares(100)] == ["0", "1"]
    assert [share.gpu for share in shares(100, 4)] == ["0", "1", "0", "1"]
    assert shares(100)[1].environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert shares(100, devices=["cpu"]) == [Share(1)] * 16
    assert [share.gpu for share in shares(100, runs_a_gpu=2)] == ["0", "1", "0", "1"]
    machine(cores=3, gpus=["0", "1"])
    assert len(shares(100, runs_a_gpu=2)) == 3
    machine(cores=16, gpus=["0", "1"])
    assert describe(shares(100)) == "2 workers, 8 threads each, 2 GPUs"


def test_gpus_are_those_that_torch_and_the_user_allow(monkeypatch):
    module = "helpers.sweeps.machine"
    monkeypatch.setattr(f"{module}.shutil.which", lambda _: "nvidia-smi")
    done = subprocess.CompletedProcess([], 0, stdout="2\n")
    monkeypatch.setattr(f"{module}.subprocess.run", lambda *_, **__: done)
    assert visible_gpus({}) == ["0", "1"]
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "3, 5"}) == ["3", "5"]
    done.stdout = "0\n"
    assert visible_gpus({}) == []
    monkeypatch.setattr(f"{module}.shutil.which", lambda _: None)
    assert visible_gpus({}) == []


def test_that_no_worker_is_there_yet_is_said(capsys, monkeypatch):
    monkeypatch.setattr("helpers.sweeps.progress.BEAT", 0)
    progress = Progress(3, 0, [60.0], True)
    progress.beat(0, 0)
    progress.beat(1, 2)
    lines = [line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert lines[0].startswith("0/3 done, waiting for a first worker")
    assert lines[1] == "0/3 done, 1 running, about 1 min 30 s left"
