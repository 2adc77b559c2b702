"""Does a latent dimension come back from another seed: matched |r| beside its control."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, NEUTRAL, legend_below


def plot_stability(
    stability: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_seeds: int | None = None,
    n_samples: int | None = None,
    title: str = "Latent dimensions across seeds",
) -> Axes:
    """Matched |Pearson r| of each dimension in [0, 1], most stable first; grey is the control.

    `stability`: index dimension; columns mean_r, min_r, control, as `seed_stability` returns. The
    line goes down to the worst seed. The control matches after the samples were permuted.
    """
    table = stability.sort_values("mean_r", ascending=False, kind="stable")
    x = np.arange(len(table))
    figsize = (float(np.clip(2 + 0.19 * len(table), 5, 8)), 3.7)
    ax = ax or plt.subplots(figsize=figsize, layout="constrained")[1]
    ax.vlines(x, table["min_r"], table["mean_r"], color=ACCENT, lw=1.6)
    ax.scatter(x, table["mean_r"], s=34, color=ACCENT, label="mean over seeds", zorder=3)
    ax.scatter(x, table["min_r"], s=26, marker="_", color=ACCENT, label="worst seed", zorder=3)
    ax.plot(x, table["control"], color=NEUTRAL, ls="--", lw=1.2, label="samples permuted")
    step = -(-len(table) // 40)  # so that labels of 9 pt do not touch
    ax.set_xticks(x[::step], [str(name) for name in table.index[::step]], rotation=90, fontsize=9)
    ax.set_ylim(0, 1.03)
    ax.set(xlabel="latent dimension of the first seed", ylabel="matched |r|")
    counts = [f"{n_seeds} seeds" if n_seeds else "", f"n = {n_samples:,}" if n_samples else ""]
    counts = ", ".join(filter(None, counts))
    ax.set_title(f"{title} ({counts})" if counts else title)
    ax.grid(axis="y", color="#e4e4e4", lw=0.8)
    longest = max(len(str(name)) for name in table.index)
    legend_below(ax, 3, gap=0.52 + 0.075 * longest)
    return ax
