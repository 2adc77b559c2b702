"""Extractors × clusterers under one metric, and what speaks for a number of clusters."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below
from helpers.vqvae_subtyping.figures.extractor_names import CLUSTERER_LABELS, EXTRACTOR_LABELS
from helpers.vqvae_subtyping.figures.group_colours import ink_on

METRIC_LABELS = {
    "nmi": "NMI with known subtypes",
    "nmi_shuffled": "NMI with known subtypes, shuffled",
    "ari": "adjusted Rand index with known subtypes",
    "ami": "adjusted mutual information with known subtypes",
    "purity": "purity",
    "silhouette_common": "silhouette, one space for all",
    "silhouette_own": "silhouette, each in its own space",
}
"""Metric → its name in figures; higher is better in all."""

SCALE = LinearSegmentedColormap.from_list("scores", ["#f3f7fc", "#9cc3ef", "#1f6fd1", "#0a2f66"])


def plot_clustering_grid(
    table: pd.DataFrame,
    metric: str,
    ax: Axes | None = None,
    *,
    n_samples: int | None = None,
    title: str = "",
) -> Axes:
    """Mean ± SD over seeds of a metric, extractors × clusterers, darker is better, best outlined.

    `table`: columns extractor, clusterer, metric, mean, sd, n_seeds, as `summarise_grid` returns.
    Shades run from the worst to the best cell; a missing cell is a dash. `n_samples`: patients.

    Raises:
        ValueError: a column is missing, or the metric has no value.
    """
    need_columns(table, {"extractor", "clusterer", "metric", "mean", "sd", "n_seeds"})
    rows = table[(table["metric"] == metric) & table["mean"].notna()]
    if rows.empty:
        known = sorted(table.loc[table["mean"].notna(), "metric"].unique())
        raise ValueError(f"`metric` must have a value in the table: {known}; got {metric!r}.")
    mean, sd = (_wide(rows, value) for value in ("mean", "sd"))
    if ax is None:
        size = (1.6 + 1.05 * mean.shape[1], 1.5 + 0.55 * mean.shape[0])
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    _cells(ax, mean, sd, bool((rows["n_seeds"] > 1).any()))
    columns = [CLUSTERER_LABELS.get(name, name) for name in mean.columns]
    ax.set_xticks(range(mean.shape[1]), columns)
    ax.set_yticks(range(mean.shape[0]), [EXTRACTOR_LABELS.get(n, n) for n in mean.index])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    n_seeds = int(rows["n_seeds"].max())
    spread = f"mean ± SD, {n_seeds} seeds" if n_seeds > 1 else "1 seed"
    counts = spread if n_samples is None else f"n = {n_samples:,}; {spread}"
    ax.set_title(f"{title or METRIC_LABELS.get(metric, metric)}\n({counts})")
    return ax


def plot_score_grids(summary: pd.DataFrame, metrics: Sequence[str], n_samples: int) -> Figure:
    """`plot_clustering_grid` of several metrics beside each other; extractors are named once."""
    size = (0.9 + 5.9 * len(metrics), 4.6)
    figure, axes = plt.subplots(1, len(metrics), figsize=size, layout="constrained", squeeze=False)
    for metric, ax in zip(metrics, axes[0], strict=True):
        plot_clustering_grid(summary, metric, ax, n_samples=n_samples)
        ax.tick_params("y", labelleft=ax is axes[0, 0])
    return figure


def _wide(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Extractors × clusterers in the order of the labels, unknown names last."""
    wide = rows.pivot_table(value, "extractor", "clusterer")
    order = lambda names, labels: sorted(names, key=lambda n: ([*labels, n].index(n), n))  # noqa: E731
    return wide.reindex(
        index=order(wide.index, EXTRACTOR_LABELS), columns=order(wide.columns, CLUSTERER_LABELS)
    )


def _cells(ax: Axes, mean: pd.DataFrame, sd: pd.DataFrame, has_spread: bool) -> None:
    values = mean.to_numpy()
    low, high = np.nanmin(values), np.nanmax(values)
    shade = SCALE((values - low) / (high - low if high > low else 1))
    shade[np.isnan(values)] = 1
    ax.imshow(shade, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        text = "–"
        if np.isfinite(value):
            text = f"{value:.2f} ± {sd.iloc[i, j]:.2f}" if has_spread else f"{value:.3f}"
        weight = "bold" if value == high else "normal"
        look = {"fontsize": 9.5, "ha": "center", "va": "center", "fontweight": weight}
        ax.text(j, i, text, color=ink_on(to_hex(shade[i, j])), **look)
    i, j = np.unravel_index(np.nanargmax(values), values.shape)
    ax.add_patch(Rectangle((j - 0.48, i - 0.47), 0.96, 0.94, fill=False, ec=CONTRAST, lw=2.2))
    ax.set_xticks(np.arange(values.shape[1] - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(values.shape[0] - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", lw=2)
    ax.tick_params(which="minor", length=0)


def plot_stability_over_k(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    chosen: int | None = None,
    n_samples: int | None = None,
    title: str = "Which number of clusters comes back",
) -> Axes:
    """Stability for each number of clusters (± SD) beside that of data without clusters.

    `table`: as `stability_over_k` returns. `chosen`: the k marked, 1 for none. Only the distance
    between the two curves speaks for clusters.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(table, {"k", "stability", "sd", "null", "null_sd"})
    ax = ax or plt.subplots(figsize=(6.5, 3.9), layout="constrained")[1]
    k, null, null_sd = (table[name].to_numpy(float) for name in ("k", "null", "null_sd"))
    ax.fill_between(k, null - null_sd, null + null_sd, color=NEUTRAL, alpha=0.18, lw=0)
    ax.plot(k, null, color=NEUTRAL, ls="--", marker="s", ms=4, label="data without clusters")
    look = {"fmt": "o-", "ms": 6, "capsize": 3, "color": ACCENT, "label": "these patients"}
    ax.errorbar(k, table["stability"], yerr=table["sd"], **look)
    if chosen is not None and chosen in k:
        ax.axvline(chosen, color=CONTRAST, lw=1.2, zorder=0, label=f"chosen: {chosen}")
    ax.set_ylim(min(-0.05, float((null - null_sd).min()) - 0.03), 1.05)
    _k_axis(ax, k)
    ax.set_ylabel("adjusted Rand index\nof two subsamples")
    ax.set_title(title if n_samples is None else f"{title} (n = {n_samples:,})")
    legend_below(ax, 3, gap=0.55)
    return ax


def plot_number_of_clusters(
    stability: Mapping[str, pd.DataFrame],
    chosen: Mapping[str, int],
    cophenetic: pd.DataFrame,
    n_samples: int,
) -> Figure:
    """Stability of every space over k, below them the cophenetic curve of consensus NMF.

    `stability` and `chosen`: by the space's name.
    """
    figure, axes = plt.subplots(len(stability) + 1, 1, figsize=(7, 11), layout="constrained")
    for ax, (space, of_k) in zip(axes, stability.items(), strict=False):
        plot_stability_over_k(of_k, ax, chosen=chosen[space], n_samples=n_samples, title=space)
    plot_cophenetic(cophenetic, axes[-1], n_samples=n_samples)
    return figure


def plot_cophenetic(
    curve: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_samples: int | None = None,
    title: str = "Consensus NMF",
) -> Axes:
    """Cophenetic correlation of the consensus for each number of clusters; 1 if all runs agree.

    `curve`: columns k and cophenetic, as `cophenetic_curve` returns. The k before the curve first
    falls is the one Brunet et al. take.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(curve, {"k", "cophenetic"})
    ax = ax or plt.subplots(figsize=(6.5, 3.9), layout="constrained")[1]
    ax.plot(curve["k"], curve["cophenetic"], color=ACCENT, marker="o", ms=5)
    _k_axis(ax, curve["k"].to_numpy())
    ax.set_ylabel("cophenetic correlation")
    ax.set_title(title if n_samples is None else f"{title} (n = {n_samples:,})")
    return ax


def _k_axis(ax: Axes, k: np.ndarray) -> None:
    ax.set_xlim(k.min() - 0.3, k.max() + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("clusters")
    ax.grid(axis="y", color="#e4e4e4", lw=0.8)
