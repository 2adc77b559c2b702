"""The students' notebooks, made from the source ones by nbgrader.

nbgrader and not Otter-Grader: its current version installs beside JupyterLab 4 and everything in
requirements.lock, while the lock holds Otter at an older major version; a source notebook is plain
Python that papermill runs as it is; and a student's notebook needs nothing but Jupyter.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from helpers.course.exercises import exercise_notebooks
from helpers.files import write_text

SETTINGS = """\
# nbgrader's settings: `nbgrader autograde ASSIGNMENT` and the rest are called in this folder.
c = get_config()
c.CourseDirectory.course_id = "cancer-latents"
c.Execute.timeout = 600  # seconds a cell of a submission may take
"""


class NoGrader(ValueError):
    """nbgrader is not installed."""


class NotReleased(RuntimeError):
    """nbgrader refused a source notebook; the message is its log."""


def release_exercises(folder: Path) -> list[Path]:
    """The students' notebooks, without solutions, hidden tests and outputs; one an assignment.

    `folder` becomes an nbgrader course: source/, release/, the gradebook, its settings. Submissions
    go to submitted/<student>/<assignment>/. An assignment is named as its notebook.

    Raises:
        NoGrader: nbgrader is not installed. NotReleased: it refused a notebook.
    """
    if importlib.util.find_spec("nbgrader") is None:
        raise NoGrader(
            "students' notebooks are made by nbgrader, which is not installed here: "
            '.venv/bin/python -m pip install "nbgrader>=0.9.5" --constraint requirements.lock'
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "nbgrader_config.py", SETTINGS)
    api = _api(folder)
    return [_release(api, notebook, folder) for notebook in exercise_notebooks()]


def grade_submissions(folder: Path, assignment: str) -> dict[str, float]:
    """Points of every student who submitted `assignment`, by nbgrader, hidden tests and all.

    `folder`: a course made by `release_exercises`. Written answers count once they are graded.

    Raises:
        NotReleased: nbgrader could not grade one; the message is its log.
    """
    api = _api(folder)
    scores = {}
    for student in sorted(path.name for path in (folder / "submitted").iterdir()):
        if (folder / "submitted" / student / assignment).is_dir():
            _check(api.autograde(assignment, student))
            with api.gradebook as gradebook:
                scores[student] = gradebook.find_submission(assignment, student).score
    return scores


def _api(folder: Path):
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    settings = Config()
    settings.CourseDirectory.root = str(folder.resolve())
    settings.CourseDirectory.course_id = "cancer-latents"
    settings.Execute.timeout = 600
    # nbgrader calls alembic by its name, which is on no path unless the environment is activated.
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
    return NbGraderAPI(config=settings)


def _release(api, notebook: Path, folder: Path) -> Path:
    source = folder / "source" / notebook.stem / notebook.name
    source.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, source)
    _check(api.generate_assignment(notebook.stem))
    return folder / "release" / notebook.stem / notebook.name


def _check(result: dict) -> None:
    if not result["success"]:
        raise NotReleased(result.get("log") or result.get("error") or "nbgrader gave no reason")
