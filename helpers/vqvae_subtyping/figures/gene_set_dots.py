"""Gene sets over-represented among the features that rise or fall in each cluster, as dots."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.set_names import readable

SIZES = (0.02, 0.1, 0.25)  # shares of the hits that the legend shows
AREA = 900  # points² for all of a cluster's hits
ARROWS = {"up": "▲", "down": "▼"}


def plot_over_representation(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_sets: int = 5,
    q: float = 0.05,
    title: str = "Over-represented sets",
) -> Axes:
    """Sets × clusters; size is the share of a cluster's hits in the set, colour −log10 of the FDR.

    Shows the `n_sets` sets of lowest q of each cluster and direction that are below `q`; a cross
    stands where a set is not below it. `table`: columns cluster, direction, set, n_hits,
    n_overlap, q, as `over_represented_by_cluster` returns it.

    Raises:
        ValueError: no set below `q`.
    """
    passing = table[table["q"] < q].sort_values("q", kind="stable")
    if passing.empty:
        raise ValueError(f"No set has q < {q:g}; say so in the text instead of plotting.")
    columns = [(c, d) for c in sorted(table["cluster"].unique()) for d in ARROWS]
    best = passing.groupby(["cluster", "direction"], sort=False).head(n_sets)
    order = {column: number for number, column in enumerate(columns)}
    place = [order[pair] for pair in zip(best["cluster"], best["direction"], strict=True)]
    rows = list(dict.fromkeys(best.assign(place=place).sort_values("place", kind="stable")["set"]))
    shown = table[table["set"].isin(rows) & (table["n_overlap"] > 0)]
    x = np.array([order[p] for p in zip(shown["cluster"], shown["direction"], strict=True)])
    y = np.array([rows.index(name) for name in shown["set"]])
    share, passes = shown["n_overlap"] / shown["n_hits"], shown["q"] < q
    ax = ax or plt.subplots(figsize=(8, 2.2 + 0.3 * len(rows)), layout="constrained")[1]
    colour = -np.log10(shown["q"].clip(lower=1e-300))
    top = float(colour.max())
    look = {"cmap": "viridis_r", "vmin": -np.log10(q), "vmax": max(top, -np.log10(q) + 0.1)}
    dots = ax.scatter(x[passes], y[passes], s=AREA * share[passes], c=colour[passes], **look)
    ax.scatter(x[~passes], y[~passes], s=14, marker="x", color="#b5b5b5", lw=0.8)
    _decorate(ax, columns, rows, table)
    n_tests = f"{len(passing):,} of {len(table):,} tests, {len(rows)} sets shown"
    ax.set_title(f"{title}\nFDR < {q:g}: {n_tests}; × above it")
    ax.figure.colorbar(dots, ax=ax, shrink=0.7, pad=0.02).set_label("−log10 FDR")
    return ax


def plot_collections(tables: Mapping[str, pd.DataFrame], n_samples: int) -> dict[str, Axes]:
    """`plot_over_representation` of every collection in which any set is below q = 0.05."""
    return {
        name: plot_over_representation(table, title=f"{name} (n = {n_samples:,} patients)")
        for name, table in tables.items()
        if (table["q"] < 0.05).any()
    }


def _decorate(ax: Axes, columns: list[tuple], rows: list[str], table: pd.DataFrame) -> None:
    n_hits = table.groupby(["cluster", "direction"])["n_hits"].first()
    names = [f"{c} {ARROWS[d]}\n{n_hits.get((c, d), 0):,}" for c, d in columns]
    ax.set_xticks(range(len(columns)), names, fontsize=9)
    ax.set_yticks(range(len(rows)), [_short(name) for name in rows], fontsize=9)
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel("cluster, higher (▲) or lower (▼) than the others; number of features")
    ax.grid(color="#ececec", lw=0.8)
    ax.set_axisbelow(True)
    for share in SIZES:
        ax.scatter([], [], s=AREA * share, color="#8a8a8a", label=f"{share:.0%} of the features")
    ax.figure.legend(
        *ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9
    )


def _short(name: str) -> str:
    """The readable name of a set, without GO's number."""
    bare = str(name).split(" (GO:")[0]
    text = readable(bare) if "_" in bare else bare
    return text if len(text) <= 46 else f"{text[:45]}…"
