"""What a worker of a sweep does: one run, whose end it reports, whatever it is.

This module is also the preload of the workers on this machine (`dask_setup`): Ctrl-C is the
business of the process that started them.
"""

import errno
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.runs.execution import RunFailed, execute_plan
from helpers.runs.light_imports import skip_address_grammar
from helpers.runs.plans import Plan, plan_run

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
NO_SPACE_TEXT = tuple(f"[Errno {number}]" for number in NO_SPACE)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: "finished", "failed" (`error` says why) or "full" (the disk is).

    `folder` is the run's, a failed one's under failed/; None where there is none.
    """

    status: str
    error: str = ""
    folder: Path | None = None


def make_run(plan: Plan) -> Outcome:
    """Execute `plan` into its folder, unless it is there."""
    try:
        return Outcome("finished", folder=execute_plan(plan, progress=False))
    except RunFailed as failure:
        reason = str(failure.__cause__ or failure)
        is_full = any(text in reason for text in NO_SPACE_TEXT)
        return Outcome("full" if is_full else "failed", str(failure), failure.folder)
    except Exception as error:
        is_full = isinstance(error, OSError) and error.errno in NO_SPACE
        return Outcome("full" if is_full else "failed", f"{type(error).__name__}: {error}")


def make_run_elsewhere(
    notebook: str, parameters: Mapping[str, Any], run_id: str, results: str
) -> Outcome:
    """Execute a run on a machine with a project of its own, which must be the same one.

    `results` is a folder that this machine shares with the one that asks for the run.
    """
    try:
        plan = plan_run(notebook, parameters, results=results)
    except (ValueError, OSError) as error:
        return Outcome("failed", f"the worker refuses the run: {error}")
    if plan.run_id != run_id:
        return Outcome(
            "failed",
            f"the worker has other code or other data: the run would be {plan.run_id} there "
            f"and is {run_id} here. Install the same commit on it and fetch the same data",
        )
    return make_run(plan)


def dask_setup(worker: Any) -> None:
    """Ready a worker of this machine: papermill imported, and deaf to a terminal's Ctrl-C."""
    skip_address_grammar()
    import helpers.runs.kernel  # noqa: F401

    signal.signal(signal.SIGINT, lambda *_: None)
