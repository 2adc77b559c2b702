"""Scores by representation over seeds, and precision and recall by class."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below


def plot_scores(
    scores: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str = "features",
    metrics: tuple[str, ...] = ("accuracy", "balanced_accuracy"),
    chance: float | None = None,
    n_test: int | None = None,
    title: str = "Cancer type of held-out patients",
) -> Axes:
    """Mean ± SD over seeds of each metric (in [0, 1], higher is better), a row per representation.

    `scores`: a row per seed and value of `by`, in the order to show, with the metrics as columns.
    Faint dots are the seeds. `chance`: dashed line, as 1 / classes for balanced accuracy.

    Raises:
        ValueError: a column is missing.
    """
    missing = {by, *metrics} - set(scores)
    if missing:
        raise ValueError(f"`scores` lacks the columns {sorted(missing)}; it has {list(scores)}.")
    names = list(dict.fromkeys(scores[by]))
    ax = ax or plt.subplots(figsize=(7, 1.5 + 0.5 * len(names)), layout="constrained")[1]
    for number, metric in enumerate(metrics):
        offset = 0.32 * (number - (len(metrics) - 1) / 2)
        _dots(ax, scores, by, names, metric, offset, (ACCENT, CONTRAST, NEUTRAL)[number % 3])
    if chance is not None:
        ax.axvline(chance, color=NEUTRAL, ls="--", lw=1, label=f"chance ({chance:.2f})")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, 1.02)
    ax.set_xlabel("score on held-out patients (mean ± SD over seeds)")
    n_seeds = int(scores.groupby(by, sort=False).size().max())
    seeds = f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    counts = seeds if n_test is None else f"n = {n_test:,}, {seeds}"
    ax.set_title(f"{title} ({counts})")
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    legend_below(ax, len(metrics) + (chance is not None))
    return ax


def plot_per_class(
    per_class: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "Precision and recall by cancer type",
) -> Axes:
    """Precision and recall of each class in [0, 1] with their 95 % intervals, rarest class below.

    `per_class`: index class; columns n, and precision, recall each with _low and _high.
    """
    table = per_class.sort_values("n", ascending=False, kind="stable")
    ax = ax or plt.subplots(figsize=(7, 1.4 + 0.34 * len(table)), layout="constrained")[1]
    for metric, offset, colour in [("recall", -0.16, ACCENT), ("precision", 0.16, CONTRAST)]:
        value, y = table[metric], np.arange(len(table)) + offset
        low, high = value - table[f"{metric}_low"], table[f"{metric}_high"] - value
        error = np.clip([low, high], 0, None)
        ax.errorbar(value, y, xerr=error, fmt="o", ms=5, lw=1.4, color=colour, label=metric)
    labels = [f"{name}  (n = {n:,})" for name, n in table["n"].items()]
    ax.set_yticks(range(len(table)), labels)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel("held-out patients, Wilson 95 % interval")
    ax.set_title(f"{title} (n = {int(table['n'].sum()):,})")
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    legend_below(ax, 2)
    return ax


def _dots(
    ax: Axes,
    scores: pd.DataFrame,
    by: str,
    names: list[str],
    metric: str,
    offset: float,
    colour: str,
) -> None:
    values = scores.groupby(by, sort=False)[metric]
    mean, sd = values.mean().reindex(names), values.std(ddof=1).reindex(names).fillna(0)
    place = scores[by].map({name: row for row, name in enumerate(names)}) + offset
    ax.scatter(scores[metric], place, s=14, color=colour, alpha=0.35, linewidths=0)
    y = np.arange(len(names)) + offset
    label = metric.replace("_", " ")
    ax.errorbar(mean, y, xerr=sd, fmt="o", ms=6, lw=1.6, capsize=3, color=colour, label=label)
    for row, score in zip(y, mean, strict=True):
        ax.annotate(
            f"{score:.3f}",
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            color=colour,
        )
