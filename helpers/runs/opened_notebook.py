"""A notebook opened by hand says at its start what the commands would have refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from helpers.runs.chapter_needs import check_device
from helpers.runs.folders import WORKING
from helpers.runs.parameters import check_parameters, notebook_parameters
from helpers.runs.plans import check_inputs, find_notebook


def check_opened(
    notebook: str,
    values: Mapping[str, Any],
    check_needs: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> None:
    """Return if the notebook `notebook` can be run with its parameters as they are in `values`.

    `values`: the notebook's `globals()`. `check_needs`: its chapter's. A headless run was checked
    before it started, and nothing is asked again.

    Raises:
        ValueError: as `plan_run`.
    """
    if Path(str(values.get("out_dir", ""))).name.startswith(WORKING):
        return
    path = find_notebook(notebook)
    known = notebook_parameters(path)
    given = {parameter.name: values[parameter.name] for parameter in known}
    checked = check_parameters(given, known, path.stem)
    check_device(checked.get("device", "auto"))
    check_inputs(path, checked)
    check_needs(checked)
