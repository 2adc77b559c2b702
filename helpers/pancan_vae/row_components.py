"""Principal components of rows on disk, in passes over them.

Randomised range finding with power iterations (Halko, Martinsson & Tropp 2011, SIAM Review 53:217),
as in scikit-learn's `PCA(svd_solver="randomized")`, whose steps, sizes and random numbers these
are. Memory: a block of rows, and rows × (components + 10).
"""

import numpy as np
from scipy import linalg
from sklearn.decomposition import PCA

from helpers.cohorts.on_disk.scaled_rows import ScaledRows

_OVERSAMPLES = 10
_N_ITERATIONS = 7  # scikit-learn's, for a tenth of the features or fewer


def fit_components(rows: ScaledRows, n_components: int, seed: int = 0) -> PCA:
    """PCA of the rows (centred, not scaled), as if fitted on them; 17 passes.

    `n_components`: capped at what so many rows and features have.
    """
    n_rows, n_features = rows.shape
    size = min(n_components + _OVERSAMPLES, n_rows - 1, n_features)
    n_components = min(n_components, size)
    mean = sum(block.sum(axis=0, dtype=np.float64) for block in rows.blocks()) / n_rows
    start = np.random.RandomState(seed).normal(size=(n_features, size))  # scikit-learn's draws
    axes = start.astype(np.float32)
    for _ in range(_N_ITERATIONS):
        axes = linalg.lu(_times(rows, mean, axes), permute_l=True)[0]
        axes = linalg.lu(_transposed_times(rows, mean, axes), permute_l=True)[0]
    basis = linalg.qr(_times(rows, mean, axes), mode="economic")[0]
    # Rows ≈ basis · small, whose components are those of `small`.
    small = _transposed_times(rows, mean, basis).T
    _, singular, components = linalg.svd(small, full_matrices=False)
    total = sum(np.square(block - mean).sum(axis=0) for block in rows.blocks())
    return _as_pca(mean, singular[:n_components], components[:n_components], total.sum(), n_rows)


def project(pca: PCA, rows: ScaledRows) -> np.ndarray:
    """`pca.transform` of rows on disk, row × component."""
    return np.concatenate([pca.transform(block) for block in rows.blocks()])


def _times(rows: ScaledRows, mean: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Centred rows · right."""
    offset = mean @ right
    return np.concatenate([block @ right - offset for block in rows.blocks()])


def _transposed_times(rows: ScaledRows, mean: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Centred rowsᵀ · left."""
    total, start = 0.0, 0
    for block in rows.blocks():
        total = total + block.T @ left[start : start + len(block)]
        start += len(block)
    return total - np.outer(mean, left.sum(axis=0))


def _as_pca(
    mean: np.ndarray, singular: np.ndarray, components: np.ndarray, total: float, n_rows: int
) -> PCA:
    """A fitted scikit-learn PCA; signs as there: each axis's largest weight is positive."""
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(len(components)), largest])[:, None]
    pca = PCA(len(singular))
    pca.mean_, pca.components_ = mean.astype(np.float32), components.astype(np.float32)
    pca.singular_values_, pca.n_components_ = singular, len(singular)
    pca.explained_variance_ = singular**2 / (n_rows - 1)
    pca.explained_variance_ratio_ = singular**2 / total
    pca.noise_variance_, pca.n_samples_, pca.n_features_in_ = 0.0, n_rows, len(mean)
    return pca
