"""The two tables of a sweep's page: its configurations, and every run.

They are kept as narrow as a page: metrics go by words, many parameters share a column, and a table
of few configurations under many metrics is turned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from helpers.book.chapter_pages.output_tables import in_words
from helpers.book.sweep_pages.sweep_results import SweepResult
from helpers.runs.number_format import (
    inert,
    readable_number,
    readable_spread,
    readable_value,
    table,
)

NO_WORDS: Mapping[str, str] = MappingProxyType({})
MOST_ROWS = 60  # runs
MOST_CONFIGURATIONS = 30
MOST_PARAMETERS = 4  # with a column each
MOST_COLUMNS = 8  # of a turned table
ROUNDING = 1e-9  # an SD below it is what is left of equal numbers


def configuration_table(
    shown: SweepResult, fresh: SweepResult | None, words: Mapping[str, str] = NO_WORDS
) -> str:
    """Markdown: a row a configuration of `shown`, each metric beside that of `fresh` (or None).

    A name, then what came out, then what was set. `words`: how parts of metrics' names are read.
    """
    configurations = shown.configurations
    if configurations.empty:
        return "No run has finished."
    keys = [name for name in shown.keys or ["run_id"]]
    first = ["label"] if shown.has_labels else []
    rest = [key for key in keys if key not in first]
    names = list(dict.fromkeys([*filter(None, [shown.metric]), *shown.shown]))
    beside = _by_key(fresh, keys) if fresh else {}
    papers = _papers(shown, keys)
    header = ["configuration"] if first else []
    for metric in names:
        named = heading(metric, words)
        header += [named] + ([f"{named}, made here"] if fresh else [])
    header += [*(["paper"] if papers else []), *_headed(rest), "runs"]
    best = _best(shown)
    rows = []
    for index, row in configurations.head(MOST_CONFIGURATIONS).iterrows():
        name = tuple(str(row[(key, "")]) for key in keys)
        cells = [inert(readable_value(row[(key, "")])) for key in first]
        for metric in names:
            cells.append(_spread(row, metric))
            cells += [_spread(beside.get(name), metric)] if fresh else []
        cells += [readable_value(papers.get(name))] if papers else []
        cells += [*_settings({key: row[(key, "")] for key in rest}), str(int(row[("n", "")]))]
        rows.append([f"**{cell}**" if index == best and cell else cell for cell in cells])
    n = len(configurations)
    said = f"Mean ± SD over runs; `{shown.metric}` ranks, {shown.way}." if shown.metric else ""
    cut = f" The first {MOST_CONFIGURATIONS} of {n}." if n > MOST_CONFIGURATIONS else ""
    return f"{said}{cut}\n\n{_narrowed(header, rows, bool(first))}".strip()


def run_table(
    result: SweepResult, notebooks: Mapping[str, str], words: Mapping[str, str] = NO_WORDS
) -> str:
    """Markdown: a fold with a row a run.

    `notebooks`: run id → file of the executed notebook, for those that are here.
    """
    runs = result.table
    metrics = list(dict.fromkeys([*filter(None, [result.metric]), *result.shown]))
    before = [name for name in ("label", "trial") if name in runs]
    after = [name for name in ("seed", "seconds", "status") if name in runs]
    header = ["run", *before, *(heading(name, words) for name in metrics)]
    header += [*_headed(result.varied), *after]
    rows = [
        [
            _linked(row["run_id"], notebooks),
            *(inert(readable_value(row[name])) for name in (*before, *metrics)),
            *_settings({name: row[name] for name in result.varied}),
            *(inert(readable_value(row[name])) for name in after),
        ]
        for _, row in runs.head(MOST_ROWS).iterrows()
    ]
    cut = f", the first {MOST_ROWS}" if len(runs) > MOST_ROWS else ""
    links = (
        "A run's id leads to its executed notebook."
        if notebooks
        else "The executed notebooks are where the runs were made, in `results/`."
    )
    return f"{links}\n\n::::{{dropdown}} {len(runs)} runs{cut}\n{table(header, rows)}\n::::"


def heading(metric: str, words: Mapping[str, str]) -> str:
    """A metric's key as a heading: test.delta_d_relative → relative ΔD (test)."""
    section, _, rest = metric.partition(".")
    named = ", ".join(in_words(part, words) for part in (rest or section).split("."))
    return inert(f"{named} ({in_words(section, words)})" if rest else named)


def _headed(parameters: Sequence[str]) -> list[str]:
    return [*parameters] if len(parameters) <= MOST_PARAMETERS else ["settings"]


def _settings(values: Mapping[str, Any]) -> list[str]:
    """Cells of parameters: one each, or one for all where they are many."""
    if len(values) <= MOST_PARAMETERS:
        return [inert(readable_value(value)) for value in values.values()]
    given = {name: readable_value(value) for name, value in values.items()}
    return [inert(", ".join(f"{name} {value}" for name, value in given.items() if value))]


def _narrowed(header: list[str], rows: list[list[str]], has_names: bool) -> str:
    """The table, turned where its rows have names and are few beside its columns."""
    if not has_names or len(header) <= MOST_COLUMNS or len(rows) >= MOST_COLUMNS:
        return table(header, rows)
    corner, *firsts = [column[0] for column in (header, *rows)]
    turned = [[header[i], *(row[i] for row in rows)] for i in range(1, len(header))]
    return table([corner, *firsts], turned)


def _best(shown: SweepResult) -> Any:
    """Index of the configuration with the best mean; None where nothing ranks."""
    if not shown.metric:
        return None
    means = shown.configurations[(shown.metric, "mean")]
    return means.idxmin() if shown.about["direction"] == "minimise" else means.idxmax()


def _by_key(fresh: SweepResult, keys: Sequence[str]) -> dict[tuple, Any]:
    configurations = fresh.configurations
    if configurations.empty or any((key, "") not in configurations for key in keys):
        return {}
    return {tuple(str(row[(key, "")]) for key in keys): row for _, row in configurations.iterrows()}


def _papers(result: SweepResult, keys: Sequence[str]) -> dict[tuple, float]:
    """What the paper has for each configuration, where the sweep's file says it."""
    if "paper" not in result.table:
        return {}
    given = result.table.dropna(subset="paper")
    return {tuple(str(row[key]) for key in keys): row["paper"] for _, row in given.iterrows()}


def _spread(row: Any, metric: str) -> str:
    mean = row.get((metric, "mean")) if row is not None else None
    if mean is None or pd.isna(mean):
        return ""
    if row[("n", "")] < 2:
        return readable_number(mean)
    sd = row[(metric, "sd")]
    return readable_spread(mean, 0.0 if sd < ROUNDING else sd).replace(" ± ", " ±\xa0")


def _linked(run_id: str, notebooks: Mapping[str, str]) -> str:
    file = notebooks.get(run_id)
    return f"{{download}}`{run_id} <{file}>`" if file else f"`{run_id}`"
