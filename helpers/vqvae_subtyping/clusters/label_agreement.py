"""How far two labellings of the same samples agree: clusters with known subtypes, or with clusters.

All of it follows from how many samples share each pair of labels. The formulas are scikit-learn's,
which a test holds them to; on the counts alone they take a twentieth of its time, most of which
goes to looking at the labels once more for each of them.
"""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics.cluster import expected_mutual_information

from helpers.evaluate.arrays import as_labels

_N_SHUFFLES = 5
_SMALLEST = np.finfo(float).eps


def nmi(labels: ArrayLike, truth: ArrayLike) -> float:
    """Normalised mutual information (arithmetic mean of entropies) in [0, 1]; rises with k."""
    return _nmi(_counts(*_pair(truth, labels)))


def shuffled_nmi(labels: ArrayLike, truth: ArrayLike, seed: int = 0) -> float:
    """Mean `nmi` over five shufflings of the truth: what labels that mean nothing would have."""
    true, clusters = _pair(truth, labels)
    rng = np.random.default_rng(seed)
    shuffled = [_counts(rng.permutation(true), clusters) for _ in range(_N_SHUFFLES)]
    return float(np.mean([_nmi(counts) for counts in shuffled]))


def ari(labels: ArrayLike, truth: ArrayLike) -> float:
    """Adjusted Rand index in [−½, 1]: 0 by chance, whatever the number of clusters."""
    counts = _counts(*_pair(truth, labels))
    n = int(counts.sum())
    # Ordered pairs of samples together in both, and in either; Python's integers do not overflow.
    both, in_true, in_clusters = (
        int((sizes**2).sum()) - n for sizes in (counts, counts.sum(axis=1), counts.sum(axis=0))
    )
    only_true, only_clusters = in_true - both, in_clusters - both
    if only_true == only_clusters == 0:
        return 1.0
    apart = n**2 - n - both - only_true - only_clusters
    scale = in_true * (only_true + apart) + in_clusters * (only_clusters + apart)
    return 2.0 * (both * apart - only_true * only_clusters) / scale


def ami(labels: ArrayLike, truth: ArrayLike) -> float:
    """Mutual information adjusted for chance, at most 1: 0 by chance, whatever the number."""
    counts = _counts(*_pair(truth, labels))
    if 1 in counts.shape:
        return float(counts.shape == (1, 1))
    by_chance = float(expected_mutual_information(counts, int(counts.sum())))
    above = _mutual_information(counts) - by_chance
    most = _mean_entropy(counts) - by_chance
    # Both are kept from 0, their signs too, as where chance gives all that there is to have.
    above, most = (np.copysign(max(abs(part), _SMALLEST), part) for part in (above, most))
    return float(above / most)


def purity(labels: ArrayLike, truth: ArrayLike) -> float:
    """Share of samples that have the commonest true label of their cluster, in (0, 1].

    It rises with the number of clusters, to 1 with one a sample, and never falls below the share
    of the commonest true label.
    """
    counts = _counts(*_pair(truth, labels))
    return float(counts.max(axis=0).sum() / counts.sum())


def _pair(truth: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both labellings as numbers from 0."""
    true = as_labels(truth, "truth")
    both = true, as_labels(labels, "labels", len(true))
    true, clusters = (np.unique(names, return_inverse=True)[1] for names in both)
    return true, clusters


def _counts(true: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Samples of each true label and cluster, true labels × clusters."""
    shape = true.max() + 1, clusters.max() + 1
    return np.bincount(true * shape[1] + clusters, minlength=shape[0] * shape[1]).reshape(shape)


def _nmi(counts: np.ndarray) -> float:
    if counts.shape == (1, 1):
        return 1.0
    shared = _mutual_information(counts)
    return shared / _mean_entropy(counts) if shared > 0 else 0.0


def _mutual_information(counts: np.ndarray) -> float:
    """In nats, at least 0."""
    n, expected = counts.sum(), np.outer(counts.sum(axis=1), counts.sum(axis=0))
    here = counts > 0
    logs = np.log(counts[here]) - np.log(expected[here]) + np.log(n)
    terms = counts[here] / n * logs
    return max(0.0, float(terms[np.abs(terms) >= _SMALLEST].sum()))


def _mean_entropy(counts: np.ndarray) -> float:
    """Mean of the entropies of the two labellings, in nats."""
    n = counts.sum()
    both = (counts.sum(axis=1), counts.sum(axis=0))
    return float(np.mean([-(sizes / n * (np.log(sizes) - np.log(n))).sum() for sizes in both]))
