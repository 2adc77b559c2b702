"""Reliability diagram: is a predicted probability an honest one."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, NEUTRAL


def plot_reliability(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    name: str = "",
    colour: str = ACCENT,
    title: str = "Confidence and accuracy of the predicted type",
) -> Axes:
    """Accuracy against mean confidence per bin with 95 % intervals and n; the diagonal is honest.

    Below the diagonal is overconfident. `table`: columns n, confidence, accuracy, accuracy_low,
    accuracy_high, as `reliability_table` returns. Call again with `ax`, `name` and `colour` to
    compare classifiers (n is written for the first).

    Raises:
        ValueError: no bins.
    """
    if table.empty:
        raise ValueError("`table` has no bins; a reliability diagram needs at least one sample.")
    is_first = ax is None or not ax.lines
    ax = ax or plt.subplots(figsize=(5.6, 5.2), layout="constrained")[1]
    n = int(table["n"].sum())
    ece = ((table["accuracy"] - table["confidence"]).abs() * table["n"]).sum() / n
    if is_first:
        ax.plot([0, 1], [0, 1], color=NEUTRAL, ls="--", lw=1, label="calibrated")
    x, y = table["confidence"], table["accuracy"]
    error = np.clip([y - table["accuracy_low"], table["accuracy_high"] - y], 0, None)
    label = f"{name}, ECE {ece:.3f}" if name else f"ECE {ece:.3f}"
    ax.errorbar(x, y, yerr=error, fmt="o-", ms=5, color=colour, label=label)
    if is_first:
        _write_n(ax, table)
        ax.set_title(f"{title}\n(n = {n:,} held-out patients)")
    ax.set(xlabel="mean confidence of the bin", ylabel="accuracy in the bin")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    ax.legend(loc="upper left", frameon=False)
    return ax


def _write_n(ax: Axes, table: pd.DataFrame) -> None:
    """Sizes of the bins along the foot, where room is left between two of them."""
    last = -np.inf
    for confidence, n in zip(table["confidence"], table["n"], strict=True):
        if confidence - last > 0.08:
            ax.text(confidence, 0.02, f"{n:,}", ha="center", fontsize=9, color=NEUTRAL)
            last = confidence
    ax.text(table["confidence"].min() - 0.05, 0.02, "n", ha="right", fontsize=9, color=NEUTRAL)
