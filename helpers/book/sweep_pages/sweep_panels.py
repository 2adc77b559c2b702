"""What a sweep found: a metric against one parameter, or by the label of each configuration."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL
from helpers.runs.number_format import readable_value

FEW = 8  # so many values of a parameter are drawn beside each other, whatever their distance
LOG_RATIO = 50  # largest by smallest value from which an axis is logarithmic
SHADES = ("#1f6fd1", "#d6001c", "#2e8b57", "#8a4fbf", "#c77f00", "#222222", "#00a0b0", "#e377c2")
FRESH = {"marker": "D", "markerfacecolor": "white", "ms": 6}


def plot_against(
    table: pd.DataFrame,
    metric: str,
    parameter: str,
    ax: Axes,
    *,
    by: str | None = None,
    fresh: pd.DataFrame | None = None,
    is_log: bool | None = None,
) -> Axes:
    """`metric` of every run (faint) and its mean (line, SD as bars) against `parameter`.

    Args:
        table: A row per run.
        metric: Column of `table` that is drawn upwards.
        parameter: Column of `table` along which it is drawn; of more than 8 values as dots alone.
        ax: Where to draw.
        by: Another parameter, of few values: a line for each of them.
        fresh: The same runs made again, their means as hollow diamonds.
        is_log: Whether the axis of many values is logarithmic; None: if they span over 50-fold.
    """
    values = _levels(table[parameter])
    groups = [(None, table)] if by is None else list(table.groupby(by, sort=True, dropna=False))
    for i, (name, rows) in enumerate(groups):
        colour = ACCENT if by is None else SHADES[i % len(SHADES)]
        label = None if by is None else f"{by} = {readable_value(name)}"
        if len(values) <= FEW:
            _few(ax, rows, metric, parameter, values, colour, label)
        else:
            ax.plot(rows[parameter], rows[metric], "o", ms=4, alpha=0.6, color=colour, label=label)
        if fresh is not None and {parameter, metric} <= set(fresh):
            again = fresh if by is None else fresh[fresh[by] == name]
            _fresh(ax, again, metric, parameter, values, colour)
    _axis(ax, table[parameter], values, is_log)
    ax.set_xlabel(parameter)
    ax.set_ylabel(metric)
    ax.grid(color="#e4e4e4", lw=0.8)
    return ax


def plot_labelled(
    table: pd.DataFrame, metric: str, ax: Axes, *, fresh: pd.DataFrame | None = None
) -> Axes:
    """`metric` by `label`, in the table's order from the top: seeds faint, mean ± SD.

    The dashed line is the first label's mean. `fresh`: as for `plot_against`.
    """
    labels = list(dict.fromkeys(table["label"]))
    for row, label in enumerate(labels):
        numbers = table.loc[table["label"] == label, metric].dropna()
        ax.plot(numbers, np.full(len(numbers), row), "o", ms=4, alpha=0.35, color=ACCENT, mew=0)
        if len(numbers):
            ax.errorbar(numbers.mean(), row, xerr=_sd(numbers), fmt="o", color=ACCENT, capsize=3)
        if fresh is not None and metric in fresh:
            again = fresh.loc[fresh["label"] == label, metric].dropna()
            if len(again):
                ax.errorbar(
                    again.mean(), row + 0.25, xerr=_sd(again), color=CONTRAST, capsize=3, **FRESH
                )
    first = table.loc[table["label"] == labels[0], metric].mean()
    if np.isfinite(first):
        ax.axvline(first, color=NEUTRAL, ls="--", lw=1, zorder=0)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel(metric)
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    return ax


def _few(ax, rows, metric, parameter, values, colour, label) -> None:
    places = rows[parameter].map(values.index)
    ax.plot(places, rows[metric], "o", ms=4, alpha=0.35, color=colour, mew=0)
    spread = rows.groupby(places)[metric].agg(["mean", _sd])
    ax.errorbar(
        spread.index,
        spread["mean"],
        yerr=spread["_sd"],
        fmt="o-",
        ms=5,
        capsize=3,
        color=colour,
        label=label,
    )


def _fresh(ax, fresh, metric, parameter, values, colour) -> None:
    look = {"ls": "none", "color": colour, "label": "made here", **FRESH}
    drawn = fresh[fresh[parameter].isin(values)]
    if len(values) <= FEW:
        means = drawn.groupby(drawn[parameter].map(values.index))[metric].mean()
        ax.plot(means.index + 0.12, means, **look)
    else:
        ax.plot(fresh[parameter], fresh[metric], **look)


def _axis(ax: Axes, column: pd.Series, values: list, is_log: bool | None) -> None:
    if len(values) <= FEW:
        ax.set_xticks(range(len(values)), [readable_value(value) for value in values])
        ax.set_xlim(-0.5, len(values) - 0.5)
        return
    is_positive = pd.api.types.is_numeric_dtype(column) and column.min() > 0
    is_wide = is_positive and column.max() / column.min() >= LOG_RATIO
    if is_positive and (is_wide if is_log is None else is_log):
        ax.set_xscale("log")


def _levels(column: pd.Series) -> list:
    values = list(column.dropna().unique())
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def _sd(values: pd.Series) -> float:
    return float(values.std(ddof=1)) if values.count() > 1 else 0.0
