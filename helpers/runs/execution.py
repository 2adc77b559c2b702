"""One notebook run: a plan executed into its folder, whole or not at all.

A run is made in results/<notebook>/.running-… and renamed to results/<notebook>/<run id>/ when it
is complete, so a folder with a run's name is a finished run, whatever was interrupted, killed or
started twice. A run whose notebook raised is kept under failed/ with its traceback.
"""

import json
import os
import re
import shutil
import time
import traceback
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers import files
from helpers.files import write_json, write_text
from helpers.runs import provenance
from helpers.runs.folders import move_whole, new_work_folder, remove_stale
from helpers.runs.identity import notebook_code
from helpers.runs.plans import Plan, plan_run, read_status

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class RunFailed(RuntimeError):
    """A notebook did not get to its end; `folder` holds what there is, `traceback` the reason."""

    def __init__(self, message: str, folder: Path) -> None:
        """`message` is one line; `folder` the failed run's."""
        super().__init__(message)
        self.folder, self.traceback = folder, folder / "traceback.txt"


def run_notebook(
    name: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    results: str | Path | None = None,
    force: bool = False,
    progress: bool = True,
) -> Path:
    """Folder of the finished run of notebook `name` with `parameters`, executed if it is not there.

    `force` executes it again and replaces it. `progress` prints a line a cell to stderr where that
    is a terminal. `name`, `parameters` and `results` are `plan_run`'s.

    Raises:
        ValueError: the run is refused before a kernel starts, see `plan_run`.
        RunFailed: the notebook raised or its kernel died.
    """
    plan = plan_run(name, parameters, results=results)
    return execute_plan(plan, force=force, progress=progress)


def execute_plan(plan: Plan, *, force: bool = False, progress: bool = True) -> Path:
    """Folder of the finished run of `plan`; see `run_notebook`.

    Two processes may execute the same plan: the first to finish wins, the other's work is dropped.
    """
    remove_stale(plan.home)
    if plan.is_finished and not force:
        return plan.folder
    work = new_work_folder(plan.folder)
    try:
        _execute(plan, work, progress)
        move_whole(work, plan.folder, replace=force)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return plan.folder


def find_runs(results: str | Path | None = None, *, failed: bool = False) -> list[dict[str, Any]]:
    """Contents of the run.json of every finished run under `results`, oldest first.

    Each has `folder` (Path) added. With `failed`, the failed runs are among them.
    """
    root = files.results_folder(results)
    patterns = ["*/*/run.json"] + (["*/failed/*/run.json"] if failed else [])
    folders = [path.parent for pattern in patterns for path in root.glob(pattern)]
    runs = [
        files.read_json(folder / "run.json") | {"folder": folder}
        for folder in folders
        if not folder.name.startswith(".") and read_status(folder)
    ]
    return sorted(runs, key=lambda run: run.get("started", ""))


def _execute(plan: Plan, work: Path, progress: bool) -> None:
    """Fill `work` with the run of `plan`; where it fails, keep it under failed/ and raise."""
    from helpers.runs.kernel import Watch, execute

    device = str(plan.parameters.get("device", "auto"))
    n_cells = len(notebook_code(plan.notebook)) + 1  # papermill adds the cell of given parameters
    watch = Watch(n_cells, device, progress)
    about, began = _about(plan), time.monotonic()
    notebook, log = work / "notebook.ipynb", work / "kernel.log"
    given = plan.parameters | {"out_dir": str(work)}
    # If installed, not the caller's folder: a `helpers` there would be what the kernel imports.
    folder = work if files.is_installed() else files.project_root()
    try:
        execute(plan.notebook, notebook, given, folder, log, watch)
    except Exception as error:
        _complete(about, watch.facts, began)
        raise _keep_failed(plan, work, error, about, watch) from error
    log.unlink(missing_ok=True)
    _tidy(notebook, plan, work)
    _complete(about, watch.facts, began)
    write_json(work / "run.json", about)


def _about(plan: Plan) -> dict[str, Any]:
    """What run.json says and is known before the start."""
    root = files.project_root()
    return {
        "notebook": plan.notebook.stem,
        "run_id": plan.run_id,
        "status": "finished",
        "parameters": plan.parameters,
        "seed": plan.parameters.get("seed"),
        "cohort": plan.parameters.get("cohort"),
        "device": plan.parameters.get("device"),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        **provenance.git_state(root),
        "inputs": plan.inputs,
        "helpers_path": provenance.helpers_path(root),
        "started": provenance.now(),
    }


def _complete(about: dict[str, Any], facts: Mapping[str, Any], began: float) -> None:
    """Add to `about` what is known after the end; `facts` are the kernel's own."""
    about["device"] = facts.get("device", about["device"])
    about["hardware"]["gpu"] = facts.get("gpu")
    about["peak_memory_mb"] = facts.get("peak_memory_mb")
    about["duration_s"] = round(time.monotonic() - began, 2)


def _keep_failed(
    plan: Plan, work: Path, error: Exception, about: dict[str, Any], watch: Any
) -> RunFailed:
    """Move `work` to failed/ with its traceback and return the exception to raise."""
    reason = _reason(error)
    stamp = time.strftime("%Y%m%dT%H%M%S")
    folder = plan.home / "failed" / f"{plan.run_id}-{stamp}-{uuid.uuid4().hex[:4]}"
    lines = getattr(error, "traceback", None) or traceback.format_exception(error)
    where = f"cell {watch.cell} of {watch.n_cells}"
    text = f"{where}:\n\n{watch.source}\n\n" + "\n".join(ANSI.sub("", line) for line in lines)
    write_text(work / "traceback.txt", text.rstrip() + "\n")
    log = work / "kernel.log"
    if log.exists() and not log.stat().st_size:
        log.unlink()
    write_json(work / "run.json", about | {"status": "failed", "error": reason})
    folder.parent.mkdir(exist_ok=True)
    os.rename(work, folder)
    message = f"run {plan.run_id} of {plan.notebook.stem} failed in {where}: {reason}"
    return RunFailed(f"{message}. Traceback: {folder / 'traceback.txt'}", folder)


def _reason(error: Exception) -> str:
    """One line saying why a run failed."""
    from nbclient.exceptions import DeadKernelError

    if isinstance(error, DeadKernelError):
        return "the kernel died, most often because memory ran out"
    name = getattr(error, "ename", None) or type(error).__name__
    text = str(getattr(error, "evalue", None) or error).strip()
    return f"{name}: {text.splitlines()[0][:300]}" if text else name


def _tidy(path: Path, plan: Plan, work: Path) -> None:
    """Replace the working folder's path in the executed notebook by what it is renamed to."""
    final = f"results/{plan.notebook.stem}/{plan.run_id}"
    content = json.loads(path.read_text(encoding="utf-8").replace(str(work), final))
    content["metadata"]["papermill"] |= {
        "input_path": plan.notebook.name,
        "output_path": f"{final}/{path.name}",
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
