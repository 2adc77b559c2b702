"""Pathways as boxes and arrows, each gene coloured by what a cluster does to it."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch

from helpers.vqvae_subtyping.biology.pathways import BREAST_CANCER_PATHWAYS

NOT_MEASURED = "#d9d9d9"
BOX = (0.78, 0.62)  # of a layer's width and a row's height


def plot_pathway_map(
    edges: pd.DataFrame,
    effects: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    q: float = 0.05,
    unit: str = "standard deviations",
    title: str = "Breast cancer pathways",
) -> list[Axes]:
    """A panel per pathway: red boxes higher in the cluster, blue lower, grey not measured.

    Bold frame: q below `q`. Arrows: activates or expresses; bars: inhibits. Genes run from left,
    where signals come in, to right. `edges`: columns pathway, subtypes, source, target, effect (1
    or −1), without circles; `effects`: one cluster's columns pathway, gene, is_measured,
    difference (in `unit`), q.

    Raises:
        ValueError: more than one cluster, or fewer axes than pathways.
    """
    if effects.duplicated(["pathway", "gene"]).any():
        raise ValueError(
            "`effects` must be of one cluster, a row per pathway and gene. Keep one value of "
            "`cluster`."
        )
    panels = [part for _, part in edges.groupby("pathway", sort=False)]
    axes = _axes(panels) if axes is None else list(axes)
    if len(axes) < len(panels):
        raise ValueError(f"{len(panels)} pathways need as many axes; got {len(axes)}.")
    limit = float(effects["difference"].abs().max())
    norm = mpl.colors.Normalize(*((-limit, limit) if limit > 0 else (-1, 1)))
    for ax, panel in zip(axes, panels, strict=False):
        pathway = panel["pathway"].iloc[0]
        rows = effects[effects["pathway"] == pathway].set_index("gene")
        _draw(ax, panel, rows, norm, q)
        n = f"{int(rows['is_measured'].sum())} of {len(rows)} genes measured"
        ax.set_title(f"{pathway} ({panel['subtypes'].iloc[0]}): {n}", fontsize=11)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    _legend(axes, norm, q, unit)
    axes[0].figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return axes[: len(panels)]


def plot_breast_cancer_map(effects: pd.DataFrame) -> Figure:
    """`plot_pathway_map` of the pathways that breast cancer subtypes are named for, in one column.

    `effects`: of one cluster.
    """
    n_pathways = BREAST_CANCER_PATHWAYS["pathway"].nunique()
    figure, axes = plt.subplots(n_pathways, 1, figsize=(9, 17), layout="constrained")
    plot_pathway_map(BREAST_CANCER_PATHWAYS, effects, axes)
    return figure


def layers(edges: pd.DataFrame) -> dict[str, int]:
    """Column of each gene, 0 first: after all that act on it, and just before what it acts on.

    Raises:
        ValueError: the edges run in a circle.
    """
    import networkx

    graph = networkx.DiGraph(edges[["source", "target"]].to_numpy().tolist())
    if not networkx.is_directed_acyclic_graph(graph):
        circle = " → ".join(a for a, _ in networkx.find_cycle(graph))
        raise ValueError(f"A pathway to be drawn must not run in a circle: {circle}. Drop an edge.")
    generations = enumerate(networkx.topological_generations(graph))
    column = {gene: number for number, genes in generations for gene in genes}
    for gene in graph:
        if not graph.in_degree(gene):
            column[gene] = min(column[target] for target in graph.successors(gene)) - 1
    return column


def _axes(panels: list[pd.DataFrame]) -> list[Axes]:
    rows = [max(np.bincount(list(layers(panel).values()))) for panel in panels]
    height = 0.36 * sum(rows) + 0.5 * len(rows) + 1.2
    options = {"figsize": (8, height), "height_ratios": [n + 0.6 for n in rows]}
    _, axes = plt.subplots(len(panels), squeeze=False, layout="constrained", **options)
    return list(axes[:, 0])


def _places(edges: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Gene → (column, row); the rows of a column follow those of its sources."""
    column = layers(edges)
    sources = edges.groupby("target")["source"].agg(list)
    place: dict[str, tuple[float, float]] = {}
    for number in range(max(column.values()) + 1):
        genes = [gene for gene in column if column[gene] == number]
        height = {
            gene: np.mean([place[s][1] for s in sources.get(gene, []) if s in place] or [0.0])
            for gene in genes
        }
        genes.sort(key=height.get)
        for row, gene in enumerate(genes):
            place[gene] = (number, row - (len(genes) - 1) / 2)
    return place


def _draw(
    ax: Axes, edges: pd.DataFrame, effects: pd.DataFrame, norm: mpl.colors.Normalize, q: float
) -> None:
    place = _places(edges)
    for edge in edges.itertuples():
        (x0, y0), (x1, y1) = place[edge.source], place[edge.target]
        head = "-|>,head_length=3,head_width=1.6" if edge.effect > 0 else "|-|,widthA=0,widthB=3.5"
        colour = "#555555" if edge.effect > 0 else "#8a1c1c"
        ends = (x0 + BOX[0] / 2, y0), (x1 - BOX[0] / 2, y1)
        look = {"arrowstyle": head, "lw": 0.7, "color": colour, "shrinkA": 0, "shrinkB": 1.5}
        ax.add_patch(FancyArrowPatch(*ends, **look))
    for gene, (x, y) in place.items():
        row = effects.loc[gene] if gene in effects.index else None
        is_measured = row is not None and bool(row["is_measured"])
        face = mpl.colormaps["RdBu_r"](norm(row["difference"])) if is_measured else NOT_MEASURED
        is_sure = is_measured and row["q"] < q
        look = {"facecolor": face, "edgecolor": "#111111" if is_sure else "#9a9a9a"}
        corner = (x - BOX[0] / 2, y - BOX[1] / 2)
        ax.add_patch(plt.Rectangle(corner, *BOX, lw=1.8 if is_sure else 0.6, zorder=2, **look))
        is_dark = is_measured and abs(norm(row["difference"]) - 0.5) > 0.33
        ax.text(
            x,
            y,
            gene,
            ha="center",
            va="center_baseline",
            fontsize=9,
            zorder=3,
            color="white" if is_dark else "#111111",
        )
    xs, ys = np.array(list(place.values())).T
    ax.set(xlim=(-0.5, max(xs.max(), 7) + 0.5), ylim=(ys.max() + 0.5, ys.min() - 0.5))
    ax.set_axis_off()


def _legend(axes: list[Axes], norm: mpl.colors.Normalize, q: float, unit: str) -> None:
    figure = axes[0].figure
    shades = mpl.cm.ScalarMappable(norm, "RdBu_r")
    bar = figure.colorbar(
        shades, ax=axes, orientation="horizontal", shrink=0.5, aspect=35, pad=0.02
    )
    bar.set_label(f"difference from the other patients ({unit})")
    handles = [
        Patch(facecolor=NOT_MEASURED, edgecolor="#9a9a9a", label="not measured"),
        Patch(facecolor="white", edgecolor="#111111", lw=1.8, label=f"FDR < {q:g}"),
        mpl.lines.Line2D([], [], color="#555555", marker=">", ms=4, lw=0.8, label="activates"),
        mpl.lines.Line2D([], [], color="#8a1c1c", marker="|", ms=7, lw=0.8, label="inhibits"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)
