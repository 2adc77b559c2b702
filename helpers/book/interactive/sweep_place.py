"""The page of a sweep with its runs on axes that the reader chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pandas as pd

from helpers.book.interactive.parallel_axes import describe_runs
from helpers.book.interactive.placing import place_of, write_data
from helpers.runs.record import METRIC

BEFORE = "\n## Every run"  # the heading above which the drawing is offered


class SweepTable(Protocol):
    """What is taken of a `SweepResult`."""

    name: str
    about: dict
    finished: pd.DataFrame
    keys: list[str]
    varied: list[str]
    shown: list[str]
    metric: str | None


def with_closer_sweep(text: str, result: SweepTable, site: Path) -> str:
    """Markdown `text` of a sweep's page with a place for the drawing; its data go below `site`.

    Without two finished runs, or without a number that they report, the page stays as it is.
    """
    runs = result.finished.reset_index(drop=True)
    metrics = _metrics(result, runs)
    if len(runs) < 2 or not metrics:
        return text
    columns = [*result.keys, *result.varied, "seed"]
    varied = [name for name in dict.fromkeys(columns) if name in runs]
    is_least = result.about.get("direction") == "minimise"
    about = {"is_least": is_least, "drawn": result.about.get("drawn")}
    name = f"sweep-{result.name}"
    write_data(site, name, describe_runs(runs, varied, metrics, about))
    before, heading, after = text.partition(BEFORE)
    return f"{before.rstrip()}\n\n{place_of(name, 'axes')}\n{heading}{after}"


def _metrics(result: SweepTable, runs: pd.DataFrame) -> list[str]:
    """Columns with numbers that runs report: the one that ranks, those the page shows, the rest."""
    reported = [name for name in runs if METRIC.fullmatch(str(name))]
    names = dict.fromkeys([*filter(None, [result.metric]), *result.shown, *reported])
    return [name for name in names if pd.api.types.is_numeric_dtype(runs[name])]
