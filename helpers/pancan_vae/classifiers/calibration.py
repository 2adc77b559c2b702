"""Is a predicted probability an honest one? Top-label reliability of a classifier.

Guo et al., "On calibration of modern neural networks", ICML 2017; equal-mass bins as in
Nixon et al., "Measuring calibration in deep learning", CVPR workshops 2019.
"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix, column_names

Binning = Literal["equal-mass", "equal-width"]


def reliability_table(
    probability: ArrayLike,
    y_true: ArrayLike,
    classes: ArrayLike | None = None,
    n_bins: int = 15,
    binning: Binning = "equal-mass",
) -> pd.DataFrame:
    """Confidence against accuracy of the top label, one row per bin that holds a sample.

    `probability`: samples × classes, rows sum to 1. `y_true`: one label per sample, matched with
    `classes` (default: the columns of a DataFrame, else 0, 1, 2, …). "equal-mass" bins are cut at
    quantiles of the confidence and never split equal confidences, so there may be fewer of them;
    "equal-width" bins divide (0, 1]. `accuracy_low` and `accuracy_high` are Wilson 95 % bounds.

    Raises:
        ValueError: rows that do not sum to 1, an unknown binning, labels that are no class.
    """
    from statsmodels.stats.proportion import proportion_confint

    confidence, is_right = _top_label(probability, y_true, classes)
    bins = _bin_of(confidence, n_bins, binning)
    table = (
        pd.DataFrame({"bin": bins, "confidence": confidence, "right": is_right})
        .groupby("bin")
        .agg(
            n=("right", "size"),
            confidence=("confidence", "mean"),
            accuracy=("right", "mean"),
            n_right=("right", "sum"),
        )
        .reset_index(drop=True)
    )
    n_right = table.pop("n_right")
    table["accuracy_low"], table["accuracy_high"] = proportion_confint(
        n_right, table["n"], method="wilson"
    )
    return table


def expected_calibration_error(
    probability: ArrayLike,
    y_true: ArrayLike,
    classes: ArrayLike | None = None,
    n_bins: int = 15,
    binning: Binning = "equal-mass",
) -> float:
    """Mean gap between confidence and accuracy of the top label, in [0, 1]; lower is better.

    Σ_bins n_bin / n · |accuracy − confidence|. Biased upward in small samples: a perfectly
    calibrated classifier scores above 0. Arguments and errors as in `reliability_table`.
    """
    table = reliability_table(probability, y_true, classes, n_bins, binning)
    gap = (table["accuracy"] - table["confidence"]).abs()
    return float((gap * table["n"]).sum() / table["n"].sum())


def _top_label(probability, y_true, classes) -> tuple[np.ndarray, np.ndarray]:
    p = as_matrix(probability, "probability")
    y = as_labels(y_true, "y_true", len(p))
    names = np.asarray(column_names(probability) if classes is None else classes)
    if len(names) != p.shape[1]:
        raise ValueError(
            f"`classes` must name every column of `probability`: {p.shape[1]} columns, "
            f"{len(names)} names. Pass `model.classes_`."
        )
    if not np.allclose(p.sum(axis=1), 1, atol=1e-4) or (p < 0).any():
        raise ValueError(
            "Each row of `probability` must be ≥ 0 and sum to 1; got row sums from "
            f"{p.sum(axis=1).min():.3g} to {p.sum(axis=1).max():.3g}. Pass `predict_proba`, "
            "not scores."
        )
    unknown = sorted(set(y.tolist()) - set(names.tolist()), key=str)
    if unknown:
        raise ValueError(
            f"`y_true` holds labels that are no class of the classifier: {unknown[:5]}. "
            "Score only samples of the classes it was trained on."
        )
    return p.max(axis=1), names[p.argmax(axis=1)] == y


def _bin_of(confidence: np.ndarray, n_bins: int, binning: str) -> np.ndarray:
    if n_bins < 1:
        raise ValueError(f"`n_bins` must be at least 1; got {n_bins}.")
    fractions = np.linspace(0, 1, n_bins + 1)[1:-1]
    if binning == "equal-mass":
        edges = np.unique(np.quantile(confidence, fractions))
    elif binning == "equal-width":
        edges = fractions
    else:
        raise ValueError(f'`binning` must be "equal-mass" or "equal-width"; got {binning!r}.')
    return np.searchsorted(edges, confidence, side="left")
