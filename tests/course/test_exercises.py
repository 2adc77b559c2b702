"""The exercises themselves: solutions pass on any seed, nothing else does, and cells are short."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from helpers.course.exercises import (
    Score,
    exercise_notebooks,
    graded_cells,
    run_exercises,
    score_cells,
)
from helpers.runs.identity import as_python

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = exercise_notebooks()
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)", re.S)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)


def each():
    return pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def cells(path, kind=None):
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if kind in (None, cell.cell_type)]


def test_every_chapter_has_its_exercises():
    chapters = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert [path.stem for path in NOTEBOOKS] == [f"{name}_exercises" for name in chapters]


@each()
def test_four_exercises_each_with_a_part_that_a_machine_checks(path):
    exercises, checked = [], []
    for cell in cells(path):
        if cell.cell_type == "markdown" and (title := re.match(r"## (\d .*?):", cell.source)):
            exercises.append(title[1])
            checked.append(0)
        grader = cell.metadata.get("nbgrader", {})
        if grader.get("grade") and cell.cell_type == "code":
            checked[-1] += grader["points"]
    kinds = ["Predict and run", "Read a figure", "Write a function", "Criticise a claim"]
    assert exercises == [f"{number} {kind}" for number, kind in enumerate(kinds, start=1)]
    assert min(checked) > 0


@each()
def test_the_points_are_as_the_first_cell_says(path):
    points = sum(grader["points"] for _, grader in graded_cells(nbformat.read(path, as_version=4)))
    assert f" {points} points." in cells(path)[0].source


@each()
def test_checks_compute_and_a_part_of_each_is_hidden(path):
    """A check of numbers holds none that a run could give, so that another seed is checked too."""
    for cell, grader in graded_cells(nbformat.read(path, as_version=4)):
        if cell.cell_type == "code":
            assert not grader["solution"] and grader["locked"]
            assert "assert" in cell.source
            long_decimals = re.findall(r"\d\.\d{3,}", cell.source)
            assert long_decimals == [], cell.source
        else:
            assert "### BEGIN SOLUTION" in cell.source, "the written answer that is looked for"
    source = "\n".join(cell.source for cell in cells(path, "code"))
    assert source.count("### BEGIN HIDDEN TESTS") >= 4


@each()
def test_cells_are_short_and_imports_stand_in_one(path):
    for cell in cells(path, "code"):
        tree = ast.parse(as_python(cell.source))
        is_imports = cell.source.startswith("import ")
        assert is_imports or not [
            node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        if not is_imports:
            lines = [line for line in cell.source.splitlines() if line.strip()]
            lines = [line for line in lines if not line.startswith("###")]
            assert len(lines) <= 12, cell.source


@each()
def test_no_number_of_a_result_is_frozen_in_prose_or_solution(path):
    for cell in cells(path, "markdown"):
        assert re.findall(r"(?<![\w.])\d+\.\d+", NOT_PROSE.sub(" ", cell.source)) == []
    for cell in cells(path, "code"):
        for solution in SOLUTION.findall(cell.source):
            assert re.findall(r"\d\.\d{2,}", solution.replace("0.05", "")) == [], solution


@pytest.mark.kernel
@each()
@pytest.mark.parametrize("seed", [0, 1])
def test_the_solutions_earn_every_point_whatever_the_seed(path, seed):
    scores = score_cells(run_exercises(path, {"seed": seed}))
    assert [score for score in scores if score.error] == []
    assert all(score.earned == score.possible > 0 for score in scores)


def test_a_cell_that_was_not_run_or_raised_earns_nothing():
    def cell(grade_id, count, *outputs):
        made = nbformat.v4.new_code_cell("assert x")
        made.metadata["nbgrader"] = {"grade": True, "grade_id": grade_id, "points": 3}
        made.execution_count, made.outputs = count, list(outputs)
        return made

    error = nbformat.v4.new_output("error", ename="NameError", evalue="x", traceback=[])
    notebook = nbformat.v4.new_notebook(
        cells=[cell("a", 1), cell("b", 2, error), cell("c", None), nbformat.v4.new_code_cell("1")]
    )
    assert score_cells(notebook) == [
        Score("a", 3, 3, ""),
        Score("b", 0, 3, "NameError: x"),
        Score("c", 0, 3, "not run"),
    ]
