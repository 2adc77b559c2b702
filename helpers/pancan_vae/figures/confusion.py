"""Confusion matrix: where the held-out samples of each class went."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

MANY_CLASSES = 16  # above this only the errors that matter are written into the cells


def plot_confusion(
    confusion: pd.DataFrame,
    ax: Axes | None = None,
    *,
    n_patients: int | None = None,
    title: str = "True and predicted type",
) -> Axes:
    """Heat map of the shares of each true class (rows sum to 1), with the counts in the cells.

    `confusion`: counts, true classes in rows, predicted in columns. With more than 16 classes only
    errors of at least 5 % of a class are written, so that the numbers can be read. The title says
    how many predictions are counted and of how many patients (`n_patients`; default: one each).

    Raises:
        ValueError: not square with the same classes in rows and columns.
    """
    if list(confusion.index) != list(confusion.columns) or confusion.empty:
        raise ValueError(
            "`confusion` needs the same classes in rows and columns; got shape "
            f"{confusion.shape}. Make it with `confusion_table`."
        )
    counts = confusion.to_numpy(int)
    n_true = counts.sum(axis=1)
    shares = counts / np.maximum(n_true, 1)[:, None]
    size = float(np.clip(1.9 + 0.46 * len(counts), 3.5, 8))
    ax = ax or plt.subplots(figsize=(size, 0.93 * size), layout="constrained")[1]
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _write_counts(ax, counts, shares)
    ax.set_xticks(range(len(counts)), confusion.columns, rotation=90, fontsize=9)
    rows = [f"{name} ({n:,})" for name, n in zip(confusion.index, n_true, strict=True)]
    ax.set_yticks(range(len(counts)), rows, fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="predicted cancer type", ylabel="true cancer type (n)")
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    counted = f"{counts.sum():,} held-out predictions of {n_patients or counts.sum():,} patients"
    ax.set_title(f"{title}\n{counted}, accuracy {accuracy:.3f}")
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.02)
    bar.set_label("share of the true class")
    return ax


def _write_counts(ax: Axes, counts: np.ndarray, shares: np.ndarray) -> None:
    is_shown = counts > 0
    if len(counts) > MANY_CLASSES:
        is_shown = (shares >= 0.05) & ~np.eye(len(counts), dtype=bool)
    for i, j in np.argwhere(is_shown):
        colour = "white" if shares[i, j] > 0.55 else "#222222"
        ax.text(j, i, str(counts[i, j]), ha="center", va="center", color=colour, fontsize=9)
