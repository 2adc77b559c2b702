"""The network of the two largest clusters: only their patients count, and it may be empty."""

import numpy as np
import pytest

from helpers.vqvae_subtyping.annotations import supported_targets
from helpers.vqvae_subtyping.biology.regulation import regulation_pairs
from helpers.vqvae_subtyping.biology.repression_network import repression_network


@pytest.fixture(scope="module")
def supported(profiles):
    return supported_targets(profiles.patients)


@pytest.fixture(scope="module")
def clusters(profiles):
    return profiles.patients.obs["true_subtype"].to_numpy(str)


def test_pairs_are_those_of_the_two_clusters(profiles, supported, clusters):
    network = repression_network(profiles, clusters, supported, {"G001", "ELSEWHERE"}, seed=0)
    two = np.isin(clusters, ["A", "B"])
    mirnas = profiles.table.loc[two, ~profiles.is_gene]
    genes = profiles.table.loc[two, profiles.is_gene]
    expected = regulation_pairs(mirnas, genes, clusters[two], "A", supported, lncrnas={"G001"})
    assert network.pairs.equals(expected) and network.n_patients == two.sum()
    assert network.n_pairs and network.metrics == {"regulation.n_pairs": len(expected)}
    assert set(network.tables) == {"regulation", "hubs", "competing_genes"}
    assert network.hubs["degree"].iloc[0] == network.nodes["degree"].max()
    assert network.lncrnas == {"G001"}
    planted = {tuple(pair) for pair in profiles.truth["pairs"]}
    found = set(zip(network.pairs["microRNA"], network.pairs["gene"], strict=True))
    assert len(found & planted) > 0.8 * len(found)


def test_a_network_without_a_pair_has_no_nodes(profiles, supported, clusters):
    noise = np.random.default_rng(0).permutation(np.repeat(["A", "B"], 100))
    network = repression_network(profiles, noise, supported, (), seed=0)
    assert network.n_pairs == 0 and network.nodes is None and network.hubs.empty
    assert set(network.tables) == {"regulation"}
    assert "0 in the network" in network.summary
