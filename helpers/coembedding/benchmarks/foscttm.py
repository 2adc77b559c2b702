"""Do two modalities of one donor lie together: FOSCTTM, and the type of the nearest other.

FOSCTTM: fraction of samples closer than the true match (Liu, Huang, Singh & Noble 2019, "Jointly
embedding multiple single-cell omics measurements", WABI).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from helpers.evaluate.arrays import as_labels, as_matrix

N_ROWS = 512  # rows of distances held at a time


def donor_foscttm(query: ArrayLike, target: ArrayLike, metric: str = "euclidean") -> np.ndarray:
    """Per row of `query`, the share of the other targets closer than its own, in [0, 1].

    `query`, `target`: donors × latent dimensions, row i of both the same donor. 0 is perfect, 0.5
    chance. A tie counts half, so that an embedding that collapsed to a point scores 0.5 and not 0.
    `metric`: of `scipy.spatial.distance.cdist`.

    Raises:
        ValueError: no shared donors (or one only), other shapes, NaN.
    """
    first, second = _paired(query, target)
    shares = []
    for rows, distance in _distances(first, second, metric):
        own = distance[np.arange(len(rows)), rows][:, None]
        closer = (distance < own).sum(axis=1)
        tied = (distance == own).sum(axis=1) - 1
        shares.append((closer + 0.5 * tied) / (len(second) - 1))
    return np.concatenate(shares)


def foscttm(a: ArrayLike, b: ArrayLike, metric: str = "euclidean") -> dict[str, float]:
    """Mean `donor_foscttm` both ways: a_to_b, b_to_a, mean; lower is better, 0.5 is chance."""
    there, back = (donor_foscttm(*pair, metric).mean() for pair in ((a, b), (b, a)))
    return {"a_to_b": float(there), "b_to_a": float(back), "mean": float((there + back) / 2)}


def shuffled_foscttm(
    a: ArrayLike, b: ArrayLike, labels: ArrayLike | None = None, n_shuffles: int = 10, seed: int = 0
) -> float:
    """Mean FOSCTTM with donors of `b` permuted; with `labels`, only among donors of one label.

    Without labels the value is 0.5. With cancer types as labels it is what knowing a donor's type
    alone gives: a co-embedding that scores no lower has found the type, not the donor.
    """
    first, second = _paired(a, b)
    groups = np.zeros(len(first)) if labels is None else as_labels(labels, "labels", len(first))
    rng = np.random.default_rng(seed)
    scores = [
        foscttm(first, second[_permuted_within(groups, rng)])["mean"] for _ in range(n_shuffles)
    ]
    return float(np.mean(scores))


def foscttm_inside(a: ArrayLike, b: ArrayLike, labels: ArrayLike, min_donors: int = 5) -> float:
    """Mean FOSCTTM among donors of one label only, each donor counting once; 0.5 is chance.

    What is left of the match once the cancer type is given. Labels with fewer than `min_donors`
    donors are left out; NaN if that leaves none.
    """
    first, second = _paired(a, b)
    groups = as_labels(labels, "labels", len(first)).astype(str)
    names, sizes = np.unique(groups, return_counts=True)
    large = names[sizes >= min_donors]
    if not len(large):
        return float("nan")
    parts = [foscttm(first[groups == name], second[groups == name])["mean"] for name in large]
    return float(np.average(parts, weights=sizes[sizes >= min_donors]))


def nearest_type_rate(
    query: ArrayLike,
    target: ArrayLike,
    query_type: ArrayLike,
    target_type: ArrayLike,
    metric: str = "euclidean",
) -> dict[str, float]:
    """Share of queries whose nearest target has their cancer type, in [0, 1]; higher is better.

    The two need not be paired. rate: over queries; balanced: mean over types; chance: rate of a
    target drawn at random. Queries of a type no target has count as wrong.

    Raises:
        ValueError: other numbers of dimensions, or labels that do not fit.
    """
    first, second = as_matrix(query, "query"), as_matrix(target, "target")
    _same_dimensions(first, second)
    types = as_labels(query_type, "query_type", len(first)).astype(str)
    others = as_labels(target_type, "target_type", len(second)).astype(str)
    nearest = [distance.argmin(axis=1) for _, distance in _distances(first, second, metric)]
    is_same = others[np.concatenate(nearest)] == types
    return {
        "rate": float(is_same.mean()),
        "balanced": float(np.mean([is_same[types == name].mean() for name in np.unique(types)])),
        "chance": float(np.mean([(others == name).mean() for name in types])),
    }


def _distances(
    first: np.ndarray, second: np.ndarray, metric: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows, their distances to all of `second`), a block at a time."""
    for start in range(0, len(first), N_ROWS):
        rows = np.arange(start, min(start + N_ROWS, len(first)))
        yield rows, cdist(first[rows], second, metric)


def _permuted_within(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = np.arange(len(groups))
    for name in np.unique(groups):
        rows = np.flatnonzero(groups == name)
        order[rows] = rng.permutation(rows)
    return order


def _paired(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    shapes = np.shape(a), np.shape(b)
    if min(len(shape) and shape[0] for shape in shapes) < 2 or shapes[0][0] != shapes[1][0]:
        raise ValueError(
            "FOSCTTM needs two or more shared donors, row i of both matrices the same donor; got "
            f"shapes {shapes[0]} and {shapes[1]}. Keep the donors that have both modalities."
        )
    first, second = as_matrix(a, "a"), as_matrix(b, "b")
    _same_dimensions(first, second)
    return first, second


def _same_dimensions(first: np.ndarray, second: np.ndarray) -> None:
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            "both modalities must lie in one latent space; got "
            f"{first.shape[1]} and {second.shape[1]} dimensions. Embed them with one co-embedding."
        )
