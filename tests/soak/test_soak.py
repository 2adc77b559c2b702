"""The soak sees what grows, and not what has settled."""

import subprocess
import sys

import pandas as pd
import pytest

from tests.soak.__main__ import MOST, count, leaks, main


def counted(**changes):
    plain = {name: [1.0] * 20 for name in MOST} | {"memory": [100, 140, *[150.0] * 18]}
    return pd.DataFrame(plain | changes)


def test_what_has_settled_is_no_leak():
    assert leaks(counted()) == []
    assert leaks(counted(**{"open files": [3, 9, 12, *[14.0] * 17]})) == []


@pytest.mark.parametrize("name", MOST)
def test_what_grows_is_named(name):
    (line,) = leaks(counted(**{name: [1.0 + 10 * i for i in range(20)]}))
    assert line.startswith(f"{name} grow: 160 more after 17 runs")


def test_memory_that_grows_is_named():
    (line,) = leaks(counted(memory=[100.0 + i for i in range(20)]))
    assert line == "memory grows: 1.00 MB a run"


def test_what_is_left_is_counted(tmp_path):
    before = count(tmp_path, tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / "left").write_bytes(b"0" * 2048)
    after = count(tmp_path, tmp_path)
    child.communicate(b"\n")
    more = {name: after[name] - before[name] for name in ("processes", "temporary files")}
    assert more == {"processes": 1, "temporary files": 1}
    assert after["kB left in results"] == 2 and after["open files"] > before["open files"]


@pytest.mark.kernel
def test_a_few_runs_leave_nothing(tiny_project, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TMPDIR", "")  # put back afterwards
    monkeypatch.setattr("tempfile.tempdir", None)
    table = tmp_path / "soak.csv"
    assert main(["--n", "5", "--notebook", "tiny", "--table", str(table)]) == 0
    assert "5 runs, nothing grows." in capsys.readouterr().out and len(pd.read_csv(table)) == 5
