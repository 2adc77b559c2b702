"""Memory at n, 2n and 4n: what grows with the data does so in proportion, nothing faster."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.biology.hubs import hubs
from helpers.vqvae_subtyping.clusterers.icluster import icluster
from helpers.vqvae_subtyping.clusters.cluster_stability import seed_stability, stability_over_k


def peak_memory(function, *arguments):
    tracemalloc.start()
    function(*arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def samples(n, n_features=20):
    return np.random.default_rng(0).normal(size=(n, n_features))


def integrative(n, n_features=20):
    x = samples(n, n_features)
    icluster({"genes": x, "microRNAs": x[:, ::2]}, 3, 0, n_burn_in=1, n_draws=2)


def resampled(n):
    stability_over_k(samples(n), [2, 3], n_resamples=2, n_nulls=2, n_components=5)


def reseeded(n):
    rng = np.random.default_rng(0)
    seed_stability([rng.integers(0, 5, n) for _ in range(3)])


def regulated(n_genes):
    """Every tenth node a microRNA, a gene of some of these: n pairs, few steps from end to end."""
    rng, n_micrornas = np.random.default_rng(0), n_genes // 10
    genes = np.repeat(np.arange(n_genes), 2)
    names = rng.integers(0, n_micrornas, len(genes)) ** 2 // n_micrornas
    pairs = pd.DataFrame({"microRNA": names, "gene": genes, "kind": "gene"})
    pairs = pairs.astype({"microRNA": str, "gene": str})
    hubs(pairs.assign(microRNA="mir-" + pairs["microRNA"]), n_permutations=1)


@pytest.mark.parametrize(
    ("function", "n"),
    [
        (integrative, 1000),
        (lambda n_features: integrative(50, n_features), 1000),
        (resampled, 1000),
        (reseeded, 4000),
        (regulated, 500),
    ],
    ids=["iCluster's samples", "iCluster's features", "stability", "seeds", "hubs"],
)
def test_twice_the_data_take_about_twice_the_memory(function, n):
    function(n)  # what is imported or cached at the first call is no growth
    small, middle, large = (peak_memory(function, k * n) for k in (1, 2, 4))
    assert middle < 2.5 * small + 1e5 and large < 2.5 * middle + 1e5, (small, middle, large)
