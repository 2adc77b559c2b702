"""Provenance: facts that other tools confirm."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpers.runs import provenance


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clean_and_a_dirty_repository(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-q", "-m", "a")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.git_state(tmp_path) == {"git_commit": commit, "git_dirty": False}
    (tmp_path / "book" / "published").mkdir(parents=True)
    (tmp_path / "book" / "published" / "sweep.csv").touch()
    assert not provenance.git_state(tmp_path)["git_dirty"]
    (tmp_path / "a").write_text("2")
    assert provenance.git_state(tmp_path) == {"git_commit": commit, "git_dirty": True}


def test_no_repository_and_no_git_are_nothing_to_fail_on(tmp_path, monkeypatch):
    unknown = {"git_commit": None, "git_dirty": None}
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git_state(tmp_path) == unknown
    monkeypatch.setenv("PATH", "")
    assert provenance.git_state(tmp_path) == unknown


def test_hardware_is_of_this_machine():
    found = provenance.hardware()
    assert 1 <= found["cores"] <= os.cpu_count()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert found["memory_gb"] == pytest.approx(pages / 2**30, abs=0.1)
    assert found["cpu"]


def test_versions_are_the_imported_ones():
    import numpy
    import pandas

    found = provenance.versions()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == numpy.__version__ and found["pandas"] == pandas.__version__


def test_peak_memory_grows_with_an_array_and_stays():
    """In a process of its own: in this one an earlier test may have set a higher peak."""
    code = """
import resource
from helpers.runs import provenance
before = provenance.peak_memory_mb()
block = bytearray(300 * 2**20)
block[::4096] = b"x" * len(block[::4096])
during = provenance.peak_memory_mb()
del block
after = provenance.peak_memory_mb()
print(before, during, after, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, during, after, most = map(float, done.stdout.split())
    assert during >= before + 100
    assert after >= during - 1
    assert during <= most * 1.1 + 50


def test_the_kernel_resolves_the_device():
    from helpers.models.training import choose_device

    facts = json.loads(provenance.kernel_facts("auto"))
    assert facts["device"] == str(choose_device("auto"))
    assert json.loads(provenance.kernel_facts("cpu"))["device"] == "cpu"
    assert (facts["gpu"] is None) == (not facts["device"].startswith("cuda"))


def test_without_torch_the_processor_did_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    facts = json.loads(provenance.kernel_facts("auto"))
    assert facts["device"] == "cpu" and facts["gpu"] is None and facts["peak_memory_mb"] > 10


def test_helpers_is_shown_relative_to_the_project():
    root = Path(__file__).resolve().parents[2]
    assert provenance.helpers_path(root) == "helpers/__init__.py"
    assert not Path(provenance.helpers_path(Path("/elsewhere"))).is_absolute()


def test_now_is_utc():
    moment = datetime.fromisoformat(provenance.now())
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 5
