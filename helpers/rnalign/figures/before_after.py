"""Tumours and cell lines before and after alignment, and which lines find their own type."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from helpers.evaluate.wording import counted
from helpers.figures.columns import need_columns
from helpers.figures.palette import NEUTRAL, cancer_colours, legend_below
from helpers.rnalign.figures.method_scores import METHOD_LABELS, method_colour

MARKERS = "osD^vP"


def plot_before_after(
    xy_before: ArrayLike,
    xy_after: ArrayLike,
    cancer_type: ArrayLike,
    is_line: ArrayLike,
    axes: Sequence[Axes] | None = None,
    *,
    name: str = "UMAP",
    titles: tuple[str, str] = ("Input", "Aligned"),
) -> np.ndarray:
    """Two embeddings of the same samples side by side: tumours as dots, lines as triangles.

    `xy_before`, `xy_after`: samples × 2. `axes`: two axes, or None for a new figure. Colour is the
    type, with n of tumours and lines in the legend below. Aligned lines lie among dots of their
    colour; distances in a UMAP are not to be read. Returns the two axes.

    Raises:
        ValueError: an embedding is not samples × 2, or `is_line` has another length.
    """
    names, lines = np.asarray(cancer_type).astype(str), np.asarray(is_line).astype(bool)
    pictures = [np.asarray(xy, float) for xy in (xy_before, xy_after)]
    shapes = {points.shape for points in pictures} | {(len(lines), 2)}
    if shapes != {(len(names), 2)}:
        raise ValueError(
            f"Both embeddings must be samples × 2 for {len(names)} samples; got shapes "
            f"{sorted(shapes)}."
        )
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(10, 6), layout="constrained")[1]
    colours = cancer_colours(names)
    for ax, points, title in zip(axes, pictures, titles, strict=True):
        _scatter_origins(ax, points, names, lines, colours)
        ax.set(xlabel=f"{name} 1", ylabel=f"{name} 2", xticks=[], yticks=[], title=title)
    handles = _origin_legend(names, lines, colours)
    axes[0].figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
    return np.asarray(axes)


def _scatter_origins(
    ax: Axes, points: np.ndarray, names: np.ndarray, is_line: np.ndarray, colours: dict[str, str]
) -> None:
    """Tumours first, then lines on top, each in one random order."""
    order = np.random.default_rng(0).permutation(len(points))
    looks = {
        False: {"s": 11, "alpha": 0.75, "edgecolors": "#555555", "linewidths": 0.2},
        True: {"s": 26, "marker": "^", "edgecolors": "black", "linewidths": 0.5},
    }
    for side, look in looks.items():
        chosen = order[is_line[order] == side]
        colour = [colours[name] for name in names[chosen]]
        ax.scatter(*points[chosen].T, c=colour, rasterized=True, **look)


def _origin_legend(names: np.ndarray, is_line: np.ndarray, colours: dict[str, str]) -> list[Line2D]:
    """One entry a type with both its counts, and one for each marker."""

    def mark(label: str, marker: str, colour: str, edge: str) -> Line2D:
        look = {"marker": marker, "color": colour, "markeredgecolor": edge, "ls": ""}
        return Line2D([], [], label=label, markersize=6, **look)

    totals = (~is_line).sum(), is_line.sum()
    origins = [
        mark(f"tumours (n = {totals[0]:,})", "o", NEUTRAL, "none"),
        mark(f"cell lines (n = {totals[1]:,})", "^", NEUTRAL, "black"),
    ]
    types = []
    for name in np.unique(names):
        n_tumours, n_lines = (names[~is_line] == name).sum(), (names[is_line] == name).sum()
        counts = f"{counted(n_tumours, 'tumour')}, {counted(n_lines, 'line')}"
        types.append(mark(f"{name} ({counts})", "s", colours[name], "none"))
    return origins + types


def plot_match_by_type(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    methods: Sequence[str] | None = None,
    title: str = "Cell lines among tumours of their own type",
) -> Axes:
    """Share of each type's lines that their nearest tumours call rightly, a mark per method.

    `table`: a row per method, cancer_type (and seed), with columns method, cancer_type, n, matched
    and chance, and low and high for an interval; over several seeds the mean ± SD is drawn. Types
    are ordered by the last of `methods` (None: as they come). The bar | is what chance gives.

    Raises:
        ValueError: a column is missing, or more methods than can be told apart.
    """
    need_columns(table, {"method", "cancer_type", "n", "matched", "chance"})
    methods = [*dict.fromkeys(table["method"])] if methods is None else [*methods]
    if len(methods) > len(MARKERS):
        raise ValueError(f"At most {len(MARKERS)} methods are told apart; got {methods}.")
    mean = table.pivot_table(index="cancer_type", columns="method", values="matched")[methods]
    mean = mean.sort_values(methods[-1], ascending=False, kind="stable")
    ax = ax or plt.subplots(figsize=(7, 1.8 + 0.55 * len(mean)), layout="constrained")[1]
    gap = 0.7 / max(len(methods), 2)
    for number, method in enumerate(methods):
        y = np.arange(len(mean)) + gap * (number - (len(methods) - 1) / 2)
        error = _match_error(table[table["method"] == method], mean[method])
        look = {"color": method_colour(method), "label": METHOD_LABELS.get(method, method)}
        ax.errorbar(mean[method], y, xerr=error, fmt=MARKERS[number], ms=6, lw=1.2, **look)
    first = table.groupby("cancer_type")[["chance", "n"]].first().loc[mean.index]
    mark = {"marker": "|", "s": 260, "color": "black", "lw": 1.5, "label": "chance", "zorder": 3}
    ax.scatter(first["chance"], np.arange(len(mean)), **mark)
    ax.set_yticks(range(len(mean)), [f"{name} (n = {n:,})" for name, n in first["n"].items()])
    ax.set(ylim=(len(mean) - 0.5, -0.5), xlim=(-0.03, 1.03))
    ax.set_xlabel(f"share of lines matched ({_match_spread(table)}); higher is better")
    ax.set_title(f"{title} (n = {first['n'].sum():,} lines)")
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    for row in range(1, len(mean)):
        ax.axhline(row - 0.5, color="#e4e4e4", lw=0.8)
    legend_below(ax, 3)
    return ax


def _match_error(rows: pd.DataFrame, mean: pd.Series) -> np.ndarray | None:
    """SD over seeds where there are several, else the interval given, else nothing."""
    groups = rows.groupby("cancer_type")
    if groups.size().max() > 1:
        sd = groups["matched"].std(ddof=1).reindex(mean.index)
        return np.stack([sd, sd])
    if not {"low", "high"} <= set(rows):
        return None
    low, high = (groups[side].first().reindex(mean.index) for side in ("low", "high"))
    return np.clip(np.stack([mean - low, high - mean]), 0, None)


def _match_spread(table: pd.DataFrame) -> str:
    n_seeds = int(table.groupby(["method", "cancer_type"]).size().max())
    if n_seeds > 1:
        return f"mean ± SD over {n_seeds} seeds"
    return "Wilson 95 % interval" if {"low", "high"} <= set(table) else "1 seed"
