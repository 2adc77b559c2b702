"""What a search of so many draws chooses, rule by rule."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

RULES = {
    "loss": ("lowest total loss (the paper)", CONTRAST, "s"),
    "alignment": ("best aligned validation donors", ACCENT, "o"),
    "kept": ("the same, residual given back", "#2e8b57", "^"),
    "best possible": ("the test donors themselves", NEUTRAL, "x"),
}
"""Rule → label, colour and marker."""


def plot_choice(by_size: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Misalignment of test donors by what each rule chooses among n draws, median and 5–95 %.

    `by_size`: as `choice_by_size`; columns rule, n, median, low, high.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(by_size, {"rule", "n", "median", "low", "high"})
    ax = ax or plt.subplots(figsize=(7, 4.6), layout="constrained")[1]
    for rule, (label, colour, marker) in RULES.items():
        rows = by_size[by_size["rule"] == rule].sort_values("n")
        if rows.empty:
            continue
        ax.fill_between(rows["n"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(rows["n"], rows["median"], marker=marker, color=colour, label=label)
    ax.set_xscale("log")
    ax.set_xticks(sorted(by_size["n"].unique()))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.minorticks_off()
    ax.set_xlabel("draws of the search")
    ax.set_ylabel("misalignment of test donors\n(lower is better)")
    ax.set_ylim(bottom=0)
    ax.set_title("What a search chooses, by its rule (median, 5–95 % of subsets)")
    legend_below(ax, 2, gap=0.5)
    return ax
