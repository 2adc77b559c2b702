"""The chapter's figures from its results: what is drawn of a table, and beside which lines."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.coembedding.figures.embedding_benchmarks import (
    BENCHMARKS,
    MODEL_LABELS,
    plot_benchmarks,
    plot_memory,
)
from helpers.coembedding.figures.imputed_features import plot_feature_spearman
from helpers.coembedding.histology.slide_folds import SlideChanges
from helpers.figures.loss_curves import plot_history
from helpers.figures.volcano import plot_volcano

_N_PANELS = (2, 4)  # rows and columns of loss terms
_CONTROLS = ["clinical", "shuffled"]


def plot_terms(history: pd.DataFrame, model: str = "adversarial") -> Figure:
    """Every loss term of one co-embedding against the epoch; `history` as `training_history`."""
    shown = history[(history["model"] == model) & ~history["term"].isin(["pair", "total"])]
    figure, axes = plt.subplots(*_N_PANELS, figsize=(11, 5.5), layout="constrained")
    plot_history(shown, axes)
    for ax in axes.ravel()[shown["term"].nunique() :]:
        ax.set_axis_off()
    return figure


def plot_figure_2(scores: pd.DataFrame) -> np.ndarray:
    """The paper's figure 2 of `Benchmarks.scores`, beside shuffled labels and clinical facts."""
    shown = scores[~scores["model"].isin(_CONTROLS)].assign(model=scores["name"])
    references = {"grassmann": (shown["grassmann_chance"].mean(), "shuffled labels")}
    metrics = {metric: look for metric, look in BENCHMARKS.items() if metric in shown}
    if "uno_c" in metrics:
        clinical = scores.loc[scores["name"] == "clinical", "uno_c"].mean()
        references["uno_c"] = (clinical, "clinical")
    return plot_benchmarks(shown, metrics=metrics, references=references)


def imputation_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Rows for `plot_imputation`: models by their names in figures, one direction after another."""
    return scores.replace({"method": MODEL_LABELS}).sort_values("direction", kind="stable")


def with_gigabytes(measured: pd.DataFrame) -> pd.DataFrame:
    """The published table of `wide_peaks` with its sizes in GB, as they are recorded and drawn."""
    gigabytes = {"peak_memory_gb": measured["peak_memory_mb"] / 1e3}
    return measured.assign(**gigabytes, matrix_gb=measured["matrix_mb"] / 1e3)


def plot_wide_peaks(measured: pd.DataFrame) -> np.ndarray:
    """`plot_memory` of a table `with_gigabytes`."""
    return plot_memory(measured.rename(columns={"seconds_per_pass": "seconds"}))


def plot_slide_features(slides: SlideChanges) -> Figure:
    """The paper's figure 3: Spearman of each feature, and features whose mean differs."""
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.6), layout="constrained")
    shown = {"feature": "features", "n_samples": slides.n_slides}
    plot_feature_spearman(slides.of_feature, axes[0], **shown)
    title = "Predicted from slides"
    plot_volcano(slides.volcano, axes[1], min_difference=1.0, unit="log2", title=title)
    return figure
