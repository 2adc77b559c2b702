"""Hallmark tasks across latent clusters."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes


def plot_cluster_tasks(
    scores: pd.DataFrame, ax: Axes | None = None, *, title: str = "Hallmark tasks across clusters"
) -> Axes:
    """Heat map of the mean score, clusters × tasks, in standard deviations of a feature.

    `scores`: `ClusterScores.first`. Rows are ordered by their name's cancer type.

    Raises:
        ValueError: no scores.
    """
    if scores.empty:
        raise ValueError("`scores` is empty: this cohort has no gene sets. Leave the figure out.")
    by_type = sorted(scores.index, key=lambda name: name.split(": ", 1)[-1])
    values = scores.loc[by_type]
    ax = ax or plt.subplots(figsize=(7.5, 1.8 + 0.3 * len(values)), layout="constrained")[1]
    limit = float(np.abs(values.to_numpy()).max()) or 1.0
    image = ax.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    for row, column in np.ndindex(values.shape):
        value = values.iloc[row, column]
        colour = "white" if abs(value) > 0.6 * limit else "black"
        ax.text(column, row, f"{value:.1f}", ha="center", va="center", color=colour, fontsize=8)
    ax.set_xticks(range(values.shape[1]), values.columns, rotation=20, ha="right")
    ax.set_yticks(range(len(values)), values.index, fontsize=9)
    ax.set_ylabel("cluster: its commonest type")
    ax.spines[:].set_visible(False)
    ax.set_title(f"{title} ({len(values)} clusters)")
    ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.01).set_label("mean standardised level")
    return ax
