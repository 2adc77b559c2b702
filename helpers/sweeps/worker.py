"""What a worker of a sweep does: one run, whose end it reports, whatever it is.

This module is also the preload of the workers on this machine (`dask_setup`): Ctrl-C is the
business of the process that started them.
"""

import errno
import io
import shutil
import signal
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.runs.execution import RunFailed, execute_plan
from helpers.runs.folders import move_whole, new_work_folder
from helpers.runs.plans import Plan, plan_run

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
NO_SPACE_TEXT = tuple(f"[Errno {number}]" for number in NO_SPACE)
_STOPPED: set[str] = set()  # runs whose kernels this process was asked to kill


@dataclass(frozen=True)
class Outcome:
    """How a run ended: "finished", "failed" (`error` says why), "stopped" or "full" (the disk is).

    `folder` is the run's, a failed one's under failed/; None where there is none. `archive` is that
    folder as a tar file, from a worker that does not share this machine's folders.
    """

    status: str
    error: str = ""
    folder: Path | None = None
    archive: bytes | None = None


def make_run(plan: Plan) -> Outcome:
    """Execute `plan` into its folder, unless it is there."""
    _STOPPED.discard(plan.run_id)
    try:
        return Outcome("finished", folder=execute_plan(plan, progress=False))
    except RunFailed as failure:
        if plan.run_id in _STOPPED:  # it did not fail, it was stopped
            shutil.rmtree(failure.folder, ignore_errors=True)
            return Outcome("stopped")
        reason = str(failure.__cause__ or failure)
        is_full = any(text in reason for text in NO_SPACE_TEXT)
        return Outcome("full" if is_full else "failed", str(failure), failure.folder)
    except Exception as error:
        is_full = isinstance(error, OSError) and error.errno in NO_SPACE
        return Outcome("full" if is_full else "failed", f"{type(error).__name__}: {error}")


def make_run_elsewhere(
    notebook: str, parameters: Mapping[str, Any], run_id: str, results: str | None
) -> Outcome:
    """Execute a run on a machine with a project of its own, which must be the same one.

    `results` is the shared folder; None where none is shared, and the run comes back as an archive.
    """
    with tempfile.TemporaryDirectory(prefix="run-") as own:
        try:
            plan = plan_run(notebook, parameters, results=results or own)
        except (ValueError, OSError) as error:
            return Outcome("failed", f"the worker refuses the run: {error}")
        if plan.run_id != run_id:
            return Outcome(
                "failed",
                f"the worker has other code or other data: the run would be {plan.run_id} there "
                f"and is {run_id} here. Install the same commit on it and fetch the same data",
            )
        outcome = make_run(plan)
        if results or outcome.folder is None:
            return outcome
        return Outcome(outcome.status, outcome.error, archive=_pack(outcome.folder))


def unpack(outcome: Outcome, plan: Plan) -> Outcome:
    """`outcome` with its archived run in its place here."""
    if outcome.archive is None:
        return outcome
    work = new_work_folder(plan.folder)
    try:
        with tarfile.open(fileobj=io.BytesIO(outcome.archive)) as tar:
            tar.extractall(work, filter="data")
        (name,) = [path.name for path in work.iterdir()]
        target = plan.folder if outcome.status == "finished" else plan.home / "failed" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        move_whole(work / name, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Outcome(outcome.status, outcome.error, target)


def stop_kernels(run_ids: list[str]) -> int:
    """Kill the kernels of this process that execute the runs `run_ids`; how many there were.

    A kernel is known by its log, which lies in the run's working folder.
    """
    import psutil

    _STOPPED.update(run_ids)
    stopped = 0
    for process in psutil.Process().children(recursive=True):
        try:
            logs = [file.path for file in process.open_files() if file.path.endswith("kernel.log")]
            if any(run_id in log for run_id in run_ids for log in logs):
                process.kill()
                stopped += 1
        except psutil.Error:
            continue
    return stopped


def dask_setup(worker: Any) -> None:
    """Ready a worker of this machine: papermill imported, and deaf to a terminal's Ctrl-C."""
    # Half of papermill's import, and only there to check addresses in notebooks.
    sys.modules.setdefault("rfc3987_syntax", None)
    import helpers.runs.kernel  # noqa: F401

    signal.signal(signal.SIGINT, lambda *_: None)


def _pack(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        tar.add(folder, folder.name)
    return buffer.getvalue()
