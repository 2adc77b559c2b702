"""Notebooks read like the paper: short cells, no loops of ours, no numbers frozen in prose."""

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from helpers.runs.identity import as_python

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAX_CODE, MAX_CELL, MEDIAN_CELL = 220, 12, 7  # lines without parameters and imports
MAX_WORDS = 1600
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What is not a number of a result: code, formulas, targets of links, identifiers of papers.
NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|arXiv:\S+|doi:\S+", re.S
)
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)")


def each():
    return pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def code_cells(path):
    """Sources of the code cells but for the parameters and the imports."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            body = ast.parse(as_python(cell.source)).body
            imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
            if 2 * len(imports) < len(body) or not body:
                yield cell.source


def n_lines(source):
    return sum(bool(line.strip()) for line in source.splitlines())


def prose(path):
    """Sources of the Markdown cells."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


@each()
def test_cells_are_short(path):
    lengths = [n_lines(source) for source in code_cells(path)]
    assert sum(lengths) <= MAX_CODE
    assert max(lengths) <= MAX_CELL
    assert statistics.median(lengths) <= MEDIAN_CELL


@each()
def test_imports_stand_in_one_cell(path):
    for source in code_cells(path):
        tree = ast.parse(as_python(source))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]


@each()
def test_no_settings_are_assembled_and_no_comprehension_is_nested(path):
    definitions = []
    for source in code_cells(path):
        for node in ast.walk(ast.parse(as_python(source))):
            assert not (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr)), source
            if isinstance(node, COMPREHENSIONS):
                inner = [n for n in ast.walk(node) if isinstance(n, COMPREHENSIONS)]
                assert len(inner) == 1 and len(node.generators) == 1, source
            if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
                definitions.append(source)
            assert not isinstance(node, ast.While), source
    assert len(definitions) <= 1  # one may be the lesson


@each()
def test_prose_is_short(path):
    assert sum(len(text.split()) for text in prose(path)) <= MAX_WORDS


@each()
def test_no_number_of_a_result_is_frozen_in_prose(path):
    """Numbers of a run are written by the run; those of published runs by their table."""
    for text in prose(path):
        if not text.lstrip().startswith("## References"):
            assert DECIMAL.findall(NOT_PROSE.sub(" ", text)) == [], text[:200]


@each()
def test_the_second_code_cell_says_what_the_commands_would_refuse(path):
    """Right after the parameters, before anything is loaded; its room's `needs` among it."""
    code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    room = path.stem.partition("_")[2]
    needs = ", check_needs" if (ROOT / "helpers" / room / "needs.py").exists() else ""
    assert code[1].source.splitlines()[-1] == f'check_opened("{path.stem}", globals(){needs})'
    assert not needs or f"from helpers.{room}.needs import " in code[1].source
