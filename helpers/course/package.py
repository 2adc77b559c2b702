"""The zip that students get: notebooks, the project as a wheel, exact versions, what to type."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from helpers import files
from helpers.course.handout import release_exercises

NAME = "cancer-latents-course"
README = """\
# Exercises: latent representations of cancer transcriptomes

Four notebooks, one a chapter of the book. The data are simulated: nothing is downloaded but the
packages. A laptop with 8 GB of memory and no GPU will do.

## Once

With Python 3.11 or later, in this folder (2 to 3 GB on disk; some minutes):

    python3 -m venv .venv
    .venv/bin/python -m pip install --requirement requirements.txt
    .venv/bin/python -m pip install --no-deps {wheel}

On Windows write `.venv\\Scripts\\python` for `.venv/bin/python`, and `py` for `python3`.

## Every time

    .venv/bin/python -m jupyterlab

Open a notebook, replace every `raise NotImplementedError()` and every YOUR ANSWER HERE, and run the
cells with `assert`: they check a part of each answer. Before you hand in: *Kernel → Restart Kernel
and Run All Cells*. Keep the file's name, and hand in the notebook.

If the first cell fails with `No module named 'helpers'`, JupyterLab was started from another
Python: start it as above.

In Google Colab: upload {wheel} and a notebook, and run
`%pip install /content/{wheel}` in a cell of its own first.
"""


def build_course(out: Path) -> Path:
    """Path of the zip for students, made in `out`, beside the nbgrader course for the lecturer.

    Raises:
        NoGrader, NotReleased: see `release_exercises`. RuntimeError: the wheel was not built.
    """
    shutil.rmtree(out / "release", ignore_errors=True)
    notebooks = release_exercises(out)
    wheel = _build_wheel(out / "wheel")
    return zip_course(out / f"{NAME}.zip", notebooks, wheel)


def zip_course(path: Path, notebooks: Sequence[Path], wheel: Path) -> Path:
    """Write the zip of the students' `notebooks` and the project's `wheel` to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{NAME}/README.md", README.format(wheel=wheel.name))
        archive.write(files.project_root() / "requirements.lock", f"{NAME}/requirements.txt")
        for file in (wheel, *notebooks):
            archive.write(file, f"{NAME}/{file.name}")
    return path


def _build_wheel(folder: Path) -> Path:
    """The project's wheel, built offline from a copy, so that no earlier build is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    copy, root = folder / "source", files.project_root()
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("helpers", "notebooks", "book/published"):
        shutil.copytree(root / name, copy / name, ignore=ignore)
    (copy / "data").mkdir()
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "data/sources.toml"):
        shutil.copyfile(root / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(folder), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise RuntimeError(f"the wheel was not built: {done.stderr.strip().splitlines()[-1:]}")
    shutil.rmtree(copy)
    return wheels[0]
