"""Small scatters side by side: the PCA or t-SNE of every extractor, by subtype or cluster."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers.vqvae_subtyping.figures.extractor_names import EXTRACTOR_LABELS
from helpers.vqvae_subtyping.figures.group_colours import group_colours


def plot_panels(
    panels: Mapping[str, ArrayLike],
    labels: ArrayLike | Mapping[str, ArrayLike],
    *,
    axis: str = "PC",
    n_columns: int = 3,
    title: str = "",
) -> Figure:
    """Small scatters side by side: PCA or t-SNE of every extractor, by group.

    One legend for all, or one a panel where panels have groups of their own.

    `panels`: title → samples × 2; an extractor's key is written out. `labels`: one group per sample
    for all panels, or title → groups.
    `axis`: what the axes are. Distances in a t-SNE are not to be read.

    Raises:
        ValueError: a panel that is not samples × 2 or has another number of samples than labels.
    """
    points = {key: np.asarray(xy, float) for key, xy in panels.items()}
    groups = {key: labels[key] if isinstance(labels, Mapping) else labels for key in points}
    groups = {key: np.asarray(values).astype(str) for key, values in groups.items()}
    for key, xy in points.items():
        if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) != len(groups[key]):
            raise ValueError(
                f"each panel must be samples × 2 with one label per sample; {key!r} has shape "
                f"{xy.shape} and {len(groups[key])} labels."
            )
    n_columns = min(n_columns, len(points))
    n_rows = -(-len(points) // n_columns)
    size = (0.4 + 2.9 * n_columns, 0.9 + 2.8 * n_rows)
    figure, axes = plt.subplots(n_rows, n_columns, figsize=size, layout="constrained")
    colours = group_colours(np.unique(np.concatenate([*groups.values()])))
    for ax, (key, xy) in zip(np.ravel(axes), points.items(), strict=False):
        _panel(ax, xy, groups[key], colours, axis)
        ax.set_title(f"{EXTRACTOR_LABELS.get(key, key)} (n = {len(xy):,})", fontsize=11)
    for ax in np.ravel(axes)[len(points) :]:
        ax.set_axis_off()
    if isinstance(labels, Mapping):
        for ax, values in zip(np.ravel(axes), groups.values(), strict=False):
            below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.1), "columnspacing": 0.8}
            ax.legend(*_key(colours, values), ncols=3, handletextpad=0.1, frameon=False, **below)
    else:
        key = _key(colours, next(iter(groups.values())))
        figure.legend(*key, loc="outside lower center", ncols=6, handletextpad=0.1)
    figure.suptitle(title or None, x=0.02, ha="left")
    return figure


def _key(colours: Mapping[str, str], groups: np.ndarray) -> tuple[list, list[str]]:
    """A dot a group, and the groups' names."""
    names = np.unique(groups)
    dots = [plt.Line2D([], [], ls="", marker="o", color=colours[name]) for name in names]
    return dots, [name or "unknown" for name in names]


def _panel(ax: Axes, xy: np.ndarray, groups: np.ndarray, colours: Mapping, axis: str) -> None:
    order = np.random.default_rng(0).permutation(len(xy))  # so that no group hides another
    size = float(np.clip(6_000 / len(xy), 4, 20))
    ax.scatter(
        *xy[order].T, s=size, c=[colours[g] for g in groups[order]], alpha=0.75, lw=0,
        rasterized=True,
    )  # fmt: skip
    ax.set(xlabel=f"{axis} 1", ylabel=f"{axis} 2", xticks=[], yticks=[])
