"""What students get: no solutions, no hidden tests, no points for an empty notebook."""

import importlib.util
import os
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest

from helpers.course import handout
from helpers.course.exercises import exercise_notebooks, graded_cells, run_exercises, score_cells
from helpers.course.handout import NoGrader, grade_submissions, release_exercises
from helpers.course.package import NAME, build_course, zip_course

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = exercise_notebooks()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Folder of an nbgrader course with the four assignments released."""
    if importlib.util.find_spec("nbgrader") is None:
        reason = "nbgrader is not installed: `make course` says how"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("course")
    release_exercises(folder)
    return folder


def released(course, source):
    return course / "release" / source.stem / source.name


def with_hidden_tests(course, source):
    """The students' empty notebook with its graded cells as the lecturer has them, as nbgrader."""
    empty = nbformat.read(released(course, source), as_version=4)
    whole = {g["grade_id"]: c.source for c, g in graded_cells(nbformat.read(source, as_version=4))}
    for cell, grader in graded_cells(empty):
        if cell.cell_type == "code":
            cell.source = whole[grader["grade_id"]]
    return empty


def each():
    return pytest.mark.parametrize("source", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


@each()
def test_students_see_no_solution_and_no_hidden_test(course, source):
    text = released(course, source).read_text(encoding="utf-8")
    for word in ("BEGIN SOLUTION", "BEGIN HIDDEN", "END HIDDEN"):
        assert word not in text
    answers = [
        cell
        for cell in nbformat.read(released(course, source), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    assert len(answers) >= 7
    for cell in answers:
        stub = "YOUR ANSWER HERE" if cell.cell_type == "markdown" else "raise NotImplementedError()"
        assert stub in cell.source


@pytest.mark.kernel
@each()
def test_an_empty_notebook_earns_nothing_on_any_exercise(course, source, tmp_path):
    path = tmp_path / source.name
    nbformat.write(with_hidden_tests(course, source), path)
    scores = score_cells(run_exercises(path))
    assert scores and [score for score in scores if score.earned] == []


@pytest.mark.kernel
@pytest.mark.slow
def test_nbgrader_gives_the_solution_its_points_and_the_empty_notebook_none(course, monkeypatch):
    source = NOTEBOOKS[1]  # no training
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    for student, notebook in {"able": source, "idle": released(course, source)}.items():
        folder = course / "submitted" / student / source.stem
        folder.mkdir(parents=True)
        shutil.copyfile(notebook, folder / source.name)
    cells = graded_cells(nbformat.read(source, as_version=4))
    checked = sum(grader["points"] for cell, grader in cells if cell.cell_type == "code")
    assert grade_submissions(course, source.stem) == {"able": checked, "idle": 0}


def test_the_zip_holds_what_a_fresh_machine_needs(tmp_path):
    notebook, wheel = tmp_path / "01.ipynb", tmp_path / "cancer_latents-1-py3-none-any.whl"
    notebook.write_text("{}"), wheel.write_bytes(b"")
    archive = zipfile.ZipFile(zip_course(tmp_path / "out" / "c.zip", [notebook], wheel))
    names = ["01.ipynb", "README.md", wheel.name, "requirements.txt"]
    assert sorted(archive.namelist()) == [f"{NAME}/{name}" for name in names]
    readme = archive.read(f"{NAME}/README.md").decode()
    assert f"install --no-deps {wheel.name}" in readme and "{" not in readme


@pytest.mark.kernel
def test_the_course_is_built_with_its_wheel_and_gradebook(course, tmp_path):
    path = build_course(tmp_path)
    names = [name.removeprefix(f"{NAME}/") for name in zipfile.ZipFile(path).namelist()]
    assert {source.name for source in NOTEBOOKS} <= set(names)
    (wheel,) = [name for name in names if name.endswith(".whl")]
    inside = zipfile.ZipFile(tmp_path / "wheel" / wheel).namelist()
    assert not [name for name in inside if "exercises.ipynb" in name]
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "helpers").rglob("*.py")}
    assert modules <= set(inside)
    assert (tmp_path / "gradebook.db").exists() and (tmp_path / "nbgrader_config.py").exists()


def test_without_nbgrader_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(handout.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoGrader, match="pip install"):
        release_exercises(tmp_path)
