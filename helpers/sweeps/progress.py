"""What a sweep says while it runs: a line a run, good to read on a terminal and in a log file.

14:31:07   3/20 done, 1 failed, 2 running, about 1 min 12 s left | n_latent=8, seed=1: 4.2 s
"""

import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.runs.execution import find_runs
from helpers.runs.number_format import readable_duration, readable_value
from helpers.runs.parameters import nearest
from helpers.sweeps.expansion import SweepRun
from helpers.sweeps.table import varied_parameters

BEAT = 60.0  # seconds after which a line is written though nothing ended


class Progress:
    """Counts of a sweep's runs and the lines about them on stderr."""

    def __init__(self, n_runs: int, n_there: int, earlier: Sequence[float], shows: bool) -> None:
        """`n_there` of `n_runs` were there before; `earlier`: seconds of like runs, if any."""
        self.n_runs, self.n_done, self.n_failed = n_runs, n_there, 0
        self._seconds, self._earlier, self._shows = [], list(earlier), shows
        self._last = time.monotonic()

    def ended(self, row: Mapping[str, Any], names: Sequence[str], n_running: int, n_slots: int):
        """A run ended; `names` are the parameters that tell it from the others."""
        seconds = row.get("seconds")
        if row["status"] == "finished":
            self.n_done += 1
            self._seconds += [seconds] if seconds else []
            outcome = readable_duration(seconds or 0)
        else:
            self.n_failed += 1
            outcome = f"FAILED, {row.get('error') or 'for no known reason'}"
        what = row.get("label") or ", ".join(
            f"{name}={readable_value(row[name])}" for name in names
        )
        self._say(f"{self._counts(n_running, n_slots)} | {what or row['run_id']}: {outcome}")

    def beat(self, n_running: int, n_slots: int) -> None:
        """Nothing ended for a while."""
        if time.monotonic() - self._last >= BEAT:
            self._say(self._counts(n_running, n_slots))

    def time_left(self, n_slots: int) -> float | None:
        """Seconds to the end, from what the runs took so far or, before that, from earlier ones."""
        seconds = self._seconds or self._earlier
        left = self.n_runs - self.n_done - self.n_failed
        return statistics.mean(seconds) * left / max(n_slots, 1) if seconds else None

    def _counts(self, n_running: int, n_slots: int) -> str:
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        left = self.time_left(n_slots)
        time_left = f", about {readable_duration(left)} left" if left else ""
        width = len(str(self.n_runs))
        done = f"{self.n_done:>{width}}/{self.n_runs} done"
        running = f"{n_running} running" if n_slots else "waiting for a first worker"
        return f"{done}{failed}, {running}{time_left}"

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        if self._shows:
            print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def earlier_seconds(runs: Sequence[SweepRun], results: Path) -> list[float]:
    """Seconds of finished runs of the same notebook that are most like these; [] if there are none.

    Alike: the fewest other parameters, seeds aside; those that a sweep varies hardly count.
    """
    if not runs:
        return []
    asked = runs[0].plan.parameters
    varied = {*varied_parameters(runs), "seed"}
    by_distance: dict[int, list[float]] = {}
    for run in find_runs(results):
        if run["notebook"] == runs[0].plan.notebook.stem and run.get("duration_s"):
            then = run["parameters"]
            different = sum(
                then.get(name) != value for name, value in asked.items() if name not in varied
            )
            by_distance.setdefault(different, []).append(run["duration_s"])
    return by_distance[min(by_distance)] if by_distance else []


def peak_memory(runs: Sequence[SweepRun], results: Path) -> float | None:
    """Largest memory in bytes of a finished run of the same notebook; None if none is known."""
    if not runs:
        return None
    name = runs[0].plan.notebook.stem
    peaks = [run.get("peak_memory_mb") for run in find_runs(results) if run["notebook"] == name]
    return max((peak * 2**20 for peak in peaks if peak), default=None)


def run_table(runs: Sequence[SweepRun]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of `--dry-run`: run id, whether it is there, and what tells runs apart."""
    names = varied_parameters(runs)
    has_label = any(run.label for run in runs)
    header = ["run", "status", *(["label"] if has_label else []), *names]
    rows = [
        [
            run.run_id,
            "there" if run.plan.is_finished else "to do",
            *([run.label] if has_label else []),
            *(readable_value(run.plan.parameters[name]) for name in names),
        ]
        for run in runs
    ]
    return header, rows


def metric_missing(name: str, row: Mapping[str, Any]) -> str:
    """Why a search cannot go on: the finished run of `row` has no metric `name`."""
    metrics = [key for key in row if "." in key]
    return f"the runs report no metric `{name}`{nearest(name, metrics)}. All: {', '.join(metrics)}"
