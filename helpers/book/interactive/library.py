"""Bokeh's scripts, out of its Python package: nothing of it is in the repository or on a CDN.

BSD-3-Clause; the licence stands at the head of the script.
"""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path

PACKAGE = "bokeh"
SCRIPTS = ("bokeh.min.js", "bokeh-api.min.js")


def stage_library(folder: Path) -> None:
    """Copy the scripts that drawings are made with into `folder`.

    Raises: FileNotFoundError when the package does not hold one of them.
    """
    files = importlib.metadata.files(PACKAGE) or []
    by_name = {file.name: file for file in files if file.parent.name == "js"}
    missing = [name for name in SCRIPTS if name not in by_name]
    if missing:
        raise FileNotFoundError(
            f"the package {PACKAGE} must hold {', '.join(missing)}, which the book's figures are "
            "drawn with. Install the version of requirements.lock: "
            "pip install -r requirements.lock"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCRIPTS:
        shutil.copy(by_name[name].locate(), folder)
