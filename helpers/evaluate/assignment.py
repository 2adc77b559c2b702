"""Which cluster a patient belongs to who had no part in making the clusters."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix


def assign_to_clusters(x_train: ArrayLike, labels: ArrayLike, x: ArrayLike) -> np.ndarray:
    """The label of the nearest centroid of the training samples, one per row of `x`.

    Euclidean after each column is divided by its training standard deviation. For k-means
    clusters of standardised columns this is k-means' own rule.

    Raises:
        ValueError: NaN, another number of labels, or other columns than in training.
    """
    train = as_matrix(x_train, "x_train").astype(float)
    clusters = as_labels(labels, "labels", len(train))
    values = as_matrix(x, "x").astype(float)
    if values.shape[1] != train.shape[1]:
        raise ValueError(
            f"`x` must have the columns of `x_train`: {train.shape[1]}, got {values.shape[1]}. "
            "Embed both with one model."
        )
    names, number = np.unique(clusters, return_inverse=True)
    mean, sd = train.mean(axis=0), train.std(axis=0)
    scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 1e-12)  # constant columns: 0
    standard = (train - mean) * scale
    centroids = np.array([standard[number == k].mean(axis=0) for k in range(len(names))])
    # ‖x − c‖² = ‖x‖² − 2 (x·c − ‖c‖²/2): the nearest centroid has the largest score.
    scores = (values - mean) * scale @ centroids.T - 0.5 * np.square(centroids).sum(axis=1)
    return names[scores.argmax(axis=1)]


def predict_held_out(
    x: ArrayLike, labels: ArrayLike, n_folds: int = 5, seed: int = 0
) -> np.ndarray:
    """Each sample's cluster as the samples of the other folds have it; a label per sample.

    Folds are random and equally large. The labels of the other folds may still have been made
    with the sample present (transductive); its own label is never read.

    Raises:
        ValueError: fewer than 2 folds, fewer samples than folds, or as `assign_to_clusters`.
    """
    values = as_matrix(x, "x")
    clusters = as_labels(labels, "labels", len(values))
    if not 2 <= n_folds <= len(values):
        raise ValueError(f"`n_folds` must be 2 to the {len(values)} samples; got {n_folds}.")
    fold = np.random.default_rng(seed).permutation(np.arange(len(values)) % n_folds)
    predicted = np.empty_like(clusters)
    for number in range(n_folds):
        out = fold == number
        predicted[out] = assign_to_clusters(values[~out], clusters[~out], values[out])
    return predicted
