"""How long the book's runs will take, from runs that were made before.

Seconds on one core of this machine. What no earlier run tells, `minutes` in book/runs.toml does,
on the machine of whoever wrote it; once runs end, their pace corrects what is left.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.book.contents import Entry
from helpers.runs.plans import Plan, is_cohort

QUICK = 1 / 20  # of a full run's time, for a quick one that was never made


@dataclass(frozen=True)
class Forecast:
    """What one run is expected to take: `seconds`, and `memory` in bytes (None: unknown)."""

    seconds: float
    memory: float | None = None


def forecast(plan: Plan, entry: Entry, dataset: str, made: Iterable[Mapping[str, Any]]) -> Forecast:
    """What the run of `plan` is expected to take.

    As the latest of the finished runs `made` (contents of run.json, oldest first) of the same
    notebook on the same cohorts that was as quick; otherwise as `entry` says.
    """
    alike = [run for run in made if run.get("duration_s") and _kind(run) == _kind_of(plan)]
    if alike:
        memory = alike[-1].get("peak_memory_mb")
        return Forecast(alike[-1]["duration_s"], memory * 2**20 if memory else None)
    seconds = 60.0 * entry.minutes.get(dataset, 1.0)
    return Forecast(seconds * QUICK if plan.parameters.get("quick") else seconds)


def time_to_end(seconds: Sequence[float], n_slots: int) -> float:
    """Seconds until all of a list of runs have ended, each begun in order as a slot is free.

    `seconds` each still takes, those that are running first.
    """
    slots = [0.0] * max(1, n_slots)
    for duration in seconds:
        heapq.heapreplace(slots, slots[0] + duration)
    return max(slots)


def _kind(run: Mapping[str, Any]) -> tuple[Any, ...]:
    return run["notebook"], *_decisive(run["parameters"])


def _kind_of(plan: Plan) -> tuple[Any, ...]:
    return plan.notebook.stem, *_decisive(plan.parameters)


def _decisive(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The cohorts, and whether it was quick."""
    cohorts = {name: value for name, value in parameters.items() if is_cohort(name)}
    return tuple(sorted(cohorts.items())), bool(parameters.get("quick"))
