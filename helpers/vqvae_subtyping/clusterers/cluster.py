"""Every clusterer under one call: samples in, a cluster number per sample out."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import SpectralClustering
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import kneighbors_graph

from helpers.evaluate.arrays import as_matrix
from helpers.vqvae_subtyping.clusterers.consensus_nmf import consensus_nmf
from helpers.vqvae_subtyping.clusterers.icluster import icluster
from helpers.vqvae_subtyping.clusterers.kmeans import kmeans
from helpers.vqvae_subtyping.clusterers.snf import FusibleViews, snf

GRAPH_NEIGHBOURS = 10  # of spectral clustering at most, the sample itself left out

Views = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Draws:
    """How much the clusterers draw that draw at random.

    n_runs: factorisations of consensus NMF.
    n_burn_in, n_draws: of iClusterBayes' chain, left out and averaged.
    """

    n_runs: int = 20
    n_burn_in: int = 100
    n_draws: int = 200


ALL_DRAWS = Draws()


def cluster(
    clusterer: str,
    space: ArrayLike,
    n_clusters: int,
    seed: int,
    views: Mapping[str, ArrayLike] | None = None,
    draws: Draws = ALL_DRAWS,
) -> np.ndarray:
    """A cluster from 0 for each sample by one clusterer, on latents or raw expression.

    `space`: samples × columns of any sign, raw expression standardised. `views`: the same samples
    as kind of data → samples × features ("gene", "microRNA") for snf and icluster, which without
    it take `space` as their only view. The others never see `views`. `FusibleViews` are fused once
    for all seeds.

    kmeans    10 starts
    spectral  graph of the 10 nearest neighbours (of few samples √n), an edge where either chose
              the other
    gmm       Gaussian mixture with diagonal covariances (full ones need more samples than raw
              expression has), 5 starts, variances at least 1 % of the mean variance
    snf       similarity network fusion and spectral clustering
    icluster  iClusterBayes, its Gaussian case; it looks for what columns have in common, which
              uncorrelated latents of equal variance do not have
    cnmf      consensus of non-negative factorisations; columns with negative values are centred
              and split into what lies above and what lies below

    Quantised spaces hold many samples in one place. Where there are no more places than clusters,
    each place is a cluster, so fewer than `n_clusters` can come back; spectral and snf, whose
    neighbours would all be in one place, cluster the places and hand the result to the samples.

    Raises:
        ValueError: unknown clusterer, NaN, views of other samples, fewer samples than clusters, or
            fewer than two clusters.
    """
    x = _checked(clusterer, space, n_clusters)
    views = {"space": x} if views is None else _checked_views(views, len(x))
    places, place = np.unique(x, axis=0, return_inverse=True)
    place = place.ravel()
    if len(places) <= n_clusters:
        return place
    if clusterer in {"spectral", "snf"} and len(places) < len(x) and "space" in views:
        return CLUSTERERS[clusterer](places, n_clusters, seed, {"space": places}, draws)[place]
    return CLUSTERERS[clusterer](x, n_clusters, seed, views, draws)


def _kmeans(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    return kmeans(x, n_clusters, seed, n_starts=10)


def _spectral(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    near = kneighbors_graph(x, min(GRAPH_NEIGHBOURS, isqrt(len(x))))
    model = SpectralClustering(n_clusters, affinity="precomputed", random_state=seed)
    with warnings.catch_warnings():
        # Parts of the graph without a path between them are clusters, not a fault.
        warnings.filterwarnings("ignore", "Graph is not fully connected")
        return model.fit_predict(near.maximum(near.T))


def _gmm(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    floor = 0.01 * float(x.var(axis=0).mean())
    model = GaussianMixture(
        n_clusters, covariance_type="diag", n_init=5, reg_covar=floor, random_state=seed
    )
    return model.fit_predict(x)


def _snf(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    return snf(views, n_clusters, seed)


def _icluster(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    how = {"n_burn_in": draws.n_burn_in, "n_draws": draws.n_draws}
    return icluster(views, n_clusters, seed, **how).labels


def _cnmf(x: np.ndarray, n_clusters: int, seed: int, views: Views, draws: Draws) -> np.ndarray:
    return consensus_nmf(x, n_clusters, draws.n_runs, seed).labels


CLUSTERERS: dict[str, Callable[[np.ndarray, int, int, Views, Draws], np.ndarray]] = {
    "kmeans": _kmeans,
    "spectral": _spectral,
    "gmm": _gmm,
    "snf": _snf,
    "icluster": _icluster,
    "cnmf": _cnmf,
}
"""Name → clusterer, in the order of the paper's figure 6."""


def _checked(clusterer: str, space: ArrayLike, n_clusters: int) -> np.ndarray:
    x = as_matrix(space, "space")
    if clusterer not in CLUSTERERS:
        raise ValueError(f"`clusterer` must be one of {[*CLUSTERERS]}; got {clusterer!r}.")
    if not 2 <= n_clusters <= len(x):
        raise ValueError(
            f"`n_clusters` must be from 2 to the number of samples; got {n_clusters} clusters for "
            f"{len(x)} samples. Ask for fewer clusters or keep more patients."
        )
    return x


def _checked_views(views: Mapping[str, ArrayLike], n_samples: int) -> Views:
    if not views:
        raise ValueError(
            "`views` must hold at least one kind of data; got none. Leave it out to cluster `space`"
        )
    checked = {name: as_matrix(x, f"views[{name!r}]", n_samples) for name, x in views.items()}
    return views if isinstance(views, FusibleViews) else checked
