"""Samples in two dimensions, before and after they are aligned."""

import warnings
from collections.abc import Mapping

import numpy as np
from sklearn.neighbors import NearestNeighbors

N_NEIGHBOURS = 15  # of UMAP, the sample itself among them


def project_before_after(
    aligned: Mapping[str, np.ndarray], seed: int, rows: np.ndarray | slice = slice(None)
) -> list[np.ndarray]:
    """UMAP of the input and of what RNAlign makes of it, samples × 2 each, from one seed.

    `aligned`: method → samples × genes. `rows`: samples that are projected.
    """
    return [_project(aligned[method][rows], seed) for method in ("input", "rnalign")]


def _project(x: np.ndarray, seed: int) -> np.ndarray:
    """UMAP on exact neighbours, found here: compiling its own search takes 3 s a process."""
    import umap

    neighbours: tuple = (None, None, None)
    if len(x) > N_NEIGHBOURS:
        nearest = NearestNeighbors(n_neighbors=N_NEIGHBOURS, algorithm="brute").fit(x)
        distance, index = nearest.kneighbors(x)
        neighbours = index, distance.astype(np.float32), None
    with warnings.catch_warnings():  # no index to place new points by: there are none
        warnings.filterwarnings("ignore", message="precomputed_knn")
        reducer = umap.UMAP(N_NEIGHBOURS, random_state=seed, n_jobs=1, precomputed_knn=neighbours)
        return reducer.fit_transform(x)
