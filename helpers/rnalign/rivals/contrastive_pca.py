"""Contrastive PCA: directions along which one group of samples varies more than another.

Abid et al. (2018), as Celligner uses it (Warren et al. 2021): eigenvectors of
cov(foreground) − cov(background) with the largest eigenvalues. Only products of this difference
with vectors are ever computed, so memory is that of the two matrices and not genes × genes.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.linalg import LinearOperator, eigsh

from helpers.evaluate.arrays import as_matrix


def contrastive_components(
    foreground: ArrayLike, background: ArrayLike, n_components: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The top contrastive components and their eigenvalues, largest first.

    `foreground`, `background`: samples × genes of the same genes; each is centred here, gene by
    gene. Returns genes × components (orthonormal; signs are arbitrary) and one eigenvalue each,
    the excess of variance along it in the foreground, in squared units of the input. Eigenvalues
    may be negative if there is no excess in so many directions.

    Raises:
        ValueError: NaN, other numbers of genes, fewer than 2 samples, or `n_components` not in
            1 … genes − 1.
    """
    parts = [_centred(foreground, "foreground"), _centred(background, "background")]
    n_genes = parts[0].shape[1]
    if parts[1].shape[1] != n_genes:
        raise ValueError(
            f"`foreground` and `background` must have the same genes; got {n_genes} and "
            f"{parts[1].shape[1]} columns."
        )
    if not 1 <= n_components < n_genes:
        raise ValueError(
            f"`n_components` must lie in 1 … {n_genes - 1}, the genes less one; got {n_components}."
        )
    operator = covariance_difference(*parts)
    # Lanczos from a drawn start, so that a seed repeats it; "LA" are the largest eigenvalues with
    # their sign: directions of more variance in the background come last, not first.
    start = np.random.default_rng(seed).normal(size=n_genes).astype(operator.dtype)
    values, vectors = eigsh(operator, k=n_components, which="LA", v0=start, tol=1e-6)
    order = np.argsort(values)[::-1]  # eigsh gives them in ascending order
    return vectors[:, order], values[order]


def covariance_difference(foreground: np.ndarray, background: np.ndarray) -> LinearOperator:
    """Multiply by cov(foreground) − cov(background), of two centred matrices samples × genes."""
    n_genes = foreground.shape[1]

    def multiply(v: np.ndarray) -> np.ndarray:
        v = v.reshape(n_genes).astype(foreground.dtype, copy=False)
        return _covariance_times(foreground, v) - _covariance_times(background, v)

    return LinearOperator((n_genes, n_genes), matvec=multiply, dtype=foreground.dtype)


def without_components(x: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """`x` (samples × genes) less its part along orthonormal `vectors` (genes × components)."""
    vectors = vectors.astype(x.dtype)
    # x V are the coordinates along the vectors, (x V) Vᵀ the part of x that they span.
    return x - (x @ vectors) @ vectors.T


def _centred(x: ArrayLike, name: str) -> np.ndarray:
    x = as_matrix(x, name)
    if len(x) < 2:
        raise ValueError(f"`{name}` must have at least 2 samples to have a covariance; got 1.")
    return x - x.mean(axis=0)


def _covariance_times(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    # Xᵀ(X v) / (n − 1): two products of matrix and vector in place of genes × genes.
    return ((x @ v) @ x) / (len(x) - 1)
