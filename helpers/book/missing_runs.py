"""The runs that the book lacks, made beside each other: the costliest first, the cheapest last.

They go to the pool of the sweeps, as many at once as this machine has cores and memory for, each
with its share of threads. One that fails lets the others finish.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.book.contents import Entry
from helpers.book.forecast import Forecast, forecast, time_to_end
from helpers.runs.execution import find_runs
from helpers.runs.inputs import build_inputs, fetch_inputs
from helpers.runs.number_format import counted
from helpers.runs.plans import Plan, plan_run
from helpers.sweeps.expansion import SweepRun
from helpers.sweeps.machine import MEMORY_A_RUN, Share, describe, shares
from helpers.sweeps.pool import LocalPool
from helpers.sweeps.progress import BEAT, Progress

RUNS_A_GPU = 4  # at once: most of a chapter is the processor's work


class RunsFailed(RuntimeError):
    """Runs of the book did not get to their end; the message names each and its traceback."""


@dataclass(frozen=True)
class MissingRun:
    """A run to be made and what it is expected to take."""

    run: SweepRun
    forecast: Forecast

    @property
    def seconds(self) -> float:
        """Expected duration on one core."""
        return self.forecast.seconds


class BookProgress(Progress):
    """Progress whose time left is that of the very runs that are left, each with its own."""

    def __init__(self, missing: Sequence[MissingRun], n_runs: int) -> None:
        """`missing` of the `n_runs` of the book, in the order in which they are begun."""
        super().__init__(n_runs, n_runs - len(missing), [], shows=True)
        self._left = {one.run.run_id: one.seconds for one in missing}
        self._began: dict[str, float] = {}
        self._expected, self._took = 0.0, 0.0  # of the runs that ended

    def began(self, run: SweepRun) -> None:
        """`run` was given to a worker."""
        self._began[run.run_id] = time.monotonic()

    def has_ended(self, run: SweepRun) -> float:
        """Seconds that `run` took, which is no longer left."""
        took = time.monotonic() - self._began.pop(run.run_id)
        self._expected += self._left.pop(run.run_id)
        self._took += took
        return took

    def time_left(self, n_slots: int) -> float | None:
        """Seconds to the end, at the pace of the runs that ended."""
        pace = self._took / self._expected if self._expected else 1.0
        now = time.monotonic()
        running = [
            max(0.0, pace * self._left[name] - (now - began)) for name, began in self._began.items()
        ]
        waiting = [
            pace * seconds for name, seconds in self._left.items() if name not in self._began
        ]
        return time_to_end([*running, *waiting], n_slots)


def plan_entries(
    entries: Sequence[Entry], dataset: str, quick: bool, results: Path, root: Path
) -> list[Plan]:
    """Plans of every entry, in order, after what unfinished ones read has been fetched.

    Raises:
        ValueError: a run is refused, see `plan_run`.
        DataUnavailable, CorruptDownload: the files of a cohort cannot be had.
    """

    def planned() -> list[Plan]:
        return [
            plan_run(
                root / "notebooks" / f"{entry.notebook}.ipynb",
                entry.parameters(dataset, quick),
                results=results,
            )
            for entry in entries
        ]

    plans = planned()
    if fetch_inputs(plans, lambda line: print(line, flush=True)):
        plans = planned()
    build_inputs(plans)
    return plans


def unfinished_entries(
    entries: Sequence[Entry], quick: bool, results: Path, root: Path
) -> list[Entry]:
    """Those of `entries` whose run on real data is not there: only these need any data."""

    def is_finished(entry: Entry) -> bool:
        notebook = root / "notebooks" / f"{entry.notebook}.ipynb"
        try:
            return plan_run(notebook, entry.parameters("real", quick), results=results).is_finished
        except ValueError:  # a run that could not even be started
            return False

    return [entry for entry in entries if not is_finished(entry)]


def missing_runs(
    entries: Sequence[Entry], plans: Sequence[Plan], dataset: str, quick: bool, results: Path
) -> list[MissingRun]:
    """Those of `plans` (one an entry) that are not there, costliest first."""
    missing: dict[str, MissingRun] = {}
    made = None
    for entry, plan in zip(entries, plans, strict=True):
        if plan.is_finished or plan.run_id in missing:
            continue
        made = find_runs(results) if made is None else made
        label = f"{entry.notebook} {_values(entry, dataset, quick)}"
        expected = forecast(plan, entry, dataset, made)
        missing[plan.run_id] = MissingRun(SweepRun(plan, label), expected)
    return sorted(missing.values(), key=lambda one: -one.seconds)


def make_missing(missing: Sequence[MissingRun], n_runs: int) -> None:
    """Make the `missing` of the book's `n_runs` runs, in their order, and say how it goes.

    Raises:
        RunsFailed: some failed; all others are there.
    """
    if not missing:
        print(f"{counted(n_runs, 'run')}, all there.", flush=True)
        return
    given = room_for(missing)
    there = f"{n_runs - len(missing)} of them already there"
    print(f"{counted(n_runs, 'run')}, {there}; {describe(given)}", flush=True)
    progress = BookProgress(missing, n_runs)
    with LocalPool(given) as pool:
        failed = _drive(pool, deque(one.run for one in missing), progress)
    if failed:
        raise RunsFailed(
            f"{len(failed)} of the book's {counted(n_runs, 'run')} failed, the others are there "
            f"and will not be made again: {'; '.join(failed)}"
        )


def room_for(missing: Sequence[MissingRun]) -> list[Share]:
    """A share of this machine for each worker: as many as have room beside each other."""
    memory = max(one.forecast.memory or MEMORY_A_RUN for one in missing)
    devices = {str(one.run.plan.parameters.get("device", "auto")) for one in missing}
    return shares(len(missing), devices=devices, memory_a_run=memory, runs_a_gpu=RUNS_A_GPU)


def _drive(pool: LocalPool, waiting: deque[SweepRun], progress: BookProgress) -> list[str]:
    """Keep `pool` busy until every run has ended; a line for each that failed."""
    failed = []
    while waiting or pool.n_pending:
        while waiting and pool.n_room > 0:
            progress.began(waiting[0])
            pool.submit(waiting.popleft())
        for run, outcome in pool.collect(BEAT):
            row = {"label": run.label, "seconds": progress.has_ended(run)}
            row |= {"status": outcome.status, "error": outcome.error}
            n_running = min(pool.n_pending + len(waiting), pool.n_slots)
            progress.ended(row, [], n_running, pool.n_slots)
            if outcome.status != "finished":
                failed.append(f"{run.label}: {outcome.error}")
        progress.beat(pool.n_pending, pool.n_slots)
    return failed


def _values(entry: Entry, dataset: str, quick: bool) -> str:
    parameters = entry.parameters(dataset, quick)
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
