"""Which directions of a latent space to read: varimax, since the axes of a VAE mean little.

N(0, I) looks the same from every side, so the objective barely prefers one set of axes to another
(Locatello et al. 2019, theorem 1) and reading single dimensions reads an accident of the seed.
Varimax (Kaiser 1958) chooses, among all rotations of the same space, the one in which each feature
loads on few directions. It uses no labels and no gene sets, and loses nothing: it is invertible.
"""

from dataclasses import dataclass

import numpy as np

from helpers.pancan_vae.fold_rows import Samples, features_times


def varimax(loadings: np.ndarray, n_iterations: int = 500, tolerance: float = 1e-8) -> np.ndarray:
    """Orthogonal matrix R (latent × latent) that maximises the varimax criterion of `loadings @ R`.

    `loadings` is feature × latent. The criterion is the variance of the squared loadings, summed
    over directions; each step is the orthogonal polar factor of its gradient.
    """
    rotation, previous = np.eye(loadings.shape[1]), 0.0
    for _ in range(n_iterations):
        rotated = loadings @ rotation
        # The gradient of the criterion, λ³ − λ · mean λ²; its nearest orthogonal matrix is the
        # next rotation. Products, as a power of an array costs tenfold.
        squared = rotated * rotated
        gradient = loadings.T @ (rotated * (squared - squared.mean(axis=0)))
        left, singular, right = np.linalg.svd(gradient)
        rotation = left @ right
        if singular.sum() <= previous * (1 + tolerance):
            break
        previous = singular.sum()
    return rotation


@dataclass(frozen=True)
class VarimaxDirections:
    """An invertible affine map from a latent space to its varimax directions, fitted once."""

    center: np.ndarray  # latent
    matrix: np.ndarray  # latent × direction

    def transform(self, z: np.ndarray) -> np.ndarray:
        """Sample × direction; unit variance and no correlation on the rows it was fitted on."""
        return (z - self.center) @ self.matrix


def varimax_directions(z: np.ndarray, x: Samples, min_variance: float = 1e-4) -> VarimaxDirections:
    """Whiten `z`, then rotate it so that the features `x` load sparsely on it.

    Args:
        z: sample × latent posterior means of the training rows.
        x: the same rows, sample × feature, standardised.
        min_variance: principal directions of `z` below this share of the largest are left out
            (a collapsed dimension would be whitened noise).

    Returns:
        Directions ordered by the variance of `x` they explain, largest first; each is signed so
        that its largest loadings are positive on the whole.

    Raises:
        ValueError: `z` and `x` have different numbers of rows.
    """
    if len(z) != len(x):
        raise ValueError(f"`z` and `x` must hold the same rows: {len(z)} and {len(x)}. Align them.")
    # Whiten: principal directions of z, each divided by its standard deviation.
    center = z.mean(axis=0)
    _, singular, axes = np.linalg.svd(z - center, full_matrices=False)
    keep = singular**2 > min_variance * singular[0] ** 2
    whiten = axes[keep].T / singular[keep] * np.sqrt(len(z))
    # Covariance of every feature with every whitened direction; rotate it to simple columns.
    loadings = features_times(x, (z - center) @ whiten) / len(z)  # feature × direction
    rotation = varimax(loadings)
    rotated = loadings @ rotation
    # Largest share of x first; the sign of a direction is free, so its heavy end is positive.
    order = np.argsort(-(rotated**2).sum(axis=0))
    sign = np.where((rotated**3).sum(axis=0) < 0, -1.0, 1.0)
    return VarimaxDirections(center, whiten @ (rotation * sign)[:, order])
