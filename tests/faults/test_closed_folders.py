"""Home and cache that cannot be written to: what needs them not goes on, the rest says so."""

import os
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.cohort_cache import cached_cohort
from helpers.cohorts.sources import fetch
from tests.faults.test_bad_servers import CONTENT, a_source

ROOT = Path(__file__).resolve().parents[2]
CLOSED = r"cannot be written to \(Read-only file system\)\. .*HELPERS_DATA_CACHE"
RUN = """
import sys
from pathlib import Path
from helpers.cli import main
import helpers.files
helpers.files.results_folder = lambda results=None: Path(sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""


def a_cohort():
    x = np.random.default_rng(0).random((40, 30), dtype=np.float32)
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(40)]}, [f"s{i}" for i in range(40)])
    return anndata.AnnData(x, obs)


@pytest.fixture
def cache(small_disk, monkeypatch):
    small_disk.resize(4096)
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(small_disk.folder))
    monkeypatch.delenv("HELPERS_DATA_MIRROR", raising=False)
    return small_disk


def test_a_closed_cache_that_is_filled_is_used(cache, server):
    folder, address, handler = server
    (folder / "table.gz").write_bytes(CONTENT)
    fetch(a_source(address)), cached_cohort("mine", a_cohort, {})
    cache.close_for_writing()
    assert fetch(a_source(address)).read_bytes() == CONTENT
    assert np.array_equal(cached_cohort("mine", None, {}).X, a_cohort().X)
    assert len(handler.requests) == 1


def test_a_closed_cache_that_is_empty_is_named(cache, server):
    folder, address, _ = server
    (folder / "table.gz").write_bytes(CONTENT)
    cache.close_for_writing()
    with pytest.raises(OSError, match=CLOSED):
        fetch(a_source(address))
    with pytest.raises(OSError, match=CLOSED):
        cached_cohort("mine", a_cohort, {})


def run(home, results, notebook):
    command = [sys.executable, "-c", RUN, str(results), "run", str(notebook)]
    away = {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "MPLCONFIGDIR"}
    away |= {"JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "NUMBA_CACHE_DIR"}
    env = {key: value for key, value in os.environ.items() if key not in away}
    env |= {"HOME": str(home)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def a_notebook(write_notebook):
    from tests.fixtures.projects import PARAMETERS, REPORT

    draws = "import matplotlib.pyplot as plt\nfrom helpers.figures.numba_cache import compiled_once"
    parameters = PARAMETERS.replace("demo-tiny", "demo-pancan")
    return write_notebook("tiny", draws, REPORT, parameters=parameters)


@pytest.mark.kernel
def test_a_run_from_a_closed_home(small_disk, write_notebook, tmp_path):
    small_disk.close_for_writing()
    done = run(small_disk.folder, tmp_path / "results", a_notebook(write_notebook))
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "results").glob("tiny/*/run.json"))) == 1


@pytest.mark.kernel
def test_a_run_into_a_closed_folder_is_one_line(small_disk, write_notebook, tmp_path):
    small_disk.close_for_writing()
    done = run(tmp_path, small_disk.folder, a_notebook(write_notebook))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "cannot be written to (Read-only file system)" in done.stderr.splitlines()[-1]
