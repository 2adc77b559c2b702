"""A two-dimensional embedding (UMAP, PCA) by cancer type, or by sequencing batch."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.figures.palette import EXTRA_COLOURS, cancer_colours, legend_below

LABEL_SIZE = 10  # pt


def plot_embedding(
    xy: ArrayLike,
    labels: ArrayLike,
    ax: Axes | None = None,
    *,
    name: str = "UMAP",
    title: str = "Samples by cancer type",
    direct_labels: bool = True,
) -> Axes:
    """Scatter of samples × 2, coloured and named by label at the median of each; n in the legend.

    `name`: what the axes are ("UMAP", "PC"). Distances in a UMAP are not to be read.

    Raises:
        ValueError: `xy` is not samples × 2, or has another number of samples than `labels`.
    """
    points, names = _checked(xy, labels)
    ax = ax or plt.subplots(figsize=(7, 6.4), layout="constrained")[1]
    _scatter(ax, points, names, cancer_colours(names))
    _decorate(ax, name, f"{title} (n = {len(points):,})")
    if direct_labels:
        _label_medians(ax, points, names)
    return ax


def plot_embedding_batch(
    xy: ArrayLike,
    batch: ArrayLike,
    ax: Axes | None = None,
    *,
    name: str = "UMAP",
    title: str = "Samples by sequencing machine",
) -> Axes:
    """The same scatter coloured by batch: a batch that fills a region of its own is an artefact.

    Raises:
        ValueError: as `plot_embedding`.
    """
    points, names = _checked(xy, batch)
    ax = ax or plt.subplots(figsize=(7, 6), layout="constrained")[1]
    order = pd.Series(names).value_counts().index
    colours = {name: EXTRA_COLOURS[i % len(EXTRA_COLOURS)] for i, name in enumerate(order)}
    _scatter(ax, points, names, colours)
    _decorate(ax, name, f"{title} (n = {len(points):,})")
    return ax


def _checked(xy: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    points, names = np.asarray(xy, float), np.asarray(labels).astype(str)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(names) or not len(names):
        raise ValueError(
            "`xy` must be samples × 2 with one label per sample; got shape "
            f"{points.shape} and {len(names)} labels."
        )
    return points, names


def _scatter(ax: Axes, points: np.ndarray, names: np.ndarray, colours: dict[str, str]) -> None:
    """All samples in one random order, so that no class hides another."""
    order = np.random.default_rng(0).permutation(len(points))
    size = float(np.clip(12_000 / len(points), 4, 25))
    colour = [colours[name] for name in names[order]]
    ax.scatter(*points[order].T, s=size, c=colour, alpha=0.75, linewidths=0, rasterized=True)
    for name, n in pd.Series(names).value_counts().sort_index().items():
        ax.scatter([], [], s=45, c=colours[name], label=f"{name} {n:,}")


def _decorate(ax: Axes, name: str, title: str) -> None:
    ax.set(xlabel=f"{name} 1", ylabel=f"{name} 2", xticks=[], yticks=[])
    ax.set_title(title)
    n_entries = len(ax.get_legend_handles_labels()[1])
    legend_below(ax, min(5, n_entries), gap=0.32, fontsize=9)


def _label_medians(ax: Axes, points: np.ndarray, names: np.ndarray) -> None:
    """Each class name at its median, pushed apart where two would overlap."""
    medians = pd.DataFrame(points).groupby(names).median()
    ax.margins(0.06)
    ax.autoscale_view()
    ax.figure.draw_without_rendering()  # so that the layout and the axes' size are settled
    anchors = ax.transData.transform(medians.to_numpy())
    height = LABEL_SIZE * ax.figure.dpi / 72
    size = np.array([[0.85 * height * len(name), 1.25 * height] for name in medians.index])
    frame = ax.get_window_extent()
    places = spread(anchors, size, (frame.x0, frame.y0, frame.x1, frame.y1))
    halo = [patheffects.withStroke(linewidth=3, foreground="white")]
    for name, place, anchor in zip(medians.index, places, anchors, strict=True):
        is_moved = np.linalg.norm(place - anchor) > 1.2 * height
        ax.annotate(
            name,
            xy=ax.transData.inverted().transform(anchor),
            xytext=ax.transData.inverted().transform(place),
            textcoords="data",
            ha="center",
            va="center",
            fontsize=LABEL_SIZE,
            fontweight="bold",
            color="#111111",
            path_effects=halo,
            arrowprops={"arrowstyle": "-", "color": "#444444", "lw": 0.8} if is_moved else None,
        )


def spread(
    centres: np.ndarray, sizes: np.ndarray, frame: tuple[float, float, float, float]
) -> np.ndarray:
    """Centres of boxes moved as little as it takes that none overlap and all stay in `frame`.

    `centres`, `sizes`: boxes × 2 (width, height), `frame`: (x0, y0, x1, y1), all in pixels.
    Overlapping pairs are pushed apart along the axis that needs less, over and over.
    """
    placed = centres.astype(float) + 0.01 * np.arange(len(centres))[:, None]
    low, high = np.array(frame[:2]) + sizes / 2, np.array(frame[2:]) - sizes / 2
    for _ in range(500):
        placed = np.clip(placed, low, np.maximum(low, high))
        gap = placed[:, None] - placed[None]
        overlap = (sizes[:, None] + sizes[None]) / 2 - np.abs(gap)
        hits = np.triu((overlap > 0).all(axis=2), k=1)
        if not hits.any():
            break
        for i, j in np.argwhere(hits):
            axis = int(overlap[i, j].argmin())
            push = (0.25 * overlap[i, j, axis] + 0.1) * (1 if gap[i, j, axis] >= 0 else -1)
            placed[i, axis] += push
            placed[j, axis] -= push
    return np.clip(placed, low, np.maximum(low, high))
