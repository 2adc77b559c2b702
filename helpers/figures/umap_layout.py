"""Samples in two dimensions with UMAP, compiled once a machine and not once a process.

numba compiles umap-learn's functions, and pynndescent's, in every process that draws: 12 s for the
import and 8 s for the first picture, of CPU. All of them can be kept on disk, which umap-learn does
not ask for; then both take half a second. numba keeps them beside the package or, where that is not
writable, in the user's cache folder (or in `NUMBA_CACHE_DIR`), and compiles anew for another CPU or
another version.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.neighbors import NearestNeighbors

N_NEIGHBOURS = 15  # umap-learn's default, a sample itself among them
UMAPS_EXACT = 4095  # samples up to which UMAP looks at every pair; from there it estimates
MOST_EXACT = 20_000
"""Samples up to which every pair is looked at here: 5,700 take 0.1 s, and UMAP's estimate 25 s of
CPU where it has to be compiled."""


def umap_layout(
    x: Float[np.ndarray, "sample feature"], seed: int, n_epochs: int | None = None
) -> Float[np.ndarray, "sample 2"]:
    """UMAP of `x` with umap-learn's defaults, single-threaded, so that a seed gives one picture.

    McInnes, Healy & Melville (2018). Departure: neighbours are exact up to 20,000 samples.
    `n_epochs`: passes over the graph; None is umap-learn's 500, and 200 from 10,000 samples.
    """
    n_threads = torch.get_num_threads()  # UMAP changes it for all that follows
    with _compiled_once(), warnings.catch_warnings():
        from umap import UMAP

        # There is no index to place new points by; nobody asks for one.
        warnings.filterwarnings("ignore", message="precomputed_knn")
        reducer = UMAP(
            n_epochs=n_epochs, random_state=seed, n_jobs=1, precomputed_knn=_neighbours(x)
        )
        xy = reducer.fit_transform(x)
    torch.set_num_threads(n_threads)
    return xy


def _neighbours(x: np.ndarray) -> tuple:
    """(Indices, distances, no search index) of the nearest, where UMAP would estimate them."""
    if not UMAPS_EXACT < len(x) <= MOST_EXACT:
        return None, None, None
    nearest = NearestNeighbors(n_neighbors=N_NEIGHBOURS, algorithm="brute").fit(x)
    distance, index = nearest.kneighbors(x)
    return index, distance.astype(np.float32), None


@contextmanager
def _compiled_once() -> Iterator[None]:
    """Within it, what `numba.njit` is told to compile is looked for on disk first, and kept there.

    UMAP calls `njit` when it is imported and again for each picture.
    """
    import numba

    plain = numba.njit

    def kept(*arguments: Any, **options: Any) -> Any:
        if arguments and inspect.isfunction(arguments[0]):
            return kept(*arguments[1:], **options)(arguments[0])

        def compiled(function: Callable) -> Callable:
            try:
                return plain(*arguments, **{"cache": True} | options)(function)
            except RuntimeError:  # there is no place that numba may write to
                return plain(*arguments, **options)(function)

        return compiled

    numba.njit = kept
    try:
        yield
    finally:
        numba.njit = plain
