"""Expression predicted from slides: per gene and per sample, beside the mean profile."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL

MEAN_PROFILE = "mean profile"
SPLIT_COLOURS = (ACCENT, CONTRAST, "#2e8b57")
PANELS = {
    "gene_median": "Spearman of a gene over slides\n(median over genes)",
    "sample_mean": "Spearman of a slide over genes\n(mean over slides)",
    "sample_centred_mean": "the same less the training mean\n(mean over slides)",
}
"""Column of the scores → axis label."""


def plot_histology_scores(
    scores: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    title: str = "Expression from slides",
) -> np.ndarray:
    """Three readings of one prediction; the mean profile, hollow, predicts the same for everyone.

    `scores`: a row per method, split ("held-out patients", "held-out sites", …) and seed or fold;
    columns method, split, and those of PANELS; methods in the order to show. Dots: mean ± SD of
    the rows of a method and split. A model is worth as much as it lies right of the mean profile:
    in the middle panel that is next to nothing, however high the number. Returns the axes.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(scores, {"method", "split", *PANELS})
    names, splits = (list(dict.fromkeys(scores[column])) for column in ("method", "split"))
    if axes is None:
        size = (10, 2.1 + 0.28 * len(splits) * len(names))
        axes = plt.subplots(1, 3, figsize=size, layout="constrained", sharey=True)[1]
    for ax, metric in zip(axes, PANELS, strict=True):
        for number, split in enumerate(splits):
            part = scores[scores["split"] == split]
            offset = 0.36 * (number - (len(splits) - 1) / 2)
            _split_rows(ax, part, metric, names, offset, SPLIT_COLOURS[number % 3], split)
        ax.axvline(0, color=NEUTRAL, lw=1)
        ax.set_xlabel(f"{PANELS[metric]}")
        ax.set_xlim(min(-0.05, ax.get_xlim()[0]), None)
        ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    axes[0].set_title(f"{title}; higher is better")
    handles, labels = axes[0].get_legend_handles_labels()
    below = {"loc": "outside lower center", "ncols": len(splits), "frameon": False}
    axes[0].figure.legend(handles, labels, **below)
    return np.asarray(axes)


def _split_rows(
    ax: Axes,
    part: pd.DataFrame,
    metric: str,
    names: Sequence[str],
    offset: float,
    colour: str,
    label: str,
) -> None:
    values = part.groupby("method")[metric]
    mean, sd = values.mean().reindex(names), values.std(ddof=1).reindex(names).fillna(0)
    for row, name in enumerate(names):
        face = "white" if name == MEAN_PROFILE else colour
        look = {"fmt": "o", "ms": 6.5, "lw": 1.5, "capsize": 3, "color": colour}
        own = {"markerfacecolor": face, "label": label if row == 0 else None}
        ax.errorbar(mean[name], row + offset, xerr=sd[name], **look, **own)
        note = f"{mean[name]:.3f}" if np.isfinite(mean[name]) else "–"
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
        ax.annotate(note, (1.02, row + offset), fontsize=9, color=colour, **place)
