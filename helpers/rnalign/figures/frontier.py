"""Mixing against what is left of the samples: what each method pays for what it gets."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.columns import need_columns
from helpers.figures.palette import NEUTRAL, legend_below
from helpers.rnalign.figures.method_scores import CONTROLS, METHOD_LABELS, METRICS, method_colour

SHOWN = (
    "input", "mean_shift", "mean_shift_per_type", "linear_projection", "combat", "celligner",
    "mober", "rnalign", "rnalign_by_loss", "rnalign_residual", "rnalign_no_type", "shrunken",
    "shrunken_shift",
)  # fmt: skip
_ROUNDING = 1e-6
_MARKERS = "osD^vP*X<>hpd"  # where colours are alike, shapes are not


def plot_frontier(
    scores: pd.DataFrame,
    mixing: str = "delta_d_relative",
    kept: str = "r2_kept",
    ax: Axes | None = None,
) -> Axes:
    """Methods by how far origins stay apart and by what is kept, mean ± SD over seeds.

    `scores`: a row per method and seed, with columns method, `mixing` (lower is better) and `kept`
    (higher is better); of the methods, those of `SHOWN`. The line joins methods that no other one
    beats in both, by their means.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(scores, {"method", mixing, kept})
    groups = scores.groupby("method")[[mixing, kept]]
    mean, sd = groups.mean().dropna(), groups.std().fillna(0.0)
    ax = ax or plt.subplots(figsize=(7, 5.4), layout="constrained")[1]
    front = unbeaten(mean[mean.index.isin(SHOWN)], mixing, kept)
    ax.plot(front[mixing], front[kept], color=NEUTRAL, lw=1, ls="--", zorder=0)
    for name, marker in zip(SHOWN, _MARKERS, strict=True):
        if name not in mean.index:
            continue
        (x, y), spread, colour = mean.loc[name], sd.loc[name], method_colour(name)
        ax.errorbar(
            x, y, spread[kept], spread[mixing], marker, color=colour, capsize=2, ms=7,
            mfc="none" if name in CONTROLS else colour, label=METHOD_LABELS[name],
        )  # fmt: skip
    # Linear up to 0.1: a collapsed model can be at 5, and the others lie between 0 and 0.5.
    ax.set_xscale("symlog", linthresh=0.1, linscale=0.5)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel(f"{METRICS[mixing][0]}\n← origins mixed")
    ax.set_ylabel(f"{METRICS[kept][0]}\nsamples keep their own →")
    ax.set_ylim(min(0, ax.get_ylim()[0]), 1.05)
    n_seeds = scores["seed"].nunique() if "seed" in scores else 1
    ax.set_title(f"What mixing costs ({n_seeds} seed{'s' if n_seeds > 1 else ''})")
    legend_below(ax, 3, gap=0.75)
    return ax


def unbeaten(means: pd.DataFrame, mixing: str, kept: str) -> pd.DataFrame:
    """Rows that no other is at least as good as in both columns and better in one, by `mixing`."""
    ordered = means.sort_values([mixing, kept], ascending=[True, False])
    best_before = ordered[kept].cummax().shift(fill_value=-np.inf)
    return ordered[ordered[kept] > best_before + _ROUNDING]
