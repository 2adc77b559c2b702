"""Samples in two dimensions with UMAP, compiled once a machine and not once a process."""

import warnings

import numpy as np
import torch
from jaxtyping import Float
from sklearn.neighbors import NearestNeighbors

from helpers.figures.numba_cache import compiled_once

N_NEIGHBOURS = 15  # umap-learn's default, a sample itself among them
MOST_EXACT = 20_000
"""Samples up to which every pair is looked at here: 5,700 take 0.1 s, and UMAP's estimate 25 s of
CPU where it has to be compiled. Below 4,096 UMAP looks at every pair itself, by a call for each."""


def umap_layout(
    x: Float[np.ndarray, "sample feature"], seed: int, n_epochs: int | None = None
) -> Float[np.ndarray, "sample 2"]:
    """UMAP of `x` with umap-learn's defaults, single-threaded, so that a seed gives one picture.

    McInnes, Healy & Melville (2018). Departure: neighbours are exact up to 20,000 samples.
    `n_epochs`: passes over the graph; None is umap-learn's 500, and 200 from 10,000 samples.
    """
    n_threads = torch.get_num_threads()  # UMAP changes it for all that follows
    neighbours = _neighbours(x)
    found_by = "umap" if neighbours[0] is None else "here"
    with compiled_once(f"{found_by}-{x.dtype}"), warnings.catch_warnings():
        from umap import UMAP

        # There is no index to place new points by; nobody asks for one.
        warnings.filterwarnings("ignore", message="precomputed_knn")
        reducer = UMAP(n_epochs=n_epochs, random_state=seed, n_jobs=1, precomputed_knn=neighbours)
        xy = reducer.fit_transform(x)
    torch.set_num_threads(n_threads)
    return xy


def _neighbours(x: np.ndarray) -> tuple:
    """(Indices, distances, no search index) of the nearest; Nones where UMAP shall find them."""
    if not N_NEIGHBOURS < len(x) <= MOST_EXACT:
        return None, None, None
    nearest = NearestNeighbors(n_neighbors=N_NEIGHBOURS, algorithm="brute").fit(x)
    distance, index = nearest.kneighbors(x)
    return index, distance.astype(np.float32), None
