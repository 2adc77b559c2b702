"""What a latent space keeps: neighbourhoods, classes, sequencing batch.

Everything is measured in the latent space itself, never in a UMAP of it.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import trustworthiness as sklearn_trustworthiness
from sklearn.metrics import (
    balanced_accuracy_score,
    pairwise_distances,
    pairwise_distances_chunked,
    silhouette_samples,
)
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_labels, as_matrix

WORKING_MB = 64  # of distances held at a time


def knn_purity(z: ArrayLike, labels: ArrayLike, k: int = 15) -> dict[str, float]:
    """Share of a sample's k nearest others with its own label, in [0, 1]; higher is better.

    The sample itself is never among its neighbours. purity and chance (labels at random:
    (n_class − 1) / (n − 1)) are means over samples, balanced_purity and balanced_chance over
    classes.

    Raises:
        ValueError: k is not smaller than the number of samples.
    """
    table = class_knn_purity(z, labels, k)
    means = table[["purity", "chance"]].mean()
    return {
        "purity": float(np.average(table["purity"], weights=table["n"])),
        "chance": float(np.average(table["chance"], weights=table["n"])),
        "balanced_purity": float(means["purity"]),
        "balanced_chance": float(means["chance"]),
    }


def class_knn_purity(z: ArrayLike, labels: ArrayLike, k: int = 15) -> pd.DataFrame:
    """`knn_purity` of each class. Index: class. Columns: n, purity, chance."""
    latent = as_matrix(z, "z")
    names = as_labels(labels, "labels", len(latent))
    is_same = names[_neighbours(latent, k)] == names[:, None]
    table = pd.DataFrame({"cancer_type": names, "purity": is_same.mean(axis=1)})
    table = table.groupby("cancer_type")["purity"].agg(n="size", purity="mean")
    return table.assign(chance=(table["n"] - 1) / (len(latent) - 1))


def _neighbours(z: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k nearest other samples; asking without a query leaves the sample out."""
    if not 1 <= k < len(z):
        raise ValueError(
            f"`k` must be from 1 to one less than the number of samples; got k = {k} for "
            f"{len(z)} samples. Lower k."
        )
    return NearestNeighbors(n_neighbors=k).fit(z).kneighbors(return_distance=False)


def class_silhouettes(z: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Mean silhouette of each class in [−1, 1]; higher is more separate (Rousseeuw 1987).

    The rival of a sample is its nearest other class, so neighbours like COAD and READ score low.
    Index: class. Columns: n, silhouette (0 for a class of one sample).

    Raises:
        ValueError: fewer than two classes, or every sample its own class.
    """
    latent = as_matrix(z, "z")
    names = as_labels(labels, "labels", len(latent))
    n_classes = len(set(names.tolist()))
    if not 2 <= n_classes < len(names):
        raise ValueError(
            f"Silhouettes need from 2 classes to one less than the samples; got {n_classes} "
            f"classes of {len(names)} samples."
        )
    table = pd.DataFrame({"cancer_type": names, "value": silhouette_samples(latent, names)})
    return table.groupby("cancer_type")["value"].agg(n="size", silhouette="mean")


def one_vs_rest_silhouette(z: ArrayLike, is_member: ArrayLike) -> float:
    """Silhouette of one class against all other samples as one cluster, mean over its members.

    (b − a) / max(a, b) in [−1, 1], with a the mean distance of a member to the other members and b
    to the rest; 1 is far apart, 0 is not separate.

    Raises:
        ValueError: fewer than two members, or no rest.
    """
    latent = as_matrix(z, "z")
    member = as_labels(is_member, "is_member", len(latent)).astype(bool)
    n_members = int(member.sum())
    if n_members < 2 or n_members == len(member):
        raise ValueError(
            f"A class needs at least 2 members and a rest; got {n_members} of {len(member)} "
            "samples. Choose another class."
        )

    def to_both(distance: np.ndarray, _start: int) -> np.ndarray:
        # a: to the other members, the 0 to itself left out of the count; b: to everybody else.
        within = distance[:, member].sum(axis=1) / (n_members - 1)
        return np.column_stack([within, distance[:, ~member].mean(axis=1)])

    parts = pairwise_distances_chunked(
        latent[member], latent, reduce_func=to_both, working_memory=WORKING_MB
    )
    within, between = np.concatenate(list(parts)).T
    larger = np.maximum(within, between)
    # Members that lie on all other samples have no distance to compare: 0.
    gap = np.divide(between - within, larger, out=np.zeros(n_members), where=larger > 0)
    return float(gap.mean())


def centroid_distances(z: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Euclidean distance between the class means, classes × classes, in units of z."""
    latent = as_matrix(z, "z")
    names = as_labels(labels, "labels", len(latent))
    centroids = pd.DataFrame(latent).groupby(names).mean()
    distance = pairwise_distances(centroids.to_numpy())
    return pd.DataFrame(distance, index=centroids.index, columns=centroids.index)


def nearest_class(z: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Which class mean lies next to each class mean.

    Index: class. Columns: n, nearest, distance (units of z), and second and second_distance,
    which say how clear the first place is (missing with two classes).

    Raises:
        ValueError: fewer than two classes.
    """
    distance = centroid_distances(z, labels)
    if len(distance) < 2:
        raise ValueError("A nearest class needs at least two classes; `labels` has one.")
    classes, values = distance.index.to_numpy(), distance.to_numpy(copy=True)
    np.fill_diagonal(values, np.inf)  # a class is not its own neighbour
    order = values.argsort(axis=1, kind="stable")
    rows = np.arange(len(classes))
    table = pd.DataFrame({"n": pd.Series(np.asarray(labels)).value_counts().reindex(classes)})
    table["nearest"] = classes[order[:, 0]]
    table["distance"] = values[rows, order[:, 0]]
    if len(classes) > 2:
        table["second"] = classes[order[:, 1]]
        table["second_distance"] = values[rows, order[:, 1]]
    return table.rename_axis("cancer_type")


def trustworthiness(
    z: ArrayLike, xy: ArrayLike, k: int = 15, seed: int = 0, max_samples: int = 3000
) -> float:
    """How far neighbours in a picture are neighbours in z, in [0, 1]; 1 is perfect.

    Venna & Kaski (2001), on a random `max_samples` of the samples, as it needs all distances.

    Raises:
        ValueError: k is not smaller than half of the samples.
    """
    latent = as_matrix(z, "z")
    picture = as_matrix(xy, "xy", len(latent))
    chosen = np.random.default_rng(seed).permutation(len(latent))[:max_samples]
    if not 1 <= k < len(chosen) / 2:
        raise ValueError(f"`k` must be below half of the {len(chosen)} samples; got {k}. Lower k.")
    return float(sklearn_trustworthiness(latent[chosen], picture[chosen], n_neighbors=k))


def batch_predictability(
    z: ArrayLike, batch: ArrayLike, labels: ArrayLike, seed: int = 0, min_samples: int = 10
) -> pd.DataFrame:
    """How well z tells the batch within a class: balanced accuracy, lower is better.

    5-fold cross-validated logistic regression on standardised z, in each class with at least
    `min_samples` samples of two or more batches; the smaller batches are left out. A z free of
    batch scores `chance` (1 / number of batches).
    Index: class. Columns: n, n_smallest, n_batches, balanced_accuracy, chance. Empty when no
    class has two batches.
    """
    latent = as_matrix(z, "z")
    names = as_labels(labels, "labels", len(latent))
    batches = as_labels(batch, "batch", len(latent))
    rows = {}
    for name in np.unique(names):
        sizes = pd.Series(batches[names == name]).value_counts()
        large = sizes[sizes >= min_samples]
        if len(large) >= 2:
            inside = (names == name) & np.isin(batches, large.index)
            score = _batch_score(latent[inside], batches[inside], seed)
            rows[name] = (int(large.sum()), int(large.min()), len(large), score, 1 / len(large))
    columns = ["n", "n_smallest", "n_batches", "balanced_accuracy", "chance"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis("cancer_type")


def _batch_score(z: np.ndarray, batch: np.ndarray, seed: int) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", C=0.1))
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
    return float(balanced_accuracy_score(batch, cross_val_predict(model, z, batch, cv=folds)))
