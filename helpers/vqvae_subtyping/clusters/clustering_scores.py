"""How good a clustering is: against known subtypes, and by how far apart its clusters lie."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix
from helpers.vqvae_subtyping.clusters.label_agreement import ami, ari, nmi, purity, shuffled_nmi

METRICS = ("nmi", "ari", "ami", "purity", "silhouette_common", "silhouette_own", "nmi_shuffled")
"""Metrics of a clustering; all have 1 as the best value and higher is better. The last one is a
control: nmi with the known subtypes shuffled, which is what chance alone gives."""

GridKey = tuple[str, str, int]  # extractor, clusterer, seed


@dataclass(frozen=True)
class Distances:
    """Euclidean distance of every two samples of a space, for many clusterings of it."""

    between: np.ndarray


def distances_in(space: ArrayLike | Distances) -> Distances:
    """The distances of samples × columns; those of `Distances` are there already.

    Raises:
        ValueError: NaN in the space.
    """
    if isinstance(space, Distances):
        return space
    x = as_matrix(space, "space").astype(float)
    x -= x.mean(axis=0)
    squares = np.einsum("ij,ij->i", x, x)
    # ‖a − b‖² = ‖a‖² + ‖b‖² − 2 aᵀb, as one matrix product.
    between = x @ x.T
    between *= -2
    between += squares
    between += squares[:, None]
    np.fill_diagonal(between, 0)
    np.maximum(between, 0, out=between)
    return Distances(np.sqrt(between, out=between))


def silhouette(labels: ArrayLike, space: ArrayLike | Distances) -> float:
    """Mean silhouette of the clusters in `space` (samples × columns), Euclidean, in [−1, 1].

    NaN for one cluster or for as many as there are samples. A sample alone in its cluster counts 0.
    With `Distances` as the space, scikit-learn's takes seven times as long.

    Raises:
        ValueError: parts of unequal length, or NaN in them.
    """
    distance = distances_in(space).between
    clusters = as_labels(labels, "labels", len(distance))
    names, number = np.unique(clusters, return_inverse=True)
    if not 2 <= len(names) < len(clusters):
        return float("nan")
    member = (number[:, None] == np.arange(len(names))).astype(float)
    size, rows = member.sum(axis=0), np.arange(len(number))
    total = distance @ member  # of each sample to all of a cluster, samples × clusters
    within = total[rows, number] / np.maximum(size[number] - 1, 1)
    apart = total / size
    apart[rows, number] = np.inf
    nearest = apart.min(axis=1)
    larger = np.maximum(within, nearest)
    # (b − a) / max(a, b); 0 where all is in one place, and for a sample alone.
    is_told = (larger > 0) & (size[number] > 1)
    values = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=is_told)
    return float(values.mean())


def clustering_scores(
    labels: ArrayLike,
    truth: ArrayLike | None,
    own_space: ArrayLike | Distances,
    common_space: ArrayLike | Distances,
) -> dict[str, float]:
    """Every metric of METRICS for one clustering; higher is better in each.

    `truth`: subtype per sample, "" or missing where it is not known; those samples count for the
    silhouettes alone. With fewer than two subtypes known, nmi, ari, ami and purity
    are NaN.
    `own_space`: what was clustered. `common_space`: the same for all methods, as a method's own
    space can flatter it: quantised noise of 64 codes has a silhouette of 0.99 there.

    Raises:
        ValueError: parts of unequal length, or NaN in a space.
    """
    common = distances_in(common_space)
    clusters = as_labels(labels, "labels", len(common.between))
    scores = dict.fromkeys(METRICS, float("nan"))
    true = known_truth(truth, len(clusters))
    is_known = true != ""
    if len(set(true[is_known].tolist())) >= 2:
        pair = clusters[is_known], true[is_known]
        scores |= {"nmi": nmi(*pair), "ari": ari(*pair), "ami": ami(*pair), "purity": purity(*pair)}
        scores["nmi_shuffled"] = shuffled_nmi(*pair)
    scores["silhouette_own"] = silhouette(clusters, own_space)
    scores["silhouette_common"] = silhouette(clusters, common)
    return scores


def known_truth(truth: ArrayLike | None, n_samples: int) -> np.ndarray:
    """Subtypes as strings, "" where they are missing; all "" for None.

    Raises:
        ValueError: another number of subtypes than samples.
    """
    if truth is None:
        return np.full(n_samples, "")
    values = np.asarray(truth, dtype=object)
    if values.shape != (n_samples,):
        raise ValueError(
            f"`truth` must have one subtype per sample: {n_samples} samples, `truth` has shape "
            f'{values.shape}. Align it on the sample index, with "" where it is not known.'
        )
    return np.array(["" if pd.isna(value) else str(value) for value in values])


def score_grid(
    clusterings: Mapping[GridKey, ArrayLike],
    truth: ArrayLike | None,
    spaces: Mapping[tuple[str, int], ArrayLike],
    common_space: ArrayLike,
) -> pd.DataFrame:
    """Scores of every clustering. Columns: extractor, clusterer, seed, n_clusters, and METRICS.

    `clusterings`: (extractor, clusterer, seed) → labels. `spaces`: (extractor, seed) → what was
    clustered. `n_clusters` counts the clusters that were found, which can be fewer than asked for.

    Raises:
        ValueError: no space for a clustering, or as `clustering_scores`.
    """
    for extractor, _, seed in clusterings:
        if (extractor, seed) not in spaces:
            raise ValueError(
                f"`spaces` needs what was clustered: {(extractor, seed)} is missing; it has "
                f"{[*spaces]}. Give the space of every extractor and seed."
            )
    common, rows = distances_in(common_space), {}
    own, distances = None, None
    for key in sorted(clusterings, key=lambda key: key[::2]):  # the distances of a space once
        extractor, clusterer, seed = key
        if own is not spaces[extractor, seed]:
            own = spaces[extractor, seed]
            distances = distances_in(own)
        row = {"extractor": extractor, "clusterer": clusterer, "seed": seed}
        row["n_clusters"] = len(np.unique(np.asarray(clusterings[key])))
        rows[key] = row | clustering_scores(clusterings[key], truth, distances, common)
    columns = ["extractor", "clusterer", "seed", "n_clusters", *METRICS]
    return pd.DataFrame([rows[key] for key in clusterings], columns=columns)


def summarise_grid(grid: pd.DataFrame) -> pd.DataFrame:
    """Mean and SD over seeds of a `score_grid`, long, in its order; NaN are left out.

    Columns: extractor, clusterer, metric, mean, sd (0 for one seed), n_seeds (with a value).
    """
    long = grid.melt(["extractor", "clusterer", "seed"], list(METRICS), var_name="metric")
    groups = long.groupby(["extractor", "clusterer", "metric"], sort=False)["value"]
    table = groups.agg(mean="mean", sd="std", n_seeds="count").reset_index()
    return table.assign(sd=table["sd"].mask(table["n_seeds"] == 1, 0.0))


def grid_values(grid: pd.DataFrame) -> dict[str, list[float]]:
    """`clustering.<metric>.<extractor>.<clusterer>` → its finite values, one per seed.

    What has no finite value (no known subtype, one cluster) is left out.
    """
    values = {}
    for (extractor, clusterer), rows in grid.groupby(["extractor", "clusterer"], sort=False):
        for metric in METRICS:
            finite = rows.loc[np.isfinite(rows[metric]), metric].tolist()
            if finite:
                values[f"clustering.{metric}.{extractor}.{clusterer}"] = finite
    return values
