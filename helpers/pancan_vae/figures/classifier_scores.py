"""Scores by representation over seeds, and precision and recall by class."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

# Column → how far below its variant's row it stands, and its colour.
METRICS = {"accuracy": (-0.16, ACCENT), "balanced_accuracy": (0.16, CONTRAST)}
LABELS = {
    "vae": "VAE", "pca": "PCA", "raw": "plain values",
    "shuffled": "shuffled labels", "majority": "commonest type",
}  # fmt: skip
"""Variant of the classifier → its name in figures; others are named as they are."""


def plot_scores(
    scores: pd.DataFrame,
    ax: Axes | None = None,
    *,
    chance: float | None = None,
    n_test: int | None = None,
    title: str = "Cancer type of held-out patients",
) -> Axes:
    """Mean ± SD over seeds of accuracy and balanced accuracy in [0, 1], a row per variant.

    `scores`: a row per seed and variant, in the order to show, with the two as columns. Faint dots
    are the seeds. `chance`: dashed line, as 1 / classes for balanced accuracy.

    Raises:
        ValueError: a column is missing.
    """
    missing = {"variant", *METRICS} - set(scores)
    if missing:
        raise ValueError(f"`scores` lacks the columns {sorted(missing)}; it has {list(scores)}.")
    names = list(dict.fromkeys(scores["variant"]))
    ax = ax or plt.subplots(figsize=(7, 1.5 + 0.5 * len(names)), layout="constrained")[1]
    for metric, (offset, colour) in METRICS.items():
        _dots(ax, scores, metric, offset, colour)
    if chance is not None:
        ax.axvline(chance, color=NEUTRAL, ls="--", lw=1, label=f"chance ({chance:.2f})")
    ax.set_yticks(range(len(names)), [_label(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, 1.02)
    ax.set_xlabel("score on held-out patients (mean ± SD over seeds)")
    n_seeds = int(scores.groupby("variant", sort=False).size().max())
    seeds = f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    counts = seeds if n_test is None else f"n = {n_test:,}, {seeds}"
    ax.set_title(f"{title} ({counts})")
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    legend_below(ax, len(METRICS) + (chance is not None))
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


def _label(variant: str) -> str:
    space, ending, _ = variant.partition("_logistic")
    return LABELS.get(space, space) + (", logistic" if ending else "")


def _dots(ax: Axes, scores: pd.DataFrame, metric: str, offset: float, colour: str) -> None:
    """Seeds, mean and SD of one metric, `offset` rows below the variants' own."""
    values = scores.groupby("variant", sort=False)[metric]
    mean, sd = values.mean(), values.std(ddof=1).fillna(0)
    place = scores["variant"].map({name: row for row, name in enumerate(mean.index)}) + offset
    ax.scatter(scores[metric], place, s=14, color=colour, alpha=0.35, linewidths=0)
    y = np.arange(len(mean)) + offset
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
