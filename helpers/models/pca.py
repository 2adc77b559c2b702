"""Principal components of the training samples: the linear rival of every latent space here."""

import warnings

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA


def fit_pca(train_x: ArrayLike, n_components: int, seed: int = 0) -> PCA:
    """PCA of training samples (centred, not scaled); `transform` applies it to any samples.

    `train_x`: samples × features, finite. `n_components`: capped, with a warning, at the rank of
    the centred training matrix, beyond which components are noise of the arithmetic.

    Raises:
        ValueError: NaN in `train_x`, fewer than 2 samples, no variance, or `n_components` below 1.
    """
    x = np.asarray(train_x)
    if x.ndim != 2 or len(x) < 2 or not np.isfinite(x).all():
        raise ValueError(
            "`train_x` must be a finite matrix of at least 2 samples × features; got shape "
            f"{x.shape} with {np.sum(~np.isfinite(x))} values NaN or infinite."
        )
    if n_components < 1:
        raise ValueError(f"`n_components` must be at least 1; got {n_components}.")
    if (x == x[0]).all():
        raise ValueError("`train_x` has no variance: every sample is the same. Check the matrix.")
    most = min(x.shape[0] - 1, x.shape[1])
    pca = PCA(min(n_components, most), random_state=seed).fit(x)
    rank = int((pca.singular_values_ > 1e-5 * pca.singular_values_[0]).sum())
    if rank < n_components:
        warnings.warn(
            f"PCA keeps {rank} of {n_components} components: {x.shape[0]} training samples × "
            f"{x.shape[1]} features have no more independent directions.",
            stacklevel=2,
        )
    return pca if rank == pca.n_components_ else PCA(rank, random_state=seed).fit(x)
