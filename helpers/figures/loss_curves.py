"""Loss terms over training, unweighted, one panel a term."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL


def plot_history(
    history: pd.DataFrame,
    axes: np.ndarray | None = None,
    *,
    best_epoch: int | None = None,
    unit: str = "nats per sample",
) -> np.ndarray:
    """Train (solid) and validation (dashed) per epoch, one panel per term, as an array of axes.

    `history`: columns epoch, term, train, validation, the terms unweighted; a column without any
    value is not drawn. The y-axis spans what lies after the first tenth of the epochs, so that the
    first steps do not flatten the rest.

    Raises:
        ValueError: a column is missing, there are no rows, or there are fewer axes than terms.
    """
    missing = {"epoch", "term", "train", "validation"} - set(history)
    if missing or history.empty:
        raise ValueError(
            "`history` needs rows with columns epoch, term, train, validation; got "
            f"{len(history)} rows, without {sorted(missing)}."
        )
    terms = history["term"].unique()
    if axes is None:
        figsize = (max(4.2, 2.65 * len(terms)), 3.1)
        axes = plt.subplots(1, len(terms), figsize=figsize, layout="constrained", squeeze=False)[1]
    axes = np.ravel(axes)
    if len(axes) < len(terms):
        raise ValueError(f"`axes` needs one panel per term: {len(terms)} terms, {len(axes)} axes.")
    for ax, term in zip(axes, terms, strict=False):
        _plot_term(ax, history[history["term"] == term].sort_values("epoch"), best_epoch)
        ax.set_title("KL" if term == "kl" else str(term).replace("_", " "))
    axes[0].set_ylabel(unit)
    handles, names = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    return axes


def _plot_term(ax: Axes, rows: pd.DataFrame, best_epoch: int | None) -> None:
    marker = "o" if len(rows) == 1 else None
    for part, colour, line in [("train", ACCENT, "-"), ("validation", CONTRAST, "--")]:
        if rows[part].isna().all():  # trained without validation samples
            continue
        ax.plot(rows["epoch"], rows[part], color=colour, ls=line, marker=marker, label=part)
    if best_epoch is not None:
        ax.axvline(best_epoch, color=NEUTRAL, lw=1, ls=":", label=f"best ({best_epoch})")
    settled = rows.iloc[len(rows) // 10 :][["train", "validation"]].to_numpy(float)
    low, high = np.nanmin(settled), np.nanmax(settled)
    if np.isfinite([low, high]).all() and high > low:
        ax.set_ylim(low - 0.06 * (high - low), high + 0.12 * (high - low))
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    ax.grid(axis="y", color="#e4e4e4", lw=0.8)
