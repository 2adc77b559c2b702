"""Gene-set enrichment of latent dimensions: all of them, and the named hallmark tasks."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.figures.palette import ACCENT, legend_below
from helpers.figures.set_names import readable


def plot_enrichment(
    enrichment: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_sets: int = 25,
    fdr: float = 0.05,
    fdr_column: str = "fdr",
    title: str = "Enrichment of latent dimensions",
) -> Axes:
    """Heat map of NES, sets × dimensions; ∗ where the FDR is below `fdr`.

    Shows the `n_sets` sets with the most such tests, then the lowest FDR; rows are ordered by the
    dimension they are strongest in. Hatched grey: the NES is not defined, since hardly any null ES
    had the sign of the set's. The sign of a dimension is arbitrary. `enrichment`: columns
    dimension, set, nes, and `fdr_column` ("fdr_camera" for the test that allows for co-expression).

    Raises:
        ValueError: no tests.
    """
    if enrichment.empty:
        raise ValueError("`enrichment` has no tests to show; no dimension varied.")
    nes, q = _wide(enrichment, "nes"), _wide(enrichment, fdr_column)
    shown = _sets_to_show(nes, q, n_sets, fdr)
    nes, q = nes.loc[shown], q.loc[shown]
    ax = ax or plt.subplots(figsize=(8, 1.6 + 0.235 * len(nes)), layout="constrained")[1]
    limit = float(np.nanmax(np.abs(nes.to_numpy()))) or 1.0
    image = ax.imshow(nes, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    for i, j in np.argwhere(q.to_numpy() < fdr):
        colour = "white" if abs(nes.iloc[i, j]) > 0.6 * limit else "black"
        ax.text(j, i + 0.12, "∗", ha="center", va="center", color=colour, fontsize=9)
    _hatch_missing(ax, nes)
    step = max(1, int(np.ceil(nes.shape[1] / 24)))
    ticks = range(0, nes.shape[1], step)
    ax.set_xticks(ticks, [nes.columns[tick] for tick in ticks], fontsize=9, rotation=90)
    ax.set_yticks(range(len(nes)), [readable(name) for name in nes.index], fontsize=9)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("latent dimension")
    n_found = int((enrichment[fdr_column] < fdr).sum())
    ax.set_title(
        f"{title}\n∗ FDR < {fdr:g}: {n_found:,} of {len(enrichment):,} tests, "
        f"{len(nes)} of {enrichment['set'].nunique():,} sets shown"
    )
    ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.01).set_label("NES")
    return ax


def _hatch_missing(ax: Axes, nes: pd.DataFrame) -> None:
    """Grey hatched cells where the NES is missing, and a legend that says so."""
    look = {"facecolor": "#d9d9d9", "edgecolor": "#8a8a8a", "hatch": "////", "lw": 0}
    missing = np.argwhere(nes.isna().to_numpy())
    for row, column in missing:
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **look))
    if len(missing):
        label = f"NES not defined ({len(missing)} of {nes.size} cells)"
        ax.scatter([], [], s=90, marker="s", label=label, **(look | {"lw": 0.5}))
        legend_below(ax, 1)


def _sets_to_show(nes: pd.DataFrame, q: pd.DataFrame, n_sets: int, fdr: float) -> pd.Index:
    """Those significant in most dimensions, in the order of the dimension each is strongest in."""
    rank = pd.DataFrame({"n": -(q < fdr).sum(axis=1), "q": q.min(axis=1)})
    shown = rank.sort_values(["n", "q"], kind="stable").index[:n_sets]
    strongest = nes.loc[shown].abs().fillna(0).to_numpy().argmax(axis=1)
    return shown[np.argsort(strongest, kind="stable")]


def plot_tasks(
    tasks: pd.DataFrame, ax: Axes | None = None, *, fdr: float = 0.05, title: str = "Hallmark tasks"
) -> Axes:
    """|NES| of the best dimension of each named task as bars; grey if the FDR is not below `fdr`.

    `tasks`: index task; columns set, dimension, nes, fdr, n_sets, as `task_table` returns. A task
    without a tested set says so.
    """
    ax = ax or plt.subplots(figsize=(7.5, 1.4 + 0.62 * len(tasks)), layout="constrained")[1]
    nes = tasks["nes"].astype(float)
    is_found = tasks["fdr"].astype(float) < fdr
    colours = np.where(is_found, ACCENT, "#d0d0d0")
    ax.barh(range(len(tasks)), nes.abs().fillna(0), color=colours, height=0.42)
    for row, (_, task) in enumerate(tasks.iterrows()):
        text = "no set tested"
        if task["n_sets"]:
            text = f"{readable(task['set'])}, dimension {task['dimension']}, FDR {task['fdr']:.2g}"
        ax.text(0.02, row - 0.36, text, fontsize=9, va="center", color="#333333")
    ax.set_yticks(range(len(tasks)), tasks.index)
    ax.set_ylim(len(tasks) - 0.5, -0.7)
    ax.set_xlim(0, max(2.0, 1.05 * float(nes.abs().max() or 0)))
    ax.set_xlabel("|NES| of the best dimension")
    ax.set_title(f"{title}: {int(is_found.sum())} of {len(tasks)} at FDR < {fdr:g}")
    for colour, label in [(ACCENT, f"FDR < {fdr:g}"), ("#d0d0d0", f"FDR ≥ {fdr:g}")]:
        ax.bar([0], [0], color=colour, label=label)
    legend_below(ax, 2)
    return ax


def _wide(enrichment: pd.DataFrame, column: str) -> pd.DataFrame:
    order = list(dict.fromkeys(enrichment["dimension"]))
    wide = enrichment.pivot_table(column, "set", "dimension", sort=False, dropna=False)
    return wide[order].astype(float)
