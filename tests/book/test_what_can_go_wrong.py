"""The page *What can go wrong* promises nothing that no test does."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "book" / "what_can_go_wrong.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]


def functions_in(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_named_test_is_there(file, name):
    assert (ROOT / file).is_file() and name in functions_in(ROOT / file)


def test_every_fault_says_what_is_seen_lost_and_tested():
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and all(cells), row
        assert cells[3] == "Tested by" or re.search(r"`tests/\S+::test_\w+`", cells[3]), row


def test_every_fault_that_is_done_has_its_row():
    done = {
        f"tests/faults/{path.name}"
        for path in (ROOT / "tests" / "faults").glob("test_*.py")
        if functions_in(path)
    }
    assert done <= {file for file, _ in NAMED}
