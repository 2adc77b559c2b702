"""What every metric checks of its input: a finite matrix and one label per sample."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def as_matrix(values: ArrayLike, name: str, n_samples: int | None = None) -> np.ndarray:
    """Samples × columns as a floating-point array, checked to be finite.

    `values`: array or DataFrame, samples in rows. `n_samples`: the number of rows it must have.

    Raises:
        ValueError: not two-dimensional, empty, NaN or infinite, or another number of rows.
    """
    matrix = np.asarray(values)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            f"`{name}` must be a matrix of samples × columns; got shape {matrix.shape}. "
            "Pass one row per sample (`values[:, None]` for a single column)."
        )
    if n_samples is not None and len(matrix) != n_samples:
        raise ValueError(
            f"`{name}` must have one row per sample: {n_samples} samples, `{name}` has "
            f"{len(matrix)} rows. Align them on the sample index first."
        )
    if not np.issubdtype(matrix.dtype, np.floating):
        matrix = matrix.astype(float)
    n_bad = int((~np.isfinite(matrix)).sum())
    if n_bad:
        raise ValueError(
            f"`{name}` must be finite; {n_bad} of {matrix.size} values are NaN or infinite. "
            "Drop or impute them before scoring."
        )
    return matrix


def as_labels(labels: ArrayLike, name: str, n_samples: int | None = None) -> np.ndarray:
    """One label per sample as a flat array, checked to be complete.

    Raises:
        ValueError: not one-dimensional, empty, another number of labels, or a missing label.
    """
    flat = np.asarray(labels)
    if flat.ndim != 1 or not len(flat):
        raise ValueError(
            f"`{name}` must hold one label per sample; got shape {flat.shape}. Pass a flat list."
        )
    if n_samples is not None and len(flat) != n_samples:
        raise ValueError(
            f"`{name}` must have one label per sample: {n_samples} samples, `{name}` has "
            f"{len(flat)}. Align them on the sample index first."
        )
    n_missing = int(pd.isna(flat).sum())
    if n_missing:
        raise ValueError(
            f"`{name}` must be complete; {n_missing} of {len(flat)} labels are missing. "
            "Drop those samples first."
        )
    return flat


def column_names(values: ArrayLike, prefix: str = "") -> list:
    """The columns of a DataFrame, else 0, 1, 2, … (with `prefix` before the number if given)."""
    if isinstance(values, pd.DataFrame):
        return list(values.columns)
    n_columns = np.shape(values)[1]
    return [f"{prefix}{column}" for column in range(n_columns)] if prefix else [*range(n_columns)]
