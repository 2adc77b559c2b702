"""Pearson correlation of every column of one matrix with every column of another."""

import numpy as np


def unit_columns(values: np.ndarray) -> np.ndarray:
    """Centred columns of length 1; a constant column becomes 0."""
    centred = values - values.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    # What rounding leaves of a constant column is no variation.
    is_constant = length <= 1e-6 * np.linalg.norm(values, axis=0)
    centred /= np.where(is_constant, 1, length)  # in place: a matrix of all genes is large
    centred[:, is_constant] = 0
    return centred


def cross_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Columns of `a` × columns of `b`, in [−1, 1], over the same rows; 0 where one is constant."""
    return np.clip(unit_columns(a).T @ unit_columns(b), -1, 1)
