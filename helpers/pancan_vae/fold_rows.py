"""Preprocessed samples of a fold: one matrix, in memory or on disk, of which each part is rows.

Parts overlap (the watched are training patients, and all are in "all"), so holding each of them
would take three times the memory of all samples.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from sklearn.decomposition import PCA

from helpers.cohorts.on_disk.scaled_rows import ScaledRows
from helpers.models.pca import fit_pca
from helpers.pancan_vae.row_components import fit_components, project

Samples = np.ndarray | ScaledRows
"""Sample × feature, float32; what stays on disk has the same `shape` and `len`."""


class FoldRows(Mapping[str, Samples]):
    """Part → its samples × features, taken from the matrix of all samples each time it is asked."""

    def __init__(self, x: Samples, is_in: Mapping[str, np.ndarray]) -> None:
        """`x`: all samples × features. `is_in`: part → whether each sample is in it."""
        self._x = x
        self._index = {part: np.flatnonzero(mask) for part, mask in is_in.items()}

    def __getitem__(self, part: str) -> Samples:
        index = self._index[part]
        return self._x if len(index) == len(self._x) else rows_of(self._x, index)

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def parted(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Part → its rows of `values`, which has a row for each of all samples."""
        return {part: values[index] for part, index in self._index.items()}


def rows_of(x: Samples, index: np.ndarray) -> Samples:
    """The rows `index`, in ascending order, where `x` is."""
    return x.of(index) if isinstance(x, ScaledRows) else x[index]


def some_in_memory(x: Samples, at_most: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(Rows as an array, which they are): all where `x` is in memory, else `at_most` at random."""
    index = np.arange(len(x))
    if isinstance(x, ScaledRows) and len(x) > at_most:
        index = np.sort(np.random.default_rng(seed).permutation(len(x))[:at_most])
    return np.asarray(x if len(index) == len(x) else rows_of(x, index)), index


def as_trained_on(x: Samples) -> torch.Tensor | ScaledRows:
    """`x` as `models.training.fit` takes it."""
    return x if isinstance(x, ScaledRows) else torch.from_numpy(x)


def samples_pca(x: Samples, n_components: int, seed: int) -> PCA:
    """Principal components of the samples, see `models.pca.fit_pca`."""
    fit = fit_components if isinstance(x, ScaledRows) else fit_pca
    return fit(x, n_components, seed)


def samples_components(pca: PCA, x: Samples) -> np.ndarray:
    """Sample × principal component."""
    return project(pca, x) if isinstance(x, ScaledRows) else pca.transform(x)


def features_times(x: Samples, values: np.ndarray) -> np.ndarray:
    """xᵀ · `values`, feature × column, for `values` sample × column."""
    if not isinstance(x, ScaledRows):
        return x.T @ values
    total, start = 0.0, 0
    for block in x.blocks():
        total = total + block.T @ values[start : start + len(block)]
        start += len(block)
    return total
