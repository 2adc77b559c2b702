"""A competing-endogenous-RNA network: microRNAs and the RNAs they repress."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from helpers.figures.embedding import spread
from helpers.figures.palette import legend_below

LABEL_SIZE = 9  # pt
_WIDE = Affine2D().scale(1.5, 1)
_BOX = Path.unit_rectangle().transformed(Affine2D().translate(-0.5, -0.5).scale(2))
KINDS = {  # marker, colour, name
    "microRNA": ("D", "#3b6fb6", "microRNA"),
    "gene": (Path.unit_circle().transformed(_WIDE), "#8e5aa8", "protein-coding gene"),
    "lncRNA": (_BOX.transformed(_WIDE), "#8a8a8a", "long non-coding RNA"),
}


def plot_regulation(
    pairs: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_nodes: int = 60,
    n_labels: int = 14,
    title: str = "Regulatory network",
) -> Axes:
    """Network of microRNA–gene pairs: diamonds, ellipses and squares; larger is more pairs.

    Shows the `n_nodes` nodes with most pairs, half of them microRNAs, and the pairs among them;
    `n_labels` of them are named, again half of each. Lines are darker the lower the correlation.
    `pairs`: columns microRNA, gene, kind ("gene" | "lncRNA"), correlation, as `regulation_pairs`
    returns them.

    Raises:
        ValueError: no pairs.
    """
    if pairs.empty:
        raise ValueError("`pairs` is empty: no network to draw; say so in the text instead.")
    degree = pd.concat([pairs["microRNA"], pairs["gene"]]).value_counts(sort=False)
    degree = degree.sort_values(ascending=False, kind="stable")
    is_mirna = degree.index.isin(pairs["microRNA"])
    half = n_nodes // 2
    drawn_nodes = {*degree.index[is_mirna][:half], *degree.index[~is_mirna][:half]}
    sides = [degree.index[side][: n_labels // 2] for side in (is_mirna, ~is_mirna)]
    shown = pairs[pairs["microRNA"].isin(drawn_nodes) & pairs["gene"].isin(drawn_nodes)]
    place = _places(shown)
    ax = ax or plt.subplots(figsize=(7.2, 6.8), layout="constrained")[1]
    ends = [(place[pair.microRNA], place[pair.gene]) for pair in shown.itertuples()]
    strength = np.minimum(1.0, 0.25 + 1.5 * shown["correlation"].abs().to_numpy())
    black = [(0, 0, 0, 0.6 * of_pair) for of_pair in strength]
    ax.add_collection(LineCollection(ends, colors=black, linewidths=0.8, zorder=1))
    nodes = pd.concat([_nodes(pairs, "microRNA"), _nodes(pairs, "gene")])
    for name, (marker, colour, words) in KINDS.items():
        all_of_kind = nodes.index[nodes == name]
        drawn = [node for node in all_of_kind if node in place]
        look = {"marker": marker, "color": colour, "edgecolors": "white", "linewidths": 0.6}
        if len(all_of_kind):
            xy = np.array([place[node] for node in drawn]).reshape(-1, 2)
            ax.scatter(*xy.T, s=[30 + 7 * degree[node] for node in drawn], zorder=2, **look)
            label = f"{words} {len(drawn):,} of {len(all_of_kind):,}"
            ax.scatter([], [], s=60, label=label, **look)
    ax.set_axis_off()
    ax.margins(0.08)
    ax.set_title(f"{title}\n{len(shown):,} of {len(pairs):,} pairs shown")
    legend_below(ax, 3, gap=0.05, fontsize=9)
    _name(ax, [node for side in sides for node in side if node in place], place)
    return ax


def plot_networks(
    pairs: Mapping[str, pd.DataFrame], n_patients: Mapping[str, int]
) -> dict[str, Axes]:
    """`plot_regulation` of each cluster that has a pair, side by side: "regulation", or none.

    `pairs` and `n_patients`: by cluster.
    """
    drawn = {name: of_cluster for name, of_cluster in pairs.items() if len(of_cluster)}
    if not drawn:
        return {}
    size, one = (7.2 * len(drawn), 6.8), {"squeeze": False, "layout": "constrained"}
    axes = plt.subplots(1, len(drawn), figsize=size, **one)[1][0]
    for ax, (name, of_cluster) in zip(axes, drawn.items(), strict=True):
        title = f"Network of cluster {name} (n = {n_patients[name]:,} patients)"
        plot_regulation(of_cluster, ax, title=title)
    return {"regulation": axes[0]}


def _places(pairs: pd.DataFrame) -> dict:
    """Node → where it lies: a spring layout, started evenly on a circle.

    Kamada & Kawai (1989): the distance of two nodes shall be the number of steps between them, and
    a wrong one weighs by its share, Σ (|xᵢ − xⱼ| / dᵢⱼ − 1)². Nodes without a path between them
    are a step farther apart than any others.
    """
    nodes, ends = np.unique(pairs[["microRNA", "gene"]].to_numpy(str), return_inverse=True)
    ends, n = ends.reshape(-1, 2), len(nodes)
    steps = shortest_path(csr_array((np.ones(len(ends)), ends.T), (n, n)), directed=False)
    steps[np.isinf(steps)] = steps[np.isfinite(steps)].max() + 1
    np.fill_diagonal(steps, 1)
    angle = 2 * np.pi * np.arange(n) / n
    circle = np.column_stack([np.cos(angle), np.sin(angle)]) * steps.max() / 2
    found = minimize(_strain, circle.ravel(), (steps,), method="L-BFGS-B", jac=True)
    return dict(zip(nodes, found.x.reshape(n, 2), strict=True))


def _strain(flat: np.ndarray, steps: np.ndarray) -> tuple[float, np.ndarray]:
    """The sum that `_places` makes small, over both orders of a pair, and its gradient."""
    apart = flat.reshape(-1, 1, 2) - flat.reshape(-1, 2)  # node × node × 2
    distance = np.sqrt(np.square(apart).sum(axis=2))
    off = distance / steps - 1
    np.fill_diagonal(off, 0)
    # d/dx of (r / d − 1)² is 2 (r / d − 1) / (d r) · (xᵢ − xⱼ), and every pair counts twice.
    pull = np.divide(4 * off, steps * distance, out=np.zeros_like(off), where=distance > 0)
    return float(np.square(off).sum()), (pull[:, :, None] * apart).sum(axis=1).ravel()


def _nodes(pairs: pd.DataFrame, column: str) -> pd.Series:
    """Node → kind, most pairs first."""
    kind = pairs["kind"] if column == "gene" else "microRNA"
    nodes = pairs.assign(kind=kind).drop_duplicates(column).set_index(column)["kind"]
    return nodes.reindex(pairs[column].value_counts().index)


def _name(ax: Axes, nodes: list, place: dict) -> None:
    """Names above their nodes, apart from one another."""
    ax.figure.draw_without_rendering()  # so that the layout and the axes' size are settled
    line = LABEL_SIZE * ax.figure.dpi / 72
    points = ax.transData.transform(np.array([place[node] for node in nodes]))
    sizes = np.array([[0.55 * line * len(str(node)), 1.3 * line] for node in nodes])
    frame = ax.get_window_extent()
    above = points + np.array([0, 1.3 * line])
    places = spread(above, sizes, (frame.x0, frame.y0, frame.x1, frame.y1))
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    for node, xy in zip(nodes, ax.transData.inverted().transform(places), strict=True):
        ax.text(
            *xy,
            str(node).removeprefix("hsa-"),
            ha="center",
            va="center",
            fontsize=LABEL_SIZE,
            path_effects=halo,
            zorder=3,
        )
