"""Tables of sweeps read for the book: those that were published, and those made here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.files import read_json
from helpers.runs.record import METRIC

MOST_SHOWN = 4  # metrics of a sweep that names none
NO_CHAPTER = 100  # behind every chapter


@dataclass(frozen=True)
class SweepResult:
    """A sweep's table, a row a run, and what its JSON file says about it."""

    path: Path
    about: dict[str, Any]
    table: pd.DataFrame

    @property
    def name(self) -> str:
        """The sweep's name, its file's."""
        return self.path.stem

    @property
    def varied(self) -> list[str]:
        """Parameters that differ between runs, the seed aside."""
        return [name for name in self.about["varied"] if name in self.table]

    @property
    def has_labels(self) -> bool:
        """Whether every run has a label: entries of a `list`."""
        return "label" in self.table and bool(self.table["label"].notna().all())

    @property
    def keys(self) -> list[str]:
        """Columns that tell one configuration from another."""
        return ["label"] if self.has_labels else self.varied

    @cached_property
    def shown(self) -> list[str]:
        """Metrics that the page shows: those the file names, or the first that runs report."""
        named = [name for name in self.about["show"] if name in self.table]
        reported = [
            name
            for name in self.table
            if METRIC.fullmatch(name) and pd.api.types.is_numeric_dtype(self.table[name])
        ]
        return named or reported[:MOST_SHOWN]

    @property
    def metric(self) -> str | None:
        """The metric that configurations are ranked by, where runs report it."""
        metric = self.about.get("metric")
        return metric if metric in self.table else None

    @property
    def way(self) -> str:
        """Which way `metric` is better, in words."""
        return f"{'lower' if self.about['direction'] == 'minimise' else 'higher'} is better"

    @cached_property
    def finished(self) -> pd.DataFrame:
        """Rows of the runs that got to their end."""
        table = self.table
        return table[table["status"] == "finished"] if "status" in table else table

    @cached_property
    def failed(self) -> pd.DataFrame:
        """Rows of the runs that failed."""
        table = self.table
        return table[table["status"] == "failed"] if "status" in table else table.iloc[:0]

    @cached_property
    def configurations(self) -> pd.DataFrame:
        """A row a configuration: its keys, `n` runs, and mean and SD of the shown metrics.

        In the file's order where it has labels, otherwise from best to worst. Columns of the
        metrics are (metric, "mean") and (metric, "sd"), those of the others (name, "").
        """
        rows = []
        keys = self.keys or ["run_id"]
        for values, runs in self.finished.groupby(keys, sort=False, dropna=False):
            row = {(key, ""): value for key, value in zip(keys, values, strict=True)}
            row[("n", "")] = len(runs)
            for metric in dict.fromkeys([*filter(None, [self.metric]), *self.shown]):
                row[(metric, "mean")] = runs[metric].mean()
                row[(metric, "sd")] = runs[metric].std(ddof=1) if len(runs) > 1 else 0.0
            rows.append(row)
        table = pd.DataFrame(rows)
        table.columns = pd.MultiIndex.from_tuples(table.columns) if rows else table.columns
        if self.has_labels or self.metric is None or not rows:
            return table
        ascending = self.about["direction"] == "minimise"
        return table.sort_values((self.metric, "mean"), ascending=ascending, kind="stable")


def read_results(folder: Path) -> dict[str, SweepResult]:
    """Every sweep in `folder`, a CSV and a JSON file each, by name; a CSV alone is none."""
    results = {}
    for path in sorted(Path(folder).glob("*.csv")):
        about = path.with_suffix(".json")
        if about.exists():
            results[path.stem] = SweepResult(path, read_json(about), pd.read_csv(path))
    return results


def by_chapter(results: Mapping[str, SweepResult], notebooks: Iterable[str]) -> dict[str, str]:
    """Sweep → the number of its chapter ("" for none), chapter by chapter.

    Sweeps of a chapter that bear its paper's name come before those of its rivals. `notebooks`:
    names of notebooks; those of chapters begin with their numbers (04_rnalign).
    """
    parts = [name.partition("_") for name in notebooks]
    papers = {paper: int(number) for number, _, paper in parts if number.isdigit()}
    places = {}
    for name, result in results.items():
        told = str(result.about["notebook"])
        paper = next((paper for paper in papers if paper in told), "")
        places[name] = (papers.get(paper, NO_CHAPTER), not name.startswith(paper), name)
    ordered = sorted(places.items(), key=lambda pair: pair[1])
    return {name: "" if place[0] == NO_CHAPTER else str(place[0]) for name, place in ordered}
