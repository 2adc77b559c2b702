"""Methods of alignment against each other: one metric over seeds, and what each part is worth."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

METHOD_LABELS = {
    "input": "input",
    "mean_shift": "mean shift",
    "mean_shift_per_type": "mean shift per type",
    "linear_projection": "linear projection",
    "combat": "ComBat",
    "celligner": "Celligner",
    "mober": "MOBER",
    "rnalign": "RNAlign",
    "rnalign_residual": "RNAlign, residual given back",
    "rnalign_by_loss": "RNAlign, chosen by its loss",
    "rnalign_inert_grad": "RNAlign, inert gradient loss",
    "rnalign_no_grad": "RNAlign, no gradient loss",
    "rnalign_no_cor": "RNAlign, no correlation loss",
    "rnalign_no_purity": "RNAlign, no purity",
    "rnalign_no_type": "RNAlign, no cancer type",
    "constant_type": "RNAlign, constant type",
    "permuted_type": "RNAlign, permuted type",
    "z_only": "RNAlign, latent alone",
    "shrunken": "input, shrunk as RNAlign",
    "shrunken_shift": "shift per type, shrunk as RNAlign",
}
"""Method → its name in figures."""

METRICS = {
    "delta_d": ("ΔD, Euclidean distance (median over types)", False, 2),
    "delta_d_relative": ("ΔD / distance within origins (median over types)", False, 3),
    "pvca": ("PVCA: variance due to origin (median over types)", False, 3),
    "delta_kbet": ("ΔkBET: rejections above chance (median over types)", False, 3),
    "match": ("lines matched by their 25 nearest tumours", True, 3),
    "match_mean": ("lines matched, mean over types", True, 3),
    "match_median": ("lines matched, median over types", True, 3),
    "variance_kept": ("variance kept within types (median over types)", True, 3),
    "r2_kept": ("r² kept within types (median over types)", True, 3),
    "match_balanced": ("lines matched, as many tumours of each type", True, 3),
}
"""Metric → axis label, whether higher is better, and decimals to print."""

CONTROLS = ("constant_type", "permuted_type", "z_only", "shrunken", "shrunken_shift")
METHOD_COLOURS = {
    "input": "#222222",
    "mean_shift": "#c77f00",
    "mean_shift_per_type": "#e8b04a",
    "linear_projection": "#8a4fbf",
    "combat": "#7a5230",
    "celligner": "#2e8b57",
    "mober": CONTRAST,
}
"""Method → colour; RNAlign, its variants and its controls are blue."""


def method_colour(name: str) -> str:
    """A method's colour in every figure: blue for RNAlign, pale for its controls, else grey."""
    if name in CONTROLS:
        return "#7fb0ea"
    is_own = name.startswith("rnalign")
    return METHOD_COLOURS.get(name, ACCENT if is_own else NEUTRAL)


def plot_method_scores(
    scores: pd.DataFrame,
    metric: str,
    ax: Axes | None = None,
    *,
    chance: float | None = None,
    labels: Mapping[str, str] = METHOD_LABELS,
    title: str = "Methods, best on top",
) -> Axes:
    """Mean ± SD over seeds of a metric for every method, best on top and in bold.

    `scores`: a row per method and seed, with columns method and `metric` (a key of METRICS, whose
    axis label says which way is better). RNAlign and its variants are blue, its controls hollow.
    `chance`: dashed line.

    Raises:
        ValueError: a column is missing, or the metric is not known.
    """
    means = _means(scores, metric)
    _, is_higher_better, decimals = METRICS[metric]
    means = means.sort_values(ascending=not is_higher_better, kind="stable")
    ax = ax or plt.subplots(figsize=(7, 1.5 + 0.36 * len(means)), layout="constrained")[1]
    notes = {name: f"{mean:.{decimals}f}" for name, mean in means.items()}
    _method_rows(ax, scores, metric, notes, labels)
    ax.get_yticklabels()[0].set_fontweight("bold")
    if chance is not None:
        ax.axvline(chance, color=NEUTRAL, ls="--", lw=1, label=f"chance ({chance:.2f})")
        legend_below(ax, 1)
    ax.set_title(f"{title} ({_seeds(scores)})")
    return ax


def plot_ablation(
    scores: pd.DataFrame,
    metric: str = "delta_d",
    ax: Axes | None = None,
    *,
    full: str = "rnalign",
    labels: Mapping[str, str] = METHOD_LABELS,
    title: str = "What each part is worth",
) -> Axes:
    """A metric with parts of the model left out, mean ± SD over seeds, in the order given.

    `scores`: as for `plot_method_scores`. The dashed line is `full`, and the number after every
    other row is its difference from it.

    Raises:
        ValueError: a column or `full` is missing, or the metric is not known.
    """
    means = _means(scores, metric)
    if full not in means:
        raise ValueError(f"`full` must be a method of `scores`: {[*means.index]}; got {full!r}.")
    ax = ax or plt.subplots(figsize=(7, 1.6 + 0.42 * len(means)), layout="constrained")[1]
    decimals = METRICS[metric][2]
    notes = {name: f"{mean - means[full]:+.{decimals}f}" for name, mean in means.items()}
    _method_rows(ax, scores, metric, {**notes, full: f"{means[full]:.{decimals}f}"}, labels)
    ax.axvline(means[full], color=ACCENT, ls="--", lw=1, zorder=0)
    ax.set_xlabel(f"{ax.get_xlabel()}\nnumbers: difference from {labels.get(full, full)}")
    ax.set_title(f"{title} ({_seeds(scores)})")
    return ax


def _means(scores: pd.DataFrame, metric: str) -> pd.Series:
    """Mean over seeds, methods in the order given."""
    if metric not in METRICS:
        raise ValueError(f"`metric` must be one of {[*METRICS]}; got {metric!r}.")
    need_columns(scores, {"method", metric})
    return scores.groupby("method", sort=False)[metric].mean()


def _method_rows(
    ax: Axes,
    scores: pd.DataFrame,
    metric: str,
    notes: Mapping[str, str],
    labels: Mapping[str, str],
) -> None:
    """A row per method of `notes`: faint dots for seeds, mean ± SD, and its note at the right."""
    for row, (name, note) in enumerate(notes.items()):
        values = scores.loc[scores["method"] == name, metric].dropna()
        colour = method_colour(name)
        face = "white" if name in CONTROLS else colour
        sd = values.std(ddof=1) if len(values) > 1 else 0.0
        ax.scatter(values, np.full(len(values), row), s=14, color=colour, alpha=0.35, linewidths=0)
        look = {"color": colour, "markerfacecolor": face, "ms": 7, "lw": 1.6, "capsize": 3}
        ax.errorbar(values.mean(), row, xerr=sd, fmt="o", **look)
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
        ax.annotate(note, (1.02, row), fontsize=10, color=colour, **place)
    ax.set_yticks(range(len(notes)), [labels.get(name, name) for name in notes])
    ax.set_ylim(len(notes) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    label, is_higher_better, _ = METRICS[metric]
    ax.set_xlabel(f"{label}; {'higher' if is_higher_better else 'lower'} is better")


def _seeds(scores: pd.DataFrame) -> str:
    n_seeds = int(scores.groupby("method").size().max())
    return f"mean ± SD, {n_seeds} seeds" if n_seeds > 1 else "1 seed"
