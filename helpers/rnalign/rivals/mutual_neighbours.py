"""Mutual nearest neighbours: one set of samples moved onto another along pairs that choose each
other.

Haghverdi et al. (2018) with the two numbers of neighbours of Celligner (Warren et al. 2021).
"""

import numpy as np
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors

GENE_BLOCK = 2048  # genes at a time, so that no second copy of the matrix is made


def mutual_pairs(
    reference: np.ndarray, target: np.ndarray, k_reference: int, k_target: int
) -> csr_array:
    """Pairs that choose each other, as a sparse bool matrix target × reference.

    A pair counts if the reference sample is among the `k_reference` nearest of the target sample
    and the target sample among the `k_target` nearest of the reference sample (Euclidean). Numbers
    of neighbours are capped at the samples there are.
    """
    chosen = _neighbour_graph(target, reference, k_reference)  # target × reference
    chosen_back = _neighbour_graph(reference, target, k_target)  # reference × target
    # An element-wise product: 1 only where each has chosen the other.
    return csr_array(chosen * chosen_back.T)


def correct_by_mutual_neighbours(
    reference: np.ndarray,
    target: np.ndarray,
    genes: np.ndarray,
    k_reference: int = 5,
    k_target: int = 50,
    n_distances: float = 3.0,
) -> np.ndarray:
    """`target` moved onto `reference`, same rows and genes; `reference` does not move.

    Both: samples × genes. `genes`: the columns in which neighbours are looked for. As in
    Celligner: a target sample in pairs has as correction the mean difference to its partners; the
    mean correction is the batch vector, along which each side's samples are set to their side's
    mean; the corrections of these centred samples are then averaged over the `k_reference` nearest
    target samples in pairs with tricube weights, whose bandwidth is `n_distances` times the median
    distance.

    Raises:
        ValueError: a number of neighbours below 1.
    """
    if min(k_reference, k_target) < 1:
        raise ValueError(
            f"numbers of neighbours must be at least 1; got {k_reference} and {k_target}. "
            "Celligner takes 5 and 50."
        )
    pairs = mutual_pairs(reference[:, genes], target[:, genes], k_reference, k_target)
    n_partners = pairs.sum(axis=1)
    paired = np.flatnonzero(n_partners)  # never empty: the closest pair of all is mutual
    # Rows that average: partners @ reference is the mean of each paired sample's partners.
    partners = csr_array(pairs[paired] / n_partners[paired, None]).astype(reference.dtype)
    # The batch vector: the mean, over paired samples, of the way to their partners.
    batch_vector = (partners @ reference - target[paired]).mean(axis=0)
    # Along it each side's samples are set to their side's mean, so that what is left of the
    # corrections differs between samples for another reason than the batch.
    reference = _centred_along(reference, batch_vector)
    moved = _centred_along(target, batch_vector)
    # Every target sample, paired or not, takes a weighted mean of the nearest paired ones' ways.
    smoothing = _tricube_weights(
        moved[:, genes], moved[np.ix_(paired, genes)], k_reference, n_distances
    ).astype(reference.dtype)
    # Genes are independent of each other here, so blocks of them are corrected in place.
    for start in range(0, moved.shape[1], GENE_BLOCK):
        block = slice(start, start + GENE_BLOCK)
        corrections = partners @ reference[:, block] - moved[paired, block]
        moved[:, block] += smoothing @ corrections
    return moved


def _neighbour_graph(query: np.ndarray, x: np.ndarray, k: int) -> csr_array:
    """A matrix query × x, 1 where the sample of x is among the k nearest of the query."""
    nearest = NearestNeighbors(n_neighbors=min(k, len(x)), algorithm="brute").fit(x)
    return csr_array(nearest.kneighbors_graph(query))


def _centred_along(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """A copy of `x` whose samples all have the mean position along `direction`."""
    length = np.linalg.norm(direction)
    if length == 0:
        return x.copy()
    unit = (direction / length).astype(x.dtype)
    position = x @ unit  # of each sample along the direction
    # Move each by what it lacks to the mean position, along the direction only.
    return x + np.outer(position.mean() - position, unit)


def _tricube_weights(x: np.ndarray, paired: np.ndarray, k: int, n_distances: float) -> csr_array:
    """Weights with which corrections are averaged, x × paired samples; rows sum to 1."""
    k = min(k, len(paired))
    nearest = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(paired)
    distance, index = nearest.kneighbors(x)
    # The middle one of k distances in ascending order; beyond the bandwidth a weight is 0.
    bandwidth = np.maximum(distance[:, [(k + 1) // 2 - 1]] * n_distances, 1e-8)
    weight = (1 - np.minimum(distance / bandwidth, 1) ** 3) ** 3
    weight /= weight.sum(axis=1, keepdims=True)
    # k entries a row, at the columns of its k nearest.
    rows = np.repeat(np.arange(len(x)), k)
    return csr_array((weight.ravel(), (rows, index.ravel())), shape=(len(x), len(paired)))
