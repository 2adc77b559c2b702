"""Latents of every sample, ordered by group, beside how the latents go together."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers.figures.columns import need_columns
from helpers.vqvae_subtyping.figures.group_colours import group_colours
from helpers.vqvae_subtyping.latents.latent_groups import latent_association, sample_order

GROUP_COLOURS = ("#c9c9c9", "#1f6fd1", "#2e8b57", "#e08a00", "#8a4fbf", "#c8102e", "#222222")
"""Latent feature group → colour; 0, latents that do not vary, is grey."""


def plot_latent_heatmap(
    latents: ArrayLike,
    labels: ArrayLike,
    groups: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "latent (SD)",
    title: str = "Latents by subtype",
) -> Axes:
    """Samples × latents as colours: rows by label, columns by latent feature group.

    `latents`: samples × latents; the colour scale is symmetric about 0 up to the 99th percentile.
    Rows keep their order within a label. `groups`: columns group and position, as `latent_groups`
    returns, a row per latent. The strip on the left is the label, the one on top the group.

    Raises:
        ValueError: parts of unequal length, or a column of `groups` is missing.
    """
    x, names = np.asarray(latents, float), np.asarray(labels).astype(str)
    need_columns(groups, {"group", "position"})
    if x.ndim != 2 or x.shape != (len(names), len(groups)):
        raise ValueError(
            "`latents` must be samples × latents with a label per sample and a row of `groups` per "
            f"latent; got shape {x.shape}, {len(names)} labels and {len(groups)} rows."
        )
    ax = ax or plt.subplots(figsize=(7, 6), layout="constrained")[1]
    rows = np.argsort(names, kind="stable")
    columns = np.argsort(groups["position"].to_numpy())
    limit = float(np.percentile(np.abs(x), 99)) or 1.0
    shown = x[np.ix_(rows, columns)]
    look = {"aspect": "auto", "interpolation": "nearest", "rasterized": True}
    image = ax.imshow(shown, cmap="RdBu_r", vmin=-limit, vmax=limit, **look)
    _label_strip(ax, names[rows])
    _group_strip(ax, groups["group"].to_numpy()[columns])
    ax.set_xticks([])
    ax.set_xlabel(f"{x.shape[1]} latents, by latent feature group (LFG)")
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, label=unit, shrink=0.6, pad=0.02, extend="both")
    ax.set_title(f"{title} (n = {len(x):,})", pad=34)
    return ax


def _label_strip(ax: Axes, names: np.ndarray) -> None:
    """A strip of label colours on the left, with each label and its n at its middle."""
    order = list(dict.fromkeys(names))
    colours = group_colours(order)
    number = np.array([order.index(name) for name in names])
    strip = ax.inset_axes([-0.05, 0, 0.035, 1], sharey=ax)
    colour_map = ListedColormap([colours[name] for name in order])
    strip.imshow(
        number[:, None], aspect="auto", cmap=colour_map, vmin=0, vmax=max(1, len(order) - 1)
    )
    strip.set_xticks([])
    strip.spines[:].set_visible(False)
    middles = [float(np.flatnonzero(number == i).mean()) for i in range(len(order))]
    places = _spread_out(middles, 0.045 * len(names), len(names))
    counts = [f"{name or 'unknown'} {np.sum(names == name):,}" for name in order]
    strip.set_yticks(places, counts)
    strip.tick_params(length=0)
    ax.tick_params(left=False, labelleft=False)
    for edge in np.flatnonzero(np.diff(number)):
        ax.axhline(edge + 0.5, color="black", lw=0.8)


def _spread_out(places: list[float], gap: float, end: float) -> np.ndarray:
    """Ascending places moved so that neighbours are `gap` apart and none is past `end`."""
    moved = np.array(places, float)
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + gap)
    excess = end - gap / 2
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], excess)
        excess = moved[i] - gap
    return moved


def _group_strip(ax: Axes, group: np.ndarray) -> None:
    """A strip of group colours on top, each group named above its middle."""
    strip = ax.inset_axes([0, 1.012, 1, 0.03], sharex=ax)
    colour_map = ListedColormap(GROUP_COLOURS)
    strip.imshow((group % len(GROUP_COLOURS))[None], aspect="auto", cmap=colour_map, vmin=0, vmax=6)
    strip.set_axis_off()
    for number in np.unique(group):
        here = np.flatnonzero(group == number)
        text = f"LFG{number}" if number else "unused"
        if len(here) / len(group) > 0.05:
            ax.annotate(
                text, (here.mean(), 1.045), xycoords=("data", "axes fraction"), ha="center",
                va="bottom", fontsize=9.5, color="black",
            )  # fmt: skip
    for edge in np.flatnonzero(np.diff(group)):
        ax.axvline(edge + 0.5, color="black", lw=0.8)


def plot_latent_association(
    association: ArrayLike,
    groups: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "|Pearson r|",
    title: str = "Latents that go together",
) -> Axes:
    """Association of every two latents in [0, 1], in the order of their groups.

    `association`: latents × latents, as `latent_association` returns; `groups` as above.

    Raises:
        ValueError: not square with a row of `groups` per latent, or a column is missing.
    """
    strength = np.asarray(association, float)
    need_columns(groups, {"group", "position"})
    if strength.shape != (len(groups), len(groups)):
        raise ValueError(
            f"`association` must be latents × latents with a row of `groups` each; got shape "
            f"{strength.shape} and {len(groups)} rows."
        )
    ax = ax or plt.subplots(figsize=(5.4, 5), layout="constrained")[1]
    order = np.argsort(groups["position"].to_numpy())
    image = ax.imshow(strength[np.ix_(order, order)], cmap="Blues", vmin=0, vmax=1, aspect="auto")
    _group_strip(ax, groups["group"].to_numpy()[order])
    for edge in np.flatnonzero(np.diff(groups["group"].to_numpy()[order])):
        ax.axhline(edge + 0.5, color="black", lw=0.8)
    ax.set(xticks=[], yticks=[], xlabel="latents", ylabel="latents")
    ax.figure.colorbar(image, ax=ax, label=unit, shrink=0.6, pad=0.02)
    ax.set_title(f"{title} ({len(groups)})", pad=32)
    return ax


def plot_latent_groups(levels: np.ndarray, labels: np.ndarray, groups: pd.DataFrame) -> Figure:
    """Left the latents of every sample, ordered by likeness within a label; right how they go
    together.

    `levels`: samples × latents. `labels`: of each sample. `groups`: as `latent_groups` returns.
    """
    order = sample_order(levels, labels)
    figure, axes = plt.subplots(1, 2, figsize=(12, 6), layout="constrained", width_ratios=[1.2, 1])
    unit = "code, counted from its mean"
    plot_latent_heatmap(levels[order], labels[order], groups, axes[0], unit=unit)
    title = f"Latents that go together in {len(levels):,} patients"
    plot_latent_association(latent_association(levels), groups, axes[1], title=title)
    return figure
