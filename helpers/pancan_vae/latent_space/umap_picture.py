"""A space drawn in two dimensions with UMAP, and how far the drawing can be trusted."""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from sklearn.neighbors import NearestNeighbors

from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness

UMAPS_EXACT = 4095  # samples up to which UMAP looks at every pair; from there it estimates
MOST_EXACT = 20_000
"""Samples up to which every pair is looked at here: 5,700 take 0.1 s, and the estimate, with its
compilation, 25 s of CPU."""


@dataclass(frozen=True)
class UmapPicture:
    """xy: sample × 2. trust: share of neighbours kept, see `representation.trustworthiness`."""

    xy: np.ndarray
    trust: float
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """`latent.trustworthiness.umap`."""
        return {"latent.trustworthiness.umap": self.trust}


def draw_umap(z: np.ndarray, seed: int) -> UmapPicture:
    """UMAP of `z` (sample × latent), single-threaded, so that a seed gives one picture."""
    from umap import UMAP

    n_threads = torch.get_num_threads()  # UMAP changes it for all that follows
    neighbours = _neighbours(z) if UMAPS_EXACT < len(z) <= MOST_EXACT else (None, None)
    with warnings.catch_warnings():  # no index to place new points by: there are none
        warnings.filterwarnings("ignore", message="precomputed_knn")
        reducer = UMAP(random_state=seed, n_jobs=1, precomputed_knn=(*neighbours, None))
        xy = reducer.fit_transform(z)
    torch.set_num_threads(n_threads)
    return UmapPicture(xy, trustworthiness(z, xy))


def _neighbours(z: np.ndarray, k: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """(Indices, distances) of the `k` nearest samples of each, itself the first."""
    distance, index = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(z).kneighbors(z)
    return index, distance
