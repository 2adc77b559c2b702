"""Volcano plot: how much each feature differs in a cluster against how sure that is."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, CONTRAST, legend_below

GREY = "#bdbdbd"
LABEL_SIZE = 9  # pt


def plot_volcano(
    differential: pd.DataFrame,
    ax: Axes | None = None,
    *,
    q: float = 0.05,
    min_difference: float = 0.0,
    n_labels: int = 10,
    unit: str = "standard deviations",
    title: str = "Cluster against the other patients",
) -> Axes:
    """Difference against −log10 p; red up, blue down, grey the rest; the surest are named.

    A p of 0 is drawn at the top.

    Args:
        differential: one cluster's columns feature, difference, p, q, as `moderated_t` returns.
        ax: where to draw; a new figure if None.
        q: features below it are coloured,
        min_difference: if their |difference| is above this as well.
        n_labels: coloured features of lowest p to be named in each direction.
        unit: of the difference.
        title: above the number of coloured features.

    Raises:
        ValueError: no features.
    """
    if differential.empty:
        raise ValueError("`differential` has no features to show; choose a cluster that it has.")
    table = differential.sort_values("p", kind="stable")
    smallest = table.loc[table["p"] > 0, "p"].min() if (table["p"] > 0).any() else 1e-300
    height = -np.log10(table["p"].clip(lower=smallest))
    is_found = (table["q"] < q) & (table["difference"].abs() > min_difference)
    rest, bounds = ("others", f" and |difference| > {min_difference:g}") if min_difference else (
        "not significant", "")  # fmt: skip
    ax = ax or plt.subplots(figsize=(7, 5.6), layout="constrained")[1]
    for colour, rows, name in [
        (GREY, ~is_found, rest),
        (CONTRAST, is_found & (table["difference"] > 0), "up"),
        (ACCENT, is_found & (table["difference"] < 0), "down"),
    ]:
        look = {"s": 14, "color": colour, "alpha": 0.75, "linewidths": 0, "rasterized": True}
        ax.scatter(table["difference"][rows], height[rows], label=f"{name} {rows.sum():,}", **look)
    if min_difference:
        for side in (-1, 1):
            ax.axvline(side * min_difference, color="#9a9a9a", lw=0.8, ls="--")
    widest = 1.4 * float(table["difference"].abs().max()) or 1.0
    ax.set_xlim(-widest, widest)
    ax.set_ylim(0, 1.08 * float(height.max()) or 1.0)
    ax.set_xlabel(f"difference of means ({unit})")
    ax.set_ylabel("−log10 p (moderated t)")
    ax.set_title(f"{title}\n{is_found.sum():,} of {len(table):,} features at FDR < {q:g}{bounds}")
    legend_below(ax, 3)
    _name_surest(ax, table[is_found], height, n_labels)
    return ax


def _name_surest(ax: Axes, coloured: pd.DataFrame, height: pd.Series, n_labels: int) -> None:
    """The lowest p of each direction by name, in a column at its side in the order of height."""
    is_up = coloured["difference"] > 0
    ax.figure.draw_without_rendering()  # so that the layout and the axes' size are settled
    frame = ax.get_window_extent()
    line = 1.3 * LABEL_SIZE * ax.figure.dpi / 72
    back = ax.transData.inverted()
    line_look = {"arrowstyle": "-", "color": "#999999", "lw": 0.6, "shrinkB": 2}
    for rows, align in [(is_up, "left"), (~is_up, "right")]:
        shown = coloured[rows].head(n_labels)
        if shown.empty:
            continue
        shown = shown.iloc[np.argsort(height[shown.index], kind="stable")]
        points = ax.transData.transform(np.column_stack([shown["difference"], height[shown.index]]))
        outermost = points[:, 0].max() + line if align == "left" else points[:, 0].min() - line
        height_of_names = _stacked(points[:, 1], line, frame.y1 - line / 2)
        places = np.column_stack([np.full(len(shown), outermost), height_of_names])
        for name, place, point in zip(shown["feature"], places, points, strict=True):
            ax.annotate(
                str(name),
                xy=back.transform(point),
                xytext=back.transform(place),
                textcoords="data",
                ha=align,
                va="center",
                fontsize=LABEL_SIZE,
                arrowprops=line_look | {"relpos": (0 if align == "left" else 1, 0.5)},
            )


def _stacked(heights: np.ndarray, gap: float, top: float) -> np.ndarray:
    """`heights`, ascending, moved so that none exceeds `top` and neighbours are `gap` apart.

    Centred on where they were: pushed up from below, pushed down from above, and averaged.
    """
    steps = gap * np.arange(len(heights))
    up = np.maximum.accumulate(heights - steps) + steps
    down = np.minimum.accumulate((heights - steps)[::-1])[::-1] + steps
    placed = (up + down) / 2
    return placed - max(0.0, placed[-1] - top)
