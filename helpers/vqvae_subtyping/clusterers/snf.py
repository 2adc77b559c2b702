"""Similarity network fusion: one network of samples out of one per kind of data.

Wang et al. (2014, Nature Methods 11, 333) as their SNFtool (2.3) computes it. It departs from the
paper: the kernel is the density of d under a normal of standard deviation με (the paper prints
exp(−d² / με), which changes with the unit of the data), a sample is among its own nearest
neighbours, with half of its weight, and the fused network is normalised once more.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from sklearn.cluster import SpectralClustering
from sklearn.metrics import pairwise_distances

from helpers.evaluate.arrays import as_matrix


def affinity(x: ArrayLike, n_neighbours: int = 20, bandwidth: float = 0.5) -> np.ndarray:
    """Similarity of every two samples, samples × samples, symmetric, not negative.

    Density exp(−d² / 2s²) / s of the Euclidean distance d, s = με, up to a factor that makes it
    independent of the data's unit (and that `fuse` divides out). `bandwidth` is μ; ε of a pair is
    the mean of its distance and of the two samples' mean distances to their `n_neighbours` nearest.

    Raises:
        ValueError: NaN, fewer than three samples, or a bandwidth that is not positive.
    """
    x = as_matrix(x, "x")
    if len(x) < 3 or bandwidth <= 0 or n_neighbours < 1:
        raise ValueError(
            f"an affinity needs 3 samples, a neighbour and a positive bandwidth; got {len(x)} "
            f"samples, n_neighbours = {n_neighbours}, bandwidth = {bandwidth}. SNF takes 20 and 0.5"
        )
    distance = pairwise_distances(x).astype(float)
    np.fill_diagonal(distance, 0)
    k = min(n_neighbours, len(x) - 1)
    near = np.sort(distance, axis=1)[:, 1 : k + 1].mean(axis=1)  # the sample itself left out
    # μ ε_ij, with ε_ij = (mean of i's neighbours + mean of j's + d_ij) / 3.
    scale = bandwidth * (near[:, None] + near + distance) / 3
    largest = scale.max() or 1.0
    # Samples in one place have a scale of 0: theirs is the least there is.
    scale = np.maximum(scale / largest, np.finfo(float).eps)
    return np.exp(-0.5 * (distance / largest / scale) ** 2) / scale


def fuse(
    networks: Mapping[str, np.ndarray], n_neighbours: int = 20, n_iterations: int = 20
) -> np.ndarray:
    """The fused network of several `affinity` matrices of the same samples, symmetric, ≥ 0.

    Each network is passed through the mean of the others along its own nearest neighbours,
    P ← S · mean(others) · Sᵀ, `n_iterations` times. Rows sum to about 1, half of it on the
    diagonal. A single network is passed through itself.

    Raises:
        ValueError: no network, or networks of different shapes.
    """
    shapes = {name: np.shape(network) for name, network in networks.items()}
    if len(set(shapes.values())) != 1:
        raise ValueError(
            f"networks must be of the same samples, and at least one; got {shapes}. "
            "Keep the samples that every view has."
        )
    # Single precision halves the time of products that wait for memory.
    weights = [np.asarray(network, np.float32) for network in networks.values()]
    full = [_full_kernel(w) for w in weights]
    local = [_local_kernel(w, n_neighbours) for w in full]
    for _ in range(n_iterations):
        # The mean of the other networks; a single one is its own other.
        total = sum(full)
        n_others = max(len(full) - 1, 1)
        others = [(total - p) / n_others if len(full) > 1 else p for p in full]
        # S · others · Sᵀ as S (S · others)ᵀ, since `others` is symmetric; then normalised again.
        full = [_full_kernel(s @ (s @ p).T) for s, p in zip(local, others, strict=True)]
    return _full_kernel(sum(full, start=np.zeros(full[0].shape)) / len(full))


def fuse_views(
    views: Mapping[str, ArrayLike],
    n_neighbours: int = 20,
    bandwidth: float = 0.5,
    n_iterations: int = 20,
) -> np.ndarray:
    """`fuse` of the `affinity` of each view (name → samples × features, each standardised).

    Raises:
        ValueError: as `affinity` and `fuse`.
    """
    networks = {name: affinity(x, n_neighbours, bandwidth) for name, x in views.items()}
    return fuse(networks, n_neighbours, n_iterations)


class FusibleViews(dict[str, np.ndarray]):
    """Views (name → samples × features) whose `fuse_views` is made once, for several seeds."""

    @cached_property
    def fused(self) -> np.ndarray:
        """As `fuse_views`, with its own settings."""
        return fuse_views(self)


def snf(views: Mapping[str, ArrayLike], n_clusters: int, seed: int, **settings) -> np.ndarray:
    """A cluster from 0 for each sample: spectral clustering of the network `fuse_views` gives.

    `views`: name → samples × features. `settings`: arguments of `fuse_views`.

    Raises:
        ValueError: as `fuse_views`.
    """
    spectral = SpectralClustering(n_clusters, affinity="precomputed", random_state=seed)
    is_shared = isinstance(views, FusibleViews) and not settings
    return spectral.fit_predict(views.fused if is_shared else fuse_views(views, **settings))


def _full_kernel(network: np.ndarray) -> np.ndarray:
    """Off the diagonal half of the weights over their row's sum, on it one half; rows sum to 1."""
    weights = network.copy()
    np.fill_diagonal(weights, 0)
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, 2 * total, out=np.zeros_like(weights), where=total > 0)
    np.fill_diagonal(weights, 1 - weights.sum(axis=1))
    return (weights + weights.T) / 2


def _local_kernel(full: np.ndarray, n_neighbours: int) -> csr_array:
    """The largest weights of each row of a full kernel over their sum, else 0; rows sum to 1.

    A sample's own weight, a half, is nearly always one of them.
    """
    k = min(n_neighbours, len(full) - 1)
    # The k largest weights of each row, in no order.
    nearest = np.argpartition(-full, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(full, nearest, axis=1)
    values = values / values.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(len(full)), k)
    return csr_array((values.ravel(), (rows, nearest.ravel())), shape=full.shape)
