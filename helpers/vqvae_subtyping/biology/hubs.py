"""Hubs of a regulatory network, beside what a random network of the same shape would have."""

from collections.abc import Collection, Hashable, Mapping

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import hypergeom

SOURCES_AT_ONCE = 64  # from which shortest paths are followed side by side


def hubs(
    pairs: pd.DataFrame,
    supported: Mapping[Hashable, Collection[Hashable]] | None = None,
    features: Collection[Hashable] | None = None,
    *,
    n_permutations: int = 50,
    seed: int = 0,
) -> pd.DataFrame:
    """Degree and betweenness of each node of a microRNA–gene network; largest degree first.

    Two controls. A well-studied node has many supported pairs: p_degree is the chance of as many
    pairs in the network if its pairs were drawn from all supported ones between `features` (every
    measured microRNA and gene; hypergeometric, upper tail). A node of high degree lies between
    others anyway: p_betweenness is the share of `n_permutations` networks with every node's degree
    kept (pairs swapped at random) in which it lies between as much, never below
    1/(n + 1).

    `pairs`: columns microRNA, gene, kind, as `regulation_pairs` returns them. Without `supported`,
    expected_degree and p_degree are NaN.

    Index: node. Columns: kind ("microRNA" | "gene" | "lncRNA"), degree, expected_degree, p_degree,
    betweenness in [0, 1], expected_betweenness, p_betweenness.
    """
    edges = pairs[["microRNA", "gene"]].drop_duplicates()
    degree = pd.concat([edges["microRNA"], edges["gene"]]).value_counts(sort=False)
    kind = dict.fromkeys(edges["microRNA"], "microRNA")
    kind |= dict(zip(pairs["gene"], pairs["kind"], strict=True))
    table = pd.DataFrame({"kind": pd.Series(kind, dtype=object), "degree": degree})
    table = table.join(_degree_by_chance(degree, len(edges), supported, features))
    table = table.join(_betweenness(edges.to_numpy(), n_permutations, seed))
    table = table.rename_axis("node").reset_index()
    order = ["degree", "betweenness", "node"]
    table = table.sort_values(order, ascending=[False, False, True]).set_index("node")
    return table


def rewired(edges: np.ndarray, rng: np.random.Generator, n_swaps: int | None = None) -> np.ndarray:
    """A random network in which every node has the same degree: partners of two pairs swapped.

    `edges`: pairs × 2, distinct. `n_swaps`: swaps tried, 10 a pair unless given; one that would
    make a pair twice is not done.
    """
    pairs = [tuple(pair) for pair in np.asarray(edges).tolist()]
    present = set(pairs)
    for i, j in rng.integers(len(pairs), size=(n_swaps or 10 * len(pairs), 2)).tolist():
        (a, b), (c, d) = pairs[i], pairs[j]
        if (a, d) not in present and (c, b) not in present:
            present -= {(a, b), (c, d)}
            pairs[i], pairs[j] = (a, d), (c, b)
            present |= {(a, d), (c, b)}
    return np.array(pairs, dtype=np.asarray(edges).dtype)


def _degree_by_chance(
    degree: pd.Series,
    n_edges: int,
    supported: Mapping[Hashable, Collection[Hashable]] | None,
    features: Collection[Hashable] | None,
) -> pd.DataFrame:
    table = pd.DataFrame({"expected_degree": np.nan, "p_degree": np.nan}, index=degree.index)
    if supported is None:
        return table
    measured = None if features is None else set(features)
    known_pairs = [
        (name, gene)
        for name, genes in supported.items()
        for gene in set(genes)
        if measured is None or (name in measured and gene in measured)
    ]
    n_supported = pd.Series([node for pair in known_pairs for node in pair]).value_counts()
    n_supported = n_supported.reindex(degree.index, fill_value=0)
    table["expected_degree"] = n_edges * n_supported / len(known_pairs)
    table["p_degree"] = hypergeom.sf(degree - 1, len(known_pairs), n_supported, n_edges)
    return table


def _betweenness(edges: np.ndarray, n_permutations: int, seed: int) -> pd.DataFrame:
    nodes, number = np.unique(edges.astype(str), return_inverse=True)
    edges = number.reshape(-1, 2)
    observed = betweenness(_adjacency(edges, len(nodes)))
    rng, drawn = np.random.default_rng(seed), np.empty((n_permutations, len(nodes)))
    for row in drawn:
        edges = rewired(edges, rng)
        row[:] = betweenness(_adjacency(edges, len(nodes)))
    table = pd.DataFrame({"betweenness": observed}, index=nodes)
    table["expected_betweenness"] = drawn.mean(axis=0) if n_permutations else np.nan
    above = (drawn >= observed * (1 - 1e-9)).sum(axis=0)
    table["p_betweenness"] = (1 + above) / (1 + n_permutations)
    return table


def _adjacency(edges: np.ndarray, n_nodes: int) -> csr_array:
    ends = np.concatenate([edges, edges[:, ::-1]]).T
    return csr_array((np.ones(ends.shape[1]), tuple(ends)), shape=(n_nodes, n_nodes))


def betweenness(adjacency: csr_array) -> np.ndarray:
    """Share of the shortest paths between other nodes that lead through each, in [0, 1].

    Freeman's betweenness over (n − 1)(n − 2)/2 pairs by Brandes' recursion (2001), of some sources
    at once: memory is nodes × these × steps of distance. `adjacency`: nodes × nodes, symmetric, 1
    where two are joined.
    """
    n, total = adjacency.shape[0], 0.0
    for start in range(0, n, SOURCES_AT_ONCE):
        total = total + _dependency(adjacency, np.arange(start, min(start + SOURCES_AT_ONCE, n)))
    return total / max(1, (n - 1) * (n - 2))


def _dependency(adjacency: csr_array, sources: np.ndarray) -> np.ndarray:
    """How many shortest paths from the sources, each in shares, every node lies on."""
    n, columns = adjacency.shape[0], np.arange(len(sources))
    # Forward, a step of distance a round: column s counts the shortest paths from source s.
    frontier, is_new = np.zeros((n, len(sources))), np.ones((n, len(sources)), bool)
    frontier[sources, columns], is_new[sources, columns] = 1.0, False
    levels = []
    while frontier.any():
        levels.append(frontier)  # nodes × sources, number of shortest paths to this distance
        frontier = (adjacency @ frontier) * is_new
        is_new &= frontier == 0
    # Back from the farthest: a node passes on, per shortest path, what depends on those beyond it.
    dependency = np.zeros_like(frontier)
    for near, far in zip(levels[-2::-1], levels[:0:-1], strict=True):
        per_path = np.divide(1 + dependency, far, out=np.zeros_like(far), where=far > 0)
        dependency += near * (adjacency @ per_path)
    dependency[sources, columns] = 0
    return dependency.sum(axis=1)
