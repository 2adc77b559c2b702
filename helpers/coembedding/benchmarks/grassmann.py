"""How far the cohort labels lie from an embedding: Grassmann distance of their subspaces."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import subspace_angles

from helpers.evaluate.arrays import as_labels, as_matrix

N_ANGLES = 100  # the paper's n


def principal_angles(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Angles between two subspaces of sample space, ascending, in [0, π/2] radians.

    `a`, `b`: samples × columns, whose columns span the subspaces; as they are, not centred. Gives
    min(rank a, rank b) angles, small and large ones both exact (Björck & Golub 1973).

    Raises:
        ValueError: unequal samples, NaN, or a matrix of zeros.
    """
    first = _basis(as_matrix(a, "a"), "a")
    second = _basis(as_matrix(b, "b", len(first)), "b")
    return np.sort(subspace_angles(first, second))


def grassmann_distance(
    z: ArrayLike, labels: ArrayLike, n_angles: int = N_ANGLES, n_shuffles: int = 5, seed: int = 0
) -> dict[str, float]:
    """L2 norm of the principal angles between embedding and labels, in radians; lower is better.

    ‖θ‖₂ over the first n angles θ between the top `n_angles` principal components of `z` and of
    the one-hot labels, samples in rows, both centred (Nagaraj et al. 2023). Their ranks limit n:
    k classes have k − 1 dimensions, so n = min(`n_angles`, rank of z, k − 1) and ‖θ‖₂ ≤ (π/2)√n.
    Compare models of one cohort only, and with as many components each: every further component
    lowers the distance, to 0 once there are as many as samples less one. `chance`, the mean with
    permuted labels, shows how much that alone explains. Returns distance, chance, worst ((π/2)√n),
    n_angles, rank_embedding, rank_labels.

    Raises:
        ValueError: a single class, unequal samples, or an embedding without variance.
    """
    latent = as_matrix(z, "z").astype(float)
    names = as_labels(labels, "labels", len(latent))
    one_hot = pd.get_dummies(pd.Series(names.astype(str))).to_numpy(float)
    if one_hot.shape[1] < 2:
        raise ValueError("`labels` must hold two or more classes; all samples have the same.")
    components = _components(latent, "z", n_angles)
    truth = _components(one_hot, "labels", n_angles)
    angles = principal_angles(components, truth)
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(len(names)) for _ in range(n_shuffles)]
    shuffled = [np.linalg.norm(principal_angles(components, truth[row])) for row in rows]
    return {
        "distance": float(np.linalg.norm(angles)),
        "chance": float(np.mean(shuffled)) if shuffled else float("nan"),
        "worst": float(np.pi / 2 * np.sqrt(len(angles))),
        "n_angles": len(angles),
        "rank_embedding": components.shape[1],
        "rank_labels": truth.shape[1],
    }


def _components(values: np.ndarray, name: str, n_components: int) -> np.ndarray:
    """Orthonormal sample-space basis of the first principal components, at most the rank."""
    if n_components < 1:
        raise ValueError(f"`n_angles` must be at least 1; got {n_components}.")
    return _basis(values - values.mean(axis=0), name)[:, :n_components]


def _basis(values: np.ndarray, name: str) -> np.ndarray:
    u, singular, _ = np.linalg.svd(values.astype(float), full_matrices=False)
    # float32 embeddings carry errors of 1e-7 of their largest value.
    rank = int((singular > 1e-6 * max(singular[0], np.finfo(float).tiny)).sum())
    if rank == 0 or singular[0] <= 1e-12:
        raise ValueError(f"`{name}` spans nothing: it is zero, or the same for all samples.")
    return u[:, :rank]
