"""The staged folder → HTML, with Jupyter Book and every warning an error."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.book.staging import folder_digest
from helpers.book.web.html_mending import mend_pages
from helpers.book.web.pictures import shrink_pictures
from helpers.files import read_json, write_json

RENDERERS = ("jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme", "pydata-sphinx-theme")
CODE = Path(__file__).parents[2]  # the folder of `helpers`, which has an extension of Sphinx
STAMP = "rendered.json"  # what the last output that passed its gates was made from
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROBLEM = re.compile(r"WARNING|ERROR|Traceback|[Ee]xception|Error:")


class RenderFailed(RuntimeError):
    """Jupyter Book ended with an error or a warning."""


def render(site: Path, out: Path) -> Path:
    """Render `site` into `out/_build/html`; returns that folder. The log is `out/render.log`.

    Raises: RenderFailed with the lines of the log that say why.
    """
    shutil.rmtree(out / "_build", ignore_errors=True)  # else pages that left the book would stay
    command = [
        *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
        *("build", str(site), "--path-output", str(out)),
        *("--all", "-n", "-W", "--keep-going"),
    ]
    path = os.pathsep.join([str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    log = COLOUR.sub("", done.stdout + done.stderr)
    (out / "render.log").write_text(log, encoding="utf8")
    html = out / "_build" / "html"
    if done.returncode or not html.is_dir():
        lines = [line for line in log.splitlines() if PROBLEM.search(line)] or log.splitlines()
        raise RenderFailed(
            "Jupyter Book did not render the book without warnings; the whole log is "
            f"{out / 'render.log'}:\n" + "\n".join(lines[-30:])
        )
    mend_pages(html, shrink_pictures(html))
    return html


def is_current(site: Path, out: Path) -> bool:
    """Whether `out` holds what `site` renders to, untouched since it passed its gates."""
    stamp = out / STAMP
    if not stamp.exists():
        return False
    return read_json(stamp) == _stamp(site, out)


def mark_current(site: Path, out: Path) -> None:
    """Record that the HTML in `out` was made from `site` and passed its gates."""
    write_json(out / STAMP, _stamp(site, out))


def _stamp(site: Path, out: Path) -> dict:
    return {
        "site": folder_digest(site),
        "html": folder_digest(out / "_build" / "html"),
        "renderers": {name: importlib.metadata.version(name) for name in RENDERERS},
    }
