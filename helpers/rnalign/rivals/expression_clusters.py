"""Expression clusters, and the genes that differ between them: Celligner's first two steps."""

import numpy as np
from scipy.sparse import csr_array, triu
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from helpers.evaluate.differential import squeeze_variances

N_NEIGHBOURS = 20  # of the shared-neighbour graph, the sample itself among them
MIN_OVERLAP = 1 / 15  # edges with a smaller Jaccard index are left out


def cluster_samples(
    x: np.ndarray, n_components: int = 70, resolution: float = 5.0, seed: int = 0
) -> np.ndarray:
    """A cluster number for each sample (samples × genes, log scale), from 0.

    Louvain communities (networkx) of the shared-neighbour graph in the space of the first
    principal components: an edge is the Jaccard index of two samples' 20 nearest neighbours. The
    numbers are those of Celligner, which leaves this step to Seurat. Departures: networkx's
    Louvain is started once, not ten times, and single samples keep a cluster of their own where
    Seurat would add them to another.
    """
    import networkx

    pca = PCA(min(n_components, len(x) - 1, x.shape[1]), svd_solver="randomized", random_state=seed)
    graph = _shared_neighbours(pca.fit_transform(x))
    communities = networkx.community.louvain_communities(
        networkx.from_scipy_sparse_array(graph), resolution=resolution, seed=seed
    )
    clusters = np.empty(len(x), dtype=int)
    for number, members in enumerate(communities):
        clusters[list(members)] = number
    return clusters


def _shared_neighbours(z: np.ndarray) -> csr_array:
    """Jaccard index of every two samples' nearest neighbours, each sample its own first."""
    k = min(N_NEIGHBOURS, len(z))
    nearest = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(z)
    is_near = csr_array(nearest.kneighbors_graph(z))  # with the sample itself
    shared = csr_array(triu(is_near @ is_near.T, k=1))
    shared.data = shared.data / (2 * k - shared.data)
    shared.data[shared.data < MIN_OVERLAP] = 0
    shared.eliminate_zeros()
    return shared


def within_clusters(x: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """`x` less its cluster's mean, gene by gene; samples × genes."""
    names, number = np.unique(clusters, return_inverse=True)
    sums = csr_array(
        (np.ones(len(x), x.dtype), (number, np.arange(len(x)))), shape=(len(names), len(x))
    )
    means = (sums @ x) / np.bincount(number)[:, None]
    return x - means[number].astype(x.dtype)


def moderated_f(x: np.ndarray, clusters: np.ndarray, min_samples: int = 3) -> np.ndarray:
    """Moderated F of each gene (limma, Smyth 2004): how much it differs between clusters, ≥ 0.

    `x`: samples × genes. Variances within clusters are drawn towards their common value as far as
    their spread over the genes allows. Clusters below `min_samples` are left out. Zeros if fewer
    than two are left. Departure from Celligner: the common value has no trend with the mean.
    """
    _, number, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    keep = (sizes >= min_samples)[number]
    n_clusters = int((sizes >= min_samples).sum())
    if n_clusters < 2 or keep.sum() <= n_clusters:
        return np.zeros(x.shape[1])
    x, clusters = x[keep], clusters[keep]
    within = np.square(within_clusters(x, clusters), dtype=float).sum(axis=0)
    between = np.square(x - x.mean(axis=0), dtype=float).sum(axis=0) - within
    n_free = len(x) - n_clusters
    variance = squeeze_variances(within / n_free, n_free)
    return between / (n_clusters - 1) / np.where(variance > 0, variance, np.inf)
