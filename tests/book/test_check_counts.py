"""The table and figure of what long checks counted."""

import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.book.check_counts import (
    ALT,
    GUARDS,
    overview,
    plot_memory,
    plot_seen,
    write_figure,
)
from tests.fixtures.published_checks import publish_check

ROOT = Path(__file__).resolve().parents[2]
PAGE = """
| Fault | What you see | What is lost | Tested by |
| --- | --- | --- | --- |
| It stops | nothing | nothing; it goes on | `tests/a.py::test_a`, `tests/a.py::test_b` |
| It breaks | a line | that run | `tests/a.py::test_c` |

Prose that names `tests/a.py::test_d`.
"""
MUTANTS = pd.DataFrame({"room": [GUARDS, "models"], "errors": [4, 20], "seen": [4, 17]})
SOAK = pd.DataFrame(
    {"run": range(5), "processes": 0, "open files": [5, 9, 9, 9, 9], "temporary files": 0,
     "memory": [200.0, 270.0, 271.0, 272.0, 271.6]}
)  # fmt: skip


@pytest.fixture
def checks(tmp_path):
    files = {"files": ["changed"], "tried": [9], "taken": [2], "noted": [3], "refused": [4]}
    publish_check("mutated_files", pd.DataFrame(files), tmp_path)
    publish_check("mutants", MUTANTS, tmp_path, seed=1, n=20)
    publish_check("soak", SOAK, tmp_path, notebook="tiny", warm=3)
    return tmp_path


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][2:]


def test_every_check_has_its_row(checks):
    faults, files, guards, errors, soak = rows(overview(checks, PAGE))
    assert faults[1] == "2" and "nothing is lost in 1," in faults[2]
    assert files[:2] == ["Files: changed", "9"]
    assert files[2] == (
        "2 read as they stand, rightly, 3 read with notes, 4 refused in a line, 0 anything else"
    )
    assert guards[1:3] == ["4", "tests saw 4"] and "draw 1" in errors[0]
    assert errors[1:3] == ["20", "tests saw 17 (85%)"]
    assert soak[1] == "5" and "memory 272 MB once warm, 272 MB at last" in soak[2]
    assert soak[2].startswith("no process, open file or temporary file left behind")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, commit `.+`", soak[3])


def test_what_grows_is_said(checks):
    publish_check("soak", SOAK.assign(processes=SOAK["run"]), checks, notebook="tiny", warm=3)
    assert rows(overview(checks, PAGE))[-1][2].startswith("1 more processes left behind; memory")


def test_what_is_not_published_is_left_out(tmp_path, checks):
    (checks / "soak.csv").unlink()
    text = overview(checks, PAGE)
    assert len(rows(text)) == 4 and "figure" not in text
    write_figure(checks, checks / "out" / "checks.png")
    assert not (checks / "out").exists()


def test_the_figure_has_every_room_and_run(checks):
    write_figure(checks, checks / "out" / "checks.png")
    assert (checks / "out" / "checks.png").stat().st_size > 1000
    assert ALT in overview(checks, PAGE)
    left, right = Figure().subplots(1, 2)
    plot_seen(MUTANTS, left)
    assert [bar.get_width() for bar in left.patches] == [17, 4, 3, 0]
    assert [text.get_text() for text in left.texts] == ["17 of 20", "4 of 4"]
    plot_memory(SOAK, right)
    assert right.lines[0].get_ydata().tolist() == SOAK["memory"].tolist()
    assert right.get_ylim()[0] == 0 and "n = 5" in right.get_xlabel()


def test_the_page_itself_is_counted():
    page = (ROOT / "book" / "what_can_go_wrong.md").read_text(encoding="utf-8")
    n_rows = sum("::test_" in line for line in page.splitlines() if line.startswith("| "))
    assert rows(overview(ROOT / "book" / "published" / "checks", page))[0][1] == str(n_rows) > "30"
