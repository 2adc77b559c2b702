"""Many runs of one notebook, described in a YAML file, made beside each other, in one table."""

import contextlib
import math
import shutil
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import files
from helpers.runs.number_format import readable_bytes, readable_duration
from helpers.sweeps.expansion import Planner, Sweep, SweepRun, load_sweep, plan_sweep
from helpers.sweeps.machine import Share, describe, shares
from helpers.sweeps.pool import DaskPool, InProcess, LocalPool, RemotePool
from helpers.sweeps.progress import BEAT, Progress, earlier_seconds, peak_memory
from helpers.sweeps.search import Given, Search
from helpers.sweeps.table import SweepTable, varied_parameters
from helpers.sweeps.worker import Outcome

if TYPE_CHECKING:
    import pandas as pd

LEAST_SPACE = 50e6  # bytes free on the disk of the results, below which nothing is started


class DiskFull(OSError):
    """The disk that holds the results has no room for another run."""


@dataclass(frozen=True)
class Where:
    """Where a sweep's runs are made.

    `workers`: how many on this machine (None: as many as it has room for; 0: one after the other in
    this process, without Dask). `scheduler`: address of a Dask scheduler instead, whose workers see
    the folder of the results. `dashboard`: open Dask's on this machine.
    """

    workers: int | None = None
    scheduler: str | None = None
    dashboard: bool = False


def run_sweep(
    path: str | Path,
    *,
    results: str | Path | None = None,
    quick: bool = False,
    where: Where = Where(),
    progress: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> "pd.DataFrame":
    """Make the runs of the sweep at `path` that are not there; the table has one row a run.

    The table is at `table_path`, up to date after each run. A run that fails does not
    stop the others. `progress` prints a line a run to stderr; `say` gets the line of the start.

    Raises:
        ValueError: the file or one of its runs is refused; nothing has been started then.
        OSError: the scheduler does not answer, or the disk is full (`DiskFull`).
    """
    sweep = load_sweep(path, quick=quick)
    return run_planned(
        sweep,
        plan_sweep(sweep, results=results, elsewhere=bool(where.scheduler)),
        results=files.results_folder(results),
        where=where,
        progress=progress,
        say=say,
    )


def run_planned(
    sweep: Sweep,
    runs: Sequence[SweepRun],
    *,
    results: Path,
    where: Where = Where(),
    progress: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> "pd.DataFrame":
    """The table of `sweep` after making those of its `runs` that are not there; see `run_sweep`."""
    table, source, runs = _prepare(sweep, runs, results, elsewhere=bool(where.scheduler))
    n_there = sum(row.plan.is_finished for row in table.runs.values())
    earlier = earlier_seconds(runs, results)
    n_runs = len(runs) if not sweep.file.search else max(len(runs), n_there)
    shown = Progress(n_runs, n_there, earlier, progress)
    pool = _pool(where, runs, n_runs - n_there, results)
    say(_start_line(sweep, n_runs, n_there, pool))
    if n_runs > n_there or sweep.file.search:
        try:
            with pool:
                _drive(pool, source, table, shown, varied_parameters(runs))
        except BaseException:
            with contextlib.suppress(OSError):
                table.write()
            raise
    return table.write()


def estimate(sweep: Sweep, runs: Sequence[SweepRun], where: Where, results: Path) -> str:
    """How many runs are to be made and how long that takes, from runs that were made before."""
    to_do = [run for run in runs if not run.plan.is_finished]
    counted = f"{len(runs)} runs, {len(runs) - len(to_do)} of them already there"
    if sweep.file.search:
        counted += f"; Optuna chooses others than these {len(runs)} as it learns"
    earlier = earlier_seconds(runs, results)
    if not to_do or not earlier:
        return (
            f"{counted}." if not to_do else f"{counted}; no earlier run tells how long one takes."
        )
    mean = statistics.mean(earlier)
    n_slots, on = 1, "one after the other"
    if not where.scheduler and where.workers != 0:
        given = _shares(where, to_do, len(to_do), results)
        n_slots, on = len(given), f"on {describe(given)}"
    seconds = mean * math.ceil(len(to_do) / n_slots)
    return (
        f"{counted}; about {readable_duration(seconds)} {on}, at {readable_duration(mean)} a run "
        f"(the mean of {len(earlier)} like it)."
    )


def _prepare(
    sweep: Sweep, runs: Sequence[SweepRun], results: Path, elsewhere: bool
) -> tuple[SweepTable, Given | Search, Sequence[SweepRun]]:
    """Table with what is there, where the next run comes from, and the runs it may be."""
    table = SweepTable(sweep, results)
    if not sweep.file.search:
        for run in runs:
            table.add(run)
        return table, Given([run for run in runs if not run.plan.is_finished]), runs
    source = Search(sweep, Planner(sweep, results, elsewhere), results)
    for run in source.earlier():
        table.add(run)
    return table, source, runs


def _pool(
    where: Where, runs: Sequence[SweepRun], n_runs: int, results: Path
) -> InProcess | DaskPool:
    if where.scheduler:
        return RemotePool(where.scheduler, results)
    if where.workers == 0 or n_runs == 0:
        return InProcess()
    return LocalPool(_shares(where, runs, n_runs, results), dashboard=where.dashboard)


def _shares(where: Where, runs: Sequence[SweepRun], n_runs: int, results: Path) -> list[Share]:
    devices = {str(run.plan.parameters.get("device", "auto")) for run in runs}
    memory = peak_memory(runs, results)
    return shares(n_runs, where.workers, devices=devices, memory_a_run=memory)


def _start_line(sweep: Sweep, n_runs: int, n_there: int, pool: InProcess | DaskPool) -> str:
    line = f"{n_runs} runs of {sweep.file.notebook}, {n_there} of them already there"
    return f"{line}; {describe(pool.shares)}" if isinstance(pool, LocalPool) else line


def _drive(
    pool: InProcess | DaskPool,
    source: Given | Search,
    table: SweepTable,
    progress: Progress,
    names: Sequence[str],
) -> None:
    """Keep `pool` busy with the runs of `source` until there are none."""
    table.write()
    ended: list[dict[str, Any]] = []
    while True:
        _fill(pool, source, table, progress)
        n_running = min(pool.n_pending, pool.n_slots)
        for row in ended:
            progress.ended(row, names, n_running, pool.n_slots)
        progress.beat(n_running, pool.n_slots)
        if not pool.n_pending:
            return
        ended = []
        for run, outcome in pool.collect(BEAT):
            ended.append(_received(run, outcome, table, progress))
            source.tell(run, ended[-1])


def _fill(
    pool: InProcess | DaskPool, source: Given | Search, table: SweepTable, progress: Progress
) -> None:
    """Give `pool` runs while it has room and there are any."""
    while pool.n_room > 0:
        run = source.take()
        if run is None:
            return
        _check_space(table, progress)
        pool.submit(run)


def _received(
    run: SweepRun, outcome: Outcome, table: SweepTable, progress: Progress
) -> dict[str, Any]:
    """Row of a run that ended, in the table on disk too."""
    if outcome.status == "full":
        raise _disk_full(table, progress, outcome.error)
    row = table.add(run, outcome)
    try:
        table.write(rows_only=True)
    except OSError as error:
        raise _disk_full(table, progress, str(error)) from error
    return row


def _check_space(table: SweepTable, progress: Progress) -> None:
    free = shutil.disk_usage(table.path.parent).free
    if free < LEAST_SPACE:
        raise _disk_full(table, progress, f"{readable_bytes(free)} are free")


def _disk_full(table: SweepTable, progress: Progress, reason: str) -> DiskFull:
    return DiskFull(
        f"the disk that holds {table.results} is full after {table.n_finished} of "
        f"{progress.n_runs} runs ({reason}). Make room; the same command resumes"
    )
