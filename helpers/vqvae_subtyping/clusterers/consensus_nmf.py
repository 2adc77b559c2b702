"""Consensus clustering by non-negative matrix factorisation, and how far it settles for each k.

Brunet et al. (2004, PNAS 101, 4164). Departure: squared error by coordinate descent (see
`factorisations`) and not the Kullback–Leibler divergence by multiplicative updates, which takes ten
times as long.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import average, cophenet, fcluster
from scipy.spatial.distance import squareform

from helpers.evaluate.arrays import as_matrix
from helpers.vqvae_subtyping.clusterers.factorisations import factorise


@dataclass(frozen=True)
class ConsensusNMF:
    """What `consensus_nmf` finds.

    labels      a cluster from 0 for each sample
    consensus   share of runs that put two samples in one cluster, samples × samples, in [0, 1]
    cophenetic  correlation of the consensus with its dendrogram, at most 1, which it is when all
                runs agree
    """

    labels: np.ndarray
    consensus: np.ndarray
    cophenetic: float


def consensus_nmf(
    x: ArrayLike, n_clusters: int, n_runs: int = 20, seed: int = 0, max_iterations: int = 100
) -> ConsensusNMF:
    """Clusters of `x` (samples × features) on which factorisations from random starts agree.

    `x` ≈ W H with `n_clusters` rows of H, `n_runs` times; a run puts a sample where W is largest,
    with each row of H at length 1. Labels: average linkage of 1 − consensus, cut into `n_clusters`
    (fewer where samples cannot be told apart). If `x` has negative values, `non_negative(x)` is
    factorised.

    Raises:
        ValueError: NaN, no run, or fewer than 2 clusters or more than samples.
    """
    x = as_matrix(x, "x")
    if not 2 <= n_clusters <= len(x) or n_runs < 1:
        raise ValueError(
            "consensus NMF needs 2 clusters or more, a sample for each, and a run; got "
            f"{n_clusters} clusters of {len(x)} samples, n_runs = {n_runs}. Ask for fewer clusters."
        )
    parts = non_negative(x)
    runs = np.random.SeedSequence(seed).generate_state(n_runs)
    part = _assign(parts, n_clusters, runs, max_iterations)
    # One column a run and part, 1 for its samples: two samples share as many as runs agree on them.
    member = (part == np.arange(n_clusters)[:, None, None]).reshape(-1, len(x)).astype(np.float32)
    consensus = member.T @ member / n_runs
    distance = squareform(1 - consensus.astype(float), checks=False)
    tree = average(distance)
    labels = fcluster(tree, n_clusters, criterion="maxclust") - 1
    return ConsensusNMF(labels, consensus, _cophenetic(tree, distance))


def cophenetic_curve(
    x: ArrayLike, ks: Iterable[int], n_runs: int = 20, seed: int = 0, max_iterations: int = 100
) -> pd.DataFrame:
    """How far the runs agree for each number of clusters. Columns: k, cophenetic, dispersion.

    cophenetic as in `ConsensusNMF`; Brunet et al. take the k before it starts to fall. dispersion:
    mean of 4(c − ½)² over the consensus, in [0, 1], 1 when all runs agree (Kim & Park 2007).

    Raises:
        ValueError: as `consensus_nmf`.
    """
    rows = []
    for k in ks:
        runs = consensus_nmf(x, k, n_runs, seed, max_iterations)
        # 1 where every entry of the consensus is 0 or 1, 0 where every one is ½.
        dispersion = float(np.mean(4 * np.square(runs.consensus - 0.5, dtype=float)))
        rows.append({"k": k, "cophenetic": runs.cophenetic, "dispersion": dispersion})
    return pd.DataFrame(rows, columns=["k", "cophenetic", "dispersion"])


def non_negative(x: ArrayLike) -> np.ndarray:
    """`x` itself, float32, if it has no negative value; else twice as many columns, all ≥ 0.

    Every column less its mean, split into what lies above 0 and what lies below it (Kim & Tidor
    2003), so that up and down are parts of their own and no value is lost.
    """
    x = as_matrix(x, "x")
    if x.min() >= 0:
        return x.astype(np.float32)
    centred = (x - x.mean(axis=0)).astype(np.float32)
    return np.hstack([np.maximum(centred, 0), np.maximum(-centred, 0)])


def _assign(x: np.ndarray, n_clusters: int, seeds: np.ndarray, max_iterations: int) -> np.ndarray:
    """The part in which each sample is largest, runs × samples.

    A run cut short is one more start: that the runs agree is what counts.
    """
    # W H is unchanged when a row of H is scaled to length 1 and its part of W by the length.
    return np.array(
        [
            (weights * np.linalg.norm(parts, axis=1, keepdims=True)).argmax(axis=0)
            for weights, parts in factorise(x, n_clusters, seeds, max_iterations)
        ]
    )


def _cophenetic(tree: np.ndarray, distance: np.ndarray) -> float:
    """1 if every pair is at the same distance, where a correlation does not exist."""
    if np.ptp(distance) == 0:
        return 1.0
    return min(1.0, float(cophenet(tree, distance)[0]))  # never above by rounding
