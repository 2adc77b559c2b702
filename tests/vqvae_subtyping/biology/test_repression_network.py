"""The networks of A and the cluster most like it: its own patients count, and it may be empty."""

import numpy as np
import pytest

from helpers.vqvae_subtyping.annotations import supported_targets
from helpers.vqvae_subtyping.biology.regulation import rank_pairs, regulation_pairs
from helpers.vqvae_subtyping.biology.repression_network import paired_networks


@pytest.fixture(scope="module")
def supported(profiles):
    return supported_targets(profiles.patients)


@pytest.fixture(scope="module")
def clusters(profiles):
    return profiles.patients.obs["true_subtype"].to_numpy(str)


def test_pairs_differ_between_the_two_and_fall_within_each(profiles, supported, clusters):
    networks = paired_networks(profiles, clusters, "C", supported, {"G001", "ELSEWHERE"}, seed=0)
    assert networks.names == ("A", "C") and networks.both["C"] is networks.second
    two = np.isin(clusters, ["A", "C"])
    mirnas = profiles.table.loc[two, ~profiles.is_gene]
    genes = profiles.table.loc[two, profiles.is_gene]
    for name, network in networks.both.items():
        own = clusters[two] == name
        of_own = rank_pairs(mirnas[own], genes[own], supported).set_index(["microRNA", "gene"])
        found = network.pairs.set_index(["microRNA", "gene"])
        assert network.n_pairs and network.n_patients == own.sum()
        expected = of_own.loc[found.index, "correlation"]
        np.testing.assert_allclose(found["correlation"], expected)
        assert network.hubs["degree"].iloc[0] == network.nodes["degree"].max()
        assert network.lncrnas == {"G001"}
    planted = {tuple(pair) for pair in profiles.truth["pairs"]}
    found = set(zip(networks.first.pairs["microRNA"], networks.first.pairs["gene"], strict=True))
    assert len(found & planted) > 0.8 * len(found)


def test_tables_and_metrics_tell_the_two_apart(profiles, supported, clusters):
    networks = paired_networks(profiles, clusters, "C", supported, (), seed=0)
    of_a = {"regulation", "hubs", "competing_genes"}
    assert set(networks.tables) == of_a | {f"{name}_c" for name in of_a}
    assert networks.tables["regulation_c"] is networks.second.pairs
    assert networks.metrics["regulation.n_pairs"] == networks.first.n_pairs
    assert networks.metrics["regulation.n_pairs.other"] == networks.second.n_pairs
    tops = [set(network.nodes.index[:10]) for network in networks.both.values()]
    shared = len(tops[0] & tops[1]) / min(map(len, tops))
    assert networks.shared_hubs == pytest.approx(shared) and 0 < shared < 1


def test_a_network_without_a_pair_has_no_nodes(profiles, supported):
    noise = np.random.default_rng(0).permutation(np.repeat(["A", "B"], 100))
    networks = paired_networks(profiles, noise, "B", supported, (), seed=0)
    assert networks.first.n_pairs == 0 and networks.first.nodes is None
    assert networks.first.hubs.empty and set(networks.first.tables) == {"regulation"}
    assert "0 in the network" in networks.summary and np.isnan(networks.shared_hubs)


@pytest.mark.parametrize("other", ["B", ""])
def test_clusters_of_few_patients_have_none(profiles, supported, other):
    few = np.array(["A"] * 197 + ["B"] * 3)
    networks = paired_networks(profiles, few, other, supported, (), seed=0)
    assert networks.second.n_pairs == 0 and networks.second.n_patients == (3 if other else 0)
    assert "0 in the network" in networks.summary and set(networks.first.tables) == {"regulation"}
    filled = regulation_pairs(
        profiles.table.loc[:, ~profiles.is_gene],
        profiles.table.loc[:, profiles.is_gene],
        np.repeat(["A", "B"], 100),
        "A",
        supported,
    )
    assert networks.first.pairs.columns.tolist() == filled.columns.tolist()


def test_over_all_samples_pairs_fall_within_clusters(profiles, supported, clusters):
    two = np.isin(clusters, ["A", "B"])
    mirnas = profiles.table.loc[two, ~profiles.is_gene]
    genes = profiles.table.loc[two, profiles.is_gene]
    found = regulation_pairs(mirnas, genes, clusters[two], "A", supported)
    of_both = rank_pairs(mirnas, genes, supported, clusters[two]).set_index(["microRNA", "gene"])
    pairs = found.set_index(["microRNA", "gene"])
    np.testing.assert_allclose(pairs["correlation"], of_both.loc[pairs.index, "correlation"])
