"""Do the same clusters come back: from another seed, from other patients, for which k.

No label is used. k-means finds k clusters in anything, and a cloud that is merely long is split in
two at the same place every time; so stability is read against data without clusters.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA

from helpers.evaluate.arrays import as_labels, as_matrix
from helpers.vqvae_subtyping.clusterers.kmeans import kmeans
from helpers.vqvae_subtyping.clusters.label_agreement import ari

COLUMNS = ["k", "stability", "sd", "n_resamples", "null", "null_sd", "gap", "p"]


def seed_stability(labelings: Sequence[ArrayLike]) -> float:
    """Mean adjusted Rand index over pairs of clusterings of the same samples, at most 1.

    1: the same clusters, whatever their numbers; 0: no more alike than by chance.

    Raises:
        ValueError: fewer than two clusterings, or of unequal length.
    """
    if len(labelings) < 2:
        raise ValueError(
            f"stability needs at least two clusterings; got {len(labelings)}. Add a seed."
        )
    n_samples = len(np.asarray(labelings[0]))
    flat = [as_labels(labels, "labelings", n_samples) for labels in labelings]
    return float(np.mean([ari(a, b) for a, b in combinations(flat, 2)]))


def seed_stability_grid(clusterings: Mapping[tuple[str, str, int], ArrayLike]) -> pd.DataFrame:
    """`seed_stability` of every extractor × clusterer. Columns: extractor, clusterer, ari, n_seeds.

    `clusterings`: (extractor, clusterer, seed) → labels. Pairs with one seed are left out.
    """
    runs = _grouped(clusterings, lambda key: key[:2])
    rows = [(*key, seed_stability(a), len(a)) for key, a in runs.items() if len(a) > 1]
    return pd.DataFrame(rows, columns=["extractor", "clusterer", "ari", "n_seeds"])


def clusterer_agreement(clusterings: Mapping[tuple[str, str, int], ArrayLike]) -> pd.DataFrame:
    """Mean adjusted Rand index between clusterers, at most 1, on the same latents.

    Is the choice of the clusterer without effect? `clusterings` as for `seed_stability_grid`.
    Columns: extractor, seed, ari, n_clusterers. One clusterer alone is left out.
    """
    runs = _grouped(clusterings, lambda key: key[::2])
    rows = [(*key, seed_stability(a), len(a)) for key, a in runs.items() if len(a) > 1]
    return pd.DataFrame(rows, columns=["extractor", "seed", "ari", "n_clusterers"])


def stability_over_k(
    x: ArrayLike,
    ks: Iterable[int],
    n_resamples: int = 20,
    seed: int = 0,
    *,
    n_nulls: int = 20,
    fraction: float = 0.8,
    n_components: int = 20,
) -> pd.DataFrame:
    """How alike k-means clusters of random parts of the samples are, for each number of clusters.

    Two random parts of the samples are clustered each by itself; their adjusted Rand index on the
    samples in both, mean over the pairs of parts, is `stability`, at most 1 (Ben-Hur, Elisseeff &
    Guyon 2002). Data sets without clusters are measured alike: one normal cloud with the means and
    covariance of `x`, so that k-means may cut it along its length as it may `x`.

    Args:
        x: samples × columns.
        ks: numbers of clusters.
        n_resamples: pairs of random parts.
        seed: of parts, clouds and k-means.
        n_nulls: data sets without clusters.
        fraction: of the samples, that a part has.
        n_components: principal components in which all is done, fitted on all samples; 0: `x`
            itself.

    Columns: k, stability, sd (over resamples), n_resamples, null, null_sd (over data sets), gap
    (stability less null), p. p is corrected for looking at several k: the share of data sets,
    the observed one counted in, whose best k lies as many of its null_sd above its null.

    Raises:
        ValueError: a k below 2 or above half of a subsample, a fraction outside (0.5, 1), no
            resample, or fewer than two data sets without clusters.
    """
    ks = [*ks]
    points = as_matrix(x, "x").astype(float)
    _check(ks, len(points), n_resamples, n_nulls, fraction)
    if n_components:
        n_used = min(n_components, len(points) - 1, points.shape[1])
        points = PCA(n_used, random_state=seed).fit_transform(points)
    rng = np.random.default_rng(seed)
    seen = _agreement(points, ks, n_resamples, fraction, rng)
    n_each = max(2, n_resamples // 5)
    clouds = [
        _agreement(_without_clusters(points, rng), ks, n_each, fraction, rng).mean(axis=0)
        for _ in range(n_nulls)
    ]
    return _table(ks, seen, np.array(clouds))


def choose_k(table: pd.DataFrame, max_p: float = 0.05) -> int:
    """The number of clusters with the largest gap to the null; 1 if there is none.

    `table`: as `stability_over_k` returns. Only ks with p ≤ `max_p` count. Among those whose gap is
    within one standard error of the best one's, the largest k, as the same clusters merged are as
    stable. The last k of the table says that more should be tried.
    """
    counted = table[(table["p"] <= max_p) & (table["gap"] > 0)]
    if counted.empty:
        return 1
    best = counted.loc[counted["gap"].idxmax()]
    error = best["sd"] / np.sqrt(best["n_resamples"])
    return int(counted.loc[counted["gap"] >= best["gap"] - error, "k"].max())


def _grouped(clusterings: Mapping, by: Callable[[tuple], tuple]) -> dict[tuple, list]:
    """The clusterings whose keys `by` makes equal, in the order of their first."""
    groups: dict[tuple, list] = {}
    for key, labels in clusterings.items():
        groups.setdefault(by(key), []).append(labels)
    return groups


def _agreement(
    x: np.ndarray, ks: list[int], n_resamples: int, fraction: float, rng: np.random.Generator
) -> np.ndarray:
    """Adjusted Rand index of each pair of subsamples, resamples × ks."""
    size = round(fraction * len(x))
    values = np.empty((n_resamples, len(ks)))
    for row in range(n_resamples):
        parts = [np.sort(rng.permutation(len(x))[:size]) for _ in range(2)]
        _, *places = np.intersect1d(*parts, assume_unique=True, return_indices=True)
        for column, k in enumerate(ks):
            start = int(rng.integers(2**31))
            a, b = (kmeans(x[part], k, start, n_starts=3) for part in parts)
            values[row, column] = ari(a[places[0]], b[places[1]])
    return values


def _without_clusters(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One normal cloud with the means and covariance of `x`."""
    # With x − mean = U S Vᵀ the covariance is V S² Vᵀ / (n − 1), that of N(0, I) · S Vᵀ / √(n − 1).
    left, size, right = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    normal = rng.standard_normal(left.shape)
    return x.mean(axis=0) + normal @ (size[:, None] * right) / np.sqrt(len(x) - 1)


def _table(ks: list[int], seen: np.ndarray, clouds: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame({"k": ks, "stability": seen.mean(axis=0), "n_resamples": len(seen)})
    table["sd"] = seen.std(axis=0, ddof=1) if len(seen) > 1 else 0.0
    table["null"] = clouds.mean(axis=0)
    table["null_sd"] = clouds.std(axis=0, ddof=1)
    table["gap"] = table["stability"] - table["null"]
    # How far above its null each k lies, in the null's SDs; of a cloud, its best k counts.
    scale = np.maximum(table["null_sd"].to_numpy(), 1e-12)
    best = ((clouds - clouds.mean(axis=0)) / scale).max(axis=1)
    n_as_stable = (best[:, None] >= table["gap"].to_numpy() / scale).sum(axis=0)
    return table.assign(p=(n_as_stable + 1) / (len(clouds) + 1))[COLUMNS]


def _check(ks: list[int], n_samples: int, n_resamples: int, n_nulls: int, fraction: float) -> None:
    if not 0.5 < fraction < 1 or n_resamples < 1 or n_nulls < 2:
        raise ValueError(
            "`fraction` must lie between 0.5 and 1, with a resample and two nulls or more; got "
            f"fraction = {fraction}, n_resamples = {n_resamples}, n_nulls = {n_nulls}. "
            "p can only reach 1 / (n_nulls + 1)."
        )
    largest = int(fraction * n_samples / 2)
    if not ks or min(ks) < 2 or max(ks) > largest:
        raise ValueError(
            f"`ks` must be from 2 to half of a subsample, here {largest}; got {ks}. "
            "Ask for fewer clusters or keep more patients."
        )
