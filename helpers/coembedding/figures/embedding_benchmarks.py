"""Embeddings of two modalities against each other: the paper's figure 2, the pairs, the cost."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

BEST = "#1a8a3c"
ROW_LINE = "#e4e4e4"
MODEL_LABELS = {
    "pca_rna": "PCA, RNA",
    "pca_atac": "PCA, ATAC",
    "rna_vae": "VAE, RNA",
    "linear_vae": "linear VAE, RNA",
    "atac_vae": "VAE, ATAC",
    "adversarial_rna": "adversarial, RNA",
    "adversarial_atac": "adversarial, ATAC",
    "contrastive_rna": "contrastive, RNA",
    "contrastive_atac": "contrastive, ATAC",
    "hierarchical_atac": "hierarchical VAE, peaks",
    "window_pca_atac": "PCA, peaks",
    "adversarial_windows_rna": "adversarial with windows, RNA",
    "adversarial_windows_atac": "adversarial with windows, ATAC",
    "contrastive_windows_rna": "contrastive with windows, RNA",
    "contrastive_windows_atac": "contrastive with windows, ATAC",
    "pca": "PCA",
    "single": "two single modalities",
    "adversarial": "adversarial",
    "contrastive": "contrastive",
    "adversarial_paired": "adversarial, with pairs",
    "contrastive_paired": "contrastive, with pairs",
    "ridge": "ridge, with pairs",
    "shuffled": "shuffled",
}
"""Model (and modality) → its name in figures."""

BENCHMARKS = {
    "cohort_accuracy": ("cancer type: accuracy", True, 3),
    "grassmann": ("labels: Grassmann distance, rad", False, 2),
    "uno_c": ("survival: Uno's C", True, 3),
    "n_differential": ("features that differ when rebuilt", False, 0),
}
"""The paper's four metrics → title, whether higher is better, decimals to print."""

PAIRING = {
    "foscttm": ("FOSCTTM of paired donors", False, 3),
    "modality_accuracy": ("modality: accuracy", False, 3),
    "label_accuracy": ("cancer type: accuracy", True, 3),
}
"""What shows that mixing has kept biology: read the three together."""


def plot_benchmarks(
    scores: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    metrics: Mapping[str, tuple[str, bool, int]] = BENCHMARKS,
    baselines: Sequence[str] = ("pca_rna", "pca_atac", "pca"),
    references: Mapping[str, tuple[float, str]] | None = None,
    labels: Mapping[str, str] = MODEL_LABELS,
) -> np.ndarray:
    """The paper's figure 2: models in rows, a panel a metric, mean ± standard error over seeds.

    `scores`: a row per model and seed, with columns model (in the order to show) and the metrics;
    NaN where a model has no value. Rows of `baselines` are grey, the best model of a panel is
    green and bold, faint dots are the seeds; an arrow in the title points to better.
    `references`: metric → (value, name) of a dashed line, as chance or the clinical model. Returns
    the axes, one a metric.

    Raises:
        ValueError: a column is missing, or no metric has a value.
    """
    need_columns(scores, {"model", *metrics})
    names = list(dict.fromkeys(scores["model"]))
    if scores[[*metrics]].isna().all(axis=None):
        raise ValueError(f"`scores` has no value of {[*metrics]}; there is nothing to show.")
    if axes is None:
        axes = _grid(len(metrics), len(names))
    lines = dict(references or {})
    for number, (ax, metric) in enumerate(zip(axes, metrics, strict=True)):
        _panel(ax, scores, metric, metrics[metric], names, baselines, lines.get(metric))
        shown = [labels.get(name, name) for name in names]
        ax.set_yticks(range(len(names)), shown if number % 2 == 0 else [""] * len(names))
    n_seeds = int(scores.groupby("model").size().max())
    spread = f"mean ± SE, {n_seeds} seeds" if n_seeds > 1 else "1 seed"
    key = [Patch(color=BEST, label="best"), Patch(color="#e3e3e3", label="PCA baseline")]
    key += [Patch(color=ACCENT, label=f"other models ({spread})")]
    axes[0].figure.legend(handles=key, loc="outside lower center", ncols=3, frameon=False)
    return np.asarray(axes)


def plot_pairing(
    pairs: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    label_chance: float | None = None,
    labels: Mapping[str, str] = MODEL_LABELS,
) -> np.ndarray:
    """Mixing against biology, beside the shuffled control: FOSCTTM, modality and cancer type.

    `pairs`: a row per model and seed, columns model, foscttm, modality_accuracy, label_accuracy;
    where it has foscttm_within_type, a vertical tick marks what finding the cancer type alone
    gives. Dashed: chance (0.5, 0.5, `label_chance`). A model that mixes by forgetting lies right
    in the first panel or left in the last. Returns the axes.

    Raises:
        ValueError: as `plot_benchmarks`.
    """
    chance = {name: (0.5, "chance") for name in ("foscttm", "modality_accuracy")}
    if label_chance is not None:
        chance["label_accuracy"] = (label_chance, "chance")
    if axes is None:
        axes = _grid(3, pairs["model"].nunique(), n_columns=3)
    axes = plot_benchmarks(
        pairs, axes, metrics=PAIRING, baselines=("shuffled",), references=chance, labels=labels
    )
    names = list(dict.fromkeys(pairs["model"]))
    shown = [labels.get(name, name) for name in names]
    for number, ax in enumerate(axes):
        ax.set_yticks(range(len(names)), shown if number == 0 else [""] * len(names))
    key = axes[0].figure.legends[-1].legend_handles
    key[1].set_label("shuffled control")
    if "foscttm_within_type" in pairs:
        within = pairs.groupby("model")["foscttm_within_type"].mean().reindex(names)
        mark = {"marker": "|", "s": 220, "color": "black", "lw": 1.5, "zorder": 3}
        label = "partners exchanged within a cancer type"
        key.append(axes[0].scatter(within, range(len(names)), label=label, **mark))
    axes[0].figure.legends[-1].remove()
    axes[0].figure.legend(handles=key, loc="outside lower center", ncols=2, frameon=False)
    return axes


def plot_memory(
    measured: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    limit_gb: float = 4.0,
    title: str = "Training on peaks in windows from disk",
) -> np.ndarray:
    """Peak memory and time of a training pass against the number of samples.

    `measured`: columns n_samples, peak_memory_gb, seconds, and matrix_gb, the size of the matrix
    in float32. Memory should be flat under the dashed `limit_gb` while the matrix grows. Returns
    two axes.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(measured, {"n_samples", "peak_memory_gb", "seconds", "matrix_gb"})
    table = measured.sort_values("n_samples")
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")[1]
    n = table["n_samples"]
    axes[0].plot(n, table["peak_memory_gb"], "o-", color=ACCENT, label="peak memory")
    axes[0].plot(n, table["matrix_gb"], "s--", color=NEUTRAL, label="the matrix in float32")
    axes[0].axhline(limit_gb, color=CONTRAST, ls=":", lw=1.2, label=f"limit, {limit_gb:g} GB")
    axes[0].set(ylabel="GB", title=title)
    axes[1].plot(n, table["seconds"], "o-", color=ACCENT)
    axes[1].set(ylabel="seconds", title="Time of one pass")
    for ax in axes:
        ax.set_xlabel("samples")
        ax.set_xticks(n)
        ax.set_ylim(0, 1.15 * ax.get_ylim()[1])
        ax.grid(axis="y", color=ROW_LINE, lw=0.8)
    legend_below(axes[0], 2)
    return np.asarray(axes)


def _grid(n_panels: int, n_models: int, n_columns: int = 2) -> np.ndarray:
    n_rows = -(-n_panels // n_columns)
    size = (9.5, 0.7 + n_rows * (1.1 + 0.3 * n_models))
    figure, axes = plt.subplots(n_rows, n_columns, figsize=size, layout="constrained")
    for ax in np.ravel(axes)[n_panels:]:
        figure.delaxes(ax)
    return np.ravel(axes)[:n_panels]


def _panel(
    ax: Axes,
    scores: pd.DataFrame,
    metric: str,
    look: tuple[str, bool, int],
    names: Sequence[str],
    baselines: Sequence[str],
    reference: tuple[float, str] | None,
) -> None:
    """One metric: a row a model, its value at the right."""
    title, is_higher_better, decimals = look
    means = scores.groupby("model")[metric].mean().reindex(names)
    rivals = means.drop([name for name in baselines if name == "shuffled"], errors="ignore")
    best = rivals.max() if is_higher_better else rivals.min()
    for row, name in enumerate(names):
        values = scores.loc[scores["model"] == name, metric].dropna()
        is_best = bool(len(values)) and name in rivals and np.isclose(means[name], best)
        colour = BEST if is_best else NEUTRAL if name in baselines else ACCENT
        if name in baselines:
            ax.axhspan(row - 0.5, row + 0.5, color="#e3e3e3", lw=0, zorder=0)
        _row(ax, row, values, colour)
        note = f"{values.mean():.{decimals}f}" if len(values) else "–"
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
        weight = "bold" if is_best else "normal"
        ax.annotate(note, (1.02, row), fontsize=9, color=colour, fontweight=weight, **place)
    if reference is not None:
        ax.axvline(reference[0], color="black", ls="--", lw=1)
        top = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "bottom"}
        ax.annotate(reference[1], (reference[0], 1.0), fontsize=9, annotation_clip=False, **top)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.set_title(f"{title} {'→' if is_higher_better else '←'}", pad=18)  # room for a reference


def _row(ax: Axes, row: int, values: pd.Series, colour: str) -> None:
    ax.scatter(values, np.full(len(values), row), s=14, color=colour, alpha=0.35, linewidths=0)
    if len(values):
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
        look = {"fmt": "o", "ms": 7, "lw": 1.6, "capsize": 3, "color": colour}
        ax.errorbar(values.mean(), row, xerr=error, **look)
