"""One modality predicted from another: correlation of each feature, and the samples' picture."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.figures.columns import need_columns
from helpers.figures.embedding import plot_embedding
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

SERIES = {
    "spearman": ("predicted", ACCENT),
    "shuffled_within_type": ("shuffled within a cancer type", CONTRAST),
    "shuffled": ("shuffled", NEUTRAL),
}
"""Column of the scores → its name and colour."""


def plot_feature_spearman(
    scores: pd.DataFrame,
    ax: Axes | None = None,
    *,
    feature: str = "genes",
    n_samples: int | None = None,
    title: str = "Predicted against observed expression",
) -> Axes:
    """The paper's figure 3a with its control: histogram of each feature's Spearman over samples.

    `scores`: a row a feature, column spearman, and shuffled or shuffled_within_type where known;
    NaN (constant predictions) are left out and counted. Lines: medians. What is right of the
    shuffled histograms was predicted; what is right of the one within a cancer type, beyond it.

    Raises:
        ValueError: no column spearman, or no value.
    """
    need_columns(scores, {"spearman"})
    varying = scores.dropna(subset=["spearman"])
    if varying.empty:
        raise ValueError("`scores` has no Spearman that is not NaN: every prediction is constant.")
    ax = ax or plt.subplots(figsize=(7, 4.6), layout="constrained")[1]
    shown = [name for name in SERIES if name in varying]
    low = min(varying[shown].min().min(), -0.05)
    bins = np.linspace(low, max(varying[shown].max().max(), 0.05), 51)
    for name in shown:
        label, colour = SERIES[name]
        median = varying[name].median()
        look = {"histtype": "stepfilled" if name == "spearman" else "step", "lw": 1.6}
        alpha = 0.6 if name == "spearman" else 1.0
        label = f"{label}, median {round(median, 2) + 0.0:.2f}"  # never "-0.00"
        ax.hist(varying[name], bins, color=colour, label=label, alpha=alpha, **look)
        ax.axvline(median, color=colour, lw=1.2, ls="--")
    counts = f"{len(varying):,} {feature}" + (f", {n_samples:,} samples" if n_samples else "")
    ax.set(xlabel="Spearman over held-out samples; higher is better", ylabel=f"{feature}")
    ax.set_title(f"{title}\n({counts}{_left_out(scores, varying)})")
    legend_below(ax, 1 if len(shown) > 2 else 2)
    return ax


def plot_truth_and_embedding(
    xy_truth: ArrayLike,
    xy_embedding: ArrayLike,
    labels: ArrayLike,
    axes: Sequence[Axes] | None = None,
    *,
    titles: tuple[str, str] = ("Observed expression", "Embedding"),
) -> np.ndarray:
    """The paper's figure 3b: first two components of the truth beside those of the embedding.

    `xy_truth`, `xy_embedding`: the same samples × 2; `labels`: cancer type or subtype, its colour.
    Labels that part more clearly at the right were denoised; read it with the cohort accuracy.
    Returns the two axes.

    Raises:
        ValueError: not samples × 2, or another number of labels.
    """
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")[1]
    for ax, xy, title in zip(axes, (xy_truth, xy_embedding), titles, strict=True):
        plot_embedding(xy, labels, ax, name="PC", title=title, direct_labels=False)
        ax.get_legend().remove()
    handles, names = axes[0].get_legend_handles_labels()
    below = {"loc": "outside lower center", "ncols": min(5, len(names)), "fontsize": 9}
    axes[0].figure.legend(handles, names, frameon=False, **below)
    return np.asarray(axes)


def plot_imputation(
    summary: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "Imputed from the other modality",
) -> Axes:
    """Median Spearman over features of each method and direction, with its controls.

    `summary`: columns method, direction ("ATAC → RNA", …), spearman, and shuffled_within_type and
    within_type where known. Bar: all samples; tick: partners exchanged within a cancer type, so
    what lies right of it is more than the type; diamond: within types.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(summary, {"method", "direction", "spearman"})
    table = summary.reset_index(drop=True)
    ax = ax or plt.subplots(figsize=(7, 1.8 + 0.4 * len(table)), layout="constrained")[1]
    rows = np.arange(len(table))
    ax.barh(rows, table["spearman"], 0.55, color=ACCENT, alpha=0.75, label="all samples")
    mark = {"color": "black", "zorder": 3}
    if "shuffled_within_type" in table:
        label = "partners exchanged within a type"
        ax.scatter(table["shuffled_within_type"], rows, s=220, marker="|", label=label, **mark)
    if "within_type" in table:
        ax.scatter(table["within_type"], rows, s=36, marker="D", label="within types", **mark)
    names = [f"{row.method}, {row.direction}" for row in table.itertuples()]
    ax.set_yticks(rows, names)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.axvline(0, color=NEUTRAL, lw=1)
    ax.set_xlabel("median Spearman over features; higher is better")
    ax.set_title(title)
    legend_below(ax, 2)
    return ax


def _left_out(scores: pd.DataFrame, known: pd.DataFrame) -> str:
    n = len(scores) - len(known)
    return f"; {n:,} predicted the same for everyone" if n else ""
