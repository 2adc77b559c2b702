"""The figure of a sweep's page: small multiples, a metric against what was varied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from helpers.book.sweep_pages.sweep_results import SweepResult
from helpers.book.sweep_pages.sweep_tables import NO_WORDS, heading

MOST_METRICS, MOST_COLUMNS, MOST_LINES = 2, 3, 5


def write_figure(
    shown: SweepResult,
    fresh: SweepResult | None,
    path: Path,
    words: Mapping[str, str] = NO_WORDS,
) -> str:
    """Draw the sweep's figure into `path`, a PNG; what it shows, "" where there is none to draw.

    `words`: how parts of metrics' names are read.

    Labelled runs: a row a label, a panel a metric. Others: a column a varied parameter, a row a
    metric; of exactly two parameters the one with fewer values is the colour of the lines; with
    more than three there is a panel each, and the first metric alone.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from helpers.figures.palette import STYLE

    metrics = _metrics(shown)
    if not metrics or shown.finished.empty or not shown.keys:
        return ""
    again = fresh.finished if fresh else None
    with rc_context(STYLE):
        if shown.has_labels:
            figure = _labelled(Figure, shown, metrics, again)
        else:
            figure = _multiples(Figure, shown, metrics, again)
        _name_axes(figure, metrics, words)
        figure.savefig(path, metadata={"Software": None}, dpi=150)
    beside = " Hollow diamonds: the runs made here." if fresh else ""
    against = "by configuration" if shown.has_labels else f"against {', '.join(shown.varied)}"
    named = ", ".join(heading(metric, words) for metric in metrics)
    return f"{named} {against}; dots are runs, lines join means.{beside}"


def _name_axes(figure: Any, metrics: list[str], words: Mapping[str, str]) -> None:
    """Metrics in words, broken where a panel is narrow."""
    named = {metric: fill(heading(metric, words), 26) for metric in metrics}
    for ax in figure.axes:
        ax.set_xlabel(named.get(ax.get_xlabel(), ax.get_xlabel()))
        ax.set_ylabel(named.get(ax.get_ylabel(), ax.get_ylabel()))


def caption(shown: SweepResult, fresh: SweepResult | None) -> str:
    """What the figure's marks are, of how many runs, and which way is better."""
    n_runs = f"n = {len(shown.finished)}"
    if shown.about["drawn"]:
        said = f"Each dot is a run ({n_runs})."
    elif shown.has_labels:
        said = (
            f"Small dots are runs ({n_runs}), large ones their means with SD; the dashed line is "
            "the mean of the first configuration."
        )
    else:
        said = f"Small dots are runs ({n_runs}), large ones and lines their means with SD."
    if shown.metric:
        said += f" `{shown.metric}`: {shown.way}."
    return f"{said} Hollow diamonds are the runs made here." if fresh else said


def _metrics(result: SweepResult) -> list[str]:
    metrics = dict.fromkeys([*filter(None, [result.metric]), *result.shown])
    return list(metrics)[:MOST_METRICS]


def _labelled(
    figure_class: type, shown: SweepResult, metrics: list[str], again: pd.DataFrame | None
) -> Any:
    from helpers.book.sweep_pages.sweep_panels import plot_labelled

    n_labels = shown.table["label"].nunique()
    figure = figure_class(figsize=(2.2 + 3.4 * len(metrics), 1.4 + 0.45 * n_labels))
    axes = figure.subplots(1, len(metrics), squeeze=False)[0]
    for i, (metric, ax) in enumerate(zip(metrics, axes, strict=True)):
        plot_labelled(shown.finished, metric, ax, fresh=again)
        if i:
            ax.set_yticklabels([])
    return figure


def _multiples(
    figure_class: type, shown: SweepResult, metrics: list[str], again: pd.DataFrame | None
) -> Any:
    from helpers.book.sweep_pages.sweep_panels import plot_against

    runs = shown.finished
    parameters, by = _parameters(runs, shown.varied)
    panels = [(metric, name) for metric in metrics for name in parameters]
    n_columns = len(parameters)
    if n_columns > MOST_COLUMNS:
        panels, n_columns = panels[: len(parameters)], MOST_COLUMNS
    n_rows = -(-len(panels) // n_columns)
    figure = figure_class(figsize=(1.0 + max(2.6 * n_columns, 5), 0.6 + 2.6 * n_rows))
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharey="row")
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for i, (ax, (metric, parameter)) in enumerate(zip(axes.flat, panels, strict=False)):
        is_log = "log10_uniform" in drawn if (drawn := _drawn(shown, parameter)) else None
        plot_against(runs, metric, parameter, ax, by=by, fresh=again, is_log=is_log)
        if i % n_columns:
            ax.set_ylabel("")
    if by or again is not None:
        _legend(figure, axes[0][0])
    return figure


def _drawn(result: SweepResult, parameter: str) -> dict:
    """How a parameter was drawn, {} where it was given."""
    return result.about["drawn"].get(parameter, {})


def _legend(figure: Any, ax: Any) -> None:
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower center", ncols=4, frameon=False
    )


def _parameters(runs: pd.DataFrame, varied: list[str]) -> tuple[list[str], str | None]:
    """Parameters with panels and, of exactly two, the one that is the lines' colour instead."""
    if len(varied) == 2:
        few, many = sorted(varied, key=lambda name: runs[name].nunique())
        if runs[few].nunique() <= MOST_LINES:
            return [many], few
    return varied, None
