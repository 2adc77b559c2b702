"""A reader's runs beside the published ones: which of their numbers lie outside the spread.

`book/published/chapters/<notebook>.<cohort>.json` holds the metrics of a chapter's published run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.files import read_json, write_json
from helpers.runs.execution import find_runs
from helpers.runs.number_format import counted, readable_number, readable_value, table
from helpers.runs.plans import is_cohort

FOLDER = "chapters"  # below book/published
WIDTH = 2.0  # SDs within which two means are called alike
ROUNDING = 1e-9  # of a value; a smaller spread is none
MOST_RUNS, MOST_ROWS = 12, 40
SAMPLES = ("cancer_type", "line_panel")  # other parameters that choose samples
ONLY_CHANCE = {"seed", "device"}  # the parameters that change nothing but chance and rounding
KEPT = ("notebook", "cohort", "parameters", "seed", "started", "git_commit", "git_dirty", "device")


@dataclass(frozen=True)
class Difference:
    """One metric of both runs; `sd` joins the spreads of the two over their seeds."""

    metric: str
    here: float
    published: float
    sd: float | None

    @property
    def is_outside(self) -> bool:
        """Whether the two means differ by more than `WIDTH` times their spread."""
        return self.sd is not None and abs(self.here - self.published) > WIDTH * self.sd + 1e-12


def record_of(run: Mapping[str, Any], metrics: Mapping[str, float]) -> dict[str, Any]:
    """What is published of a run: its metrics and what they rest on."""
    return {name: run.get(name) for name in KEPT} | {"metrics": dict(metrics)}


def publish_run(folder: Path, published: Path) -> Path:
    """Write the record of the run in `folder` below `published`; its path."""
    record = record_of(read_json(folder / "run.json"), read_json(folder / "metrics.json"))
    target = published / FOLDER / f"{record['notebook']}.{_plain(str(record['cohort']))}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_json(target, record)
    return target


def published_runs(published: Path) -> list[dict[str, Any]]:
    """Every published record, by file name."""
    return [read_json(path) for path in sorted((published / FOLDER).glob("*.json"))]


def published_like(run: Mapping[str, Any], records: Sequence[dict[str, Any]]) -> dict | None:
    """The record of the same notebook on the same cohort, or on another; None without one."""
    alike = [record for record in records if record["notebook"] == run["notebook"]]
    alike.sort(key=lambda record: record["cohort"] != run.get("cohort"))
    return alike[0] if alike else None


def differences(metrics: Mapping[str, float], published: Mapping[str, float]) -> list[Difference]:
    """Every metric that both have, those outside the spread first and the furthest first."""
    found = []
    for key, value in metrics.items():
        if key.endswith("_sd") or key not in published:
            continue
        spreads = [one.get(f"{key}_sd") for one in (metrics, published)]
        known = [spread for spread in spreads if spread is not None]
        sd = sum(spread**2 for spread in known) ** 0.5 if known else None
        if sd is not None and sd < ROUNDING * abs(value):
            sd = 0.0  # a method without chance, whose seeds differ in their last bit
        found.append(Difference(key, value, published[key], sd))
    return sorted(found, key=lambda one: (not one.is_outside, -_distance(one)))


def changed_parameters(run: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, tuple]:
    """Parameter → (its value in the run, in the published one) where the two differ."""
    used, theirs = run["parameters"], record["parameters"]
    return {
        name: (used[name], theirs[name])
        for name in used
        if name != "out_dir" and name in theirs and used[name] != theirs[name]
    }


def in_words(found: Sequence[Difference]) -> str:
    """How many metrics were compared and how many lie outside."""
    judged = [one for one in found if one.sd is not None]
    n = sum(one.is_outside for one in judged)
    return (
        f"{counted(len(found), 'metric')} in both; of the {len(judged)} with a spread over seeds "
        f"{n} lie outside {WIDTH:g} SD"
    )


def read_as(changed: Mapping[str, tuple]) -> str:
    """How to read what lies outside, by the parameters that differ; "" where only chance does."""
    if "quick" in changed:
        return (
            "One of the two is a quick run, of a few patients and epochs: its numbers show that a "
            "run works, and are not to be held against the other's."
        )
    if any(is_cohort(name) or name.startswith(SAMPLES) for name in changed):
        return (
            "The two are of other samples: what lies outside is how these differ, and no failure "
            "to repeat."
        )
    if set(changed) - ONLY_CHANCE:
        return "What lies outside is first of all what the changed parameters do."
    return ""


def difference_rows(found: Sequence[Difference]) -> list[list[str]]:
    """Rows (metric, here, published, SD, outside?) of the first `MOST_ROWS`."""
    return [
        [
            one.metric,
            readable_number(one.here),
            readable_number(one.published),
            "" if one.sd is None else readable_number(one.sd),
            "outside" if one.is_outside else "",
        ]
        for one in found[:MOST_ROWS]
    ]


def own_runs(results: Path, shown: Sequence[str], published: Path) -> str:
    """Markdown: the latest runs in `results` that no page shows, each beside its published one.

    `shown`: run ids of the book's pages.
    """
    records = published_runs(published)
    runs = [
        run
        for run in reversed(find_runs(results))
        if run["run_id"] not in shown
        and not run["parameters"].get("quick")
        and published_like(run, records)
        and (run["folder"] / "metrics.json").exists()
    ]
    if not runs:
        return (
            "There is no run of a chapter in `results/` but those that the chapters show. Make "
            "one with the command under *Parameters* of any chapter, then `make book`."
        )
    return "\n\n".join(_beside(run, published_like(run, records)) for run in runs[:MOST_RUNS])


def _beside(run: dict[str, Any], record: dict[str, Any]) -> str:
    found = differences(read_json(run["folder"] / "metrics.json"), record["metrics"])
    changed = changed_parameters(run, record)
    said = ", ".join(f"`{name}` = {readable_value(mine)}" for name, (mine, _) in changed.items())
    header = ["Metric", "Here", "Published", "SD", f"Outside {WIDTH:g} SD"]
    outside = difference_rows([one for one in found if one.is_outside])
    rows = [[f"`{row[0]}`", *row[1:]] for row in outside]
    lines = [
        f"## `{run['notebook']}` · {run['run_id']}",
        f"Other than the published run: {said or 'nothing'}. {in_words(found)}. "
        f"{read_as(changed)}".rstrip(),
    ]
    if rows:
        title = f"{counted(len(rows), 'metric')} outside the spread, the furthest first"
        lines.append(f"::::{{dropdown}} {title}\n{table(header, rows)}\n::::")
    return "\n\n".join(lines)


def _distance(one: Difference) -> float:
    gap = abs(one.here - one.published)
    return gap / one.sd if one.sd else gap


def _plain(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name)
