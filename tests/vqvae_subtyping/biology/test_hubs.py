import networkx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from helpers.vqvae_subtyping.biology.hubs import betweenness, hubs, rewired


def network(seed=0, n_mirnas=12, n_genes=25, n_edges=60):
    rng = np.random.default_rng(seed)
    cells = rng.choice(n_mirnas * n_genes, n_edges, replace=False)
    pairs = pd.DataFrame({"microRNA": cells // n_genes, "gene": cells % n_genes})
    pairs = pd.DataFrame({name: name[0] + pairs[name].astype(str) for name in pairs})
    return pairs.assign(kind="gene")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.floats(0.02, 0.5), n=st.integers(1, 30))
def test_betweenness_is_networkxs(seed, p, n):
    graph = networkx.gnp_random_graph(n, p, seed=seed)
    found = betweenness(networkx.to_scipy_sparse_array(graph, dtype=float))
    expected = list(networkx.betweenness_centrality(graph).values())
    np.testing.assert_allclose(found, expected, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_rewiring_keeps_degrees_and_makes_no_pair_twice(seed):
    edges = network(seed)[["microRNA", "gene"]].to_numpy()
    drawn = rewired(edges, np.random.default_rng(seed))
    assert len(set(map(tuple, drawn))) == len(edges)
    for column in (0, 1):
        assert sorted(drawn[:, column]) == sorted(edges[:, column])
    assert set(map(tuple, drawn)) != set(map(tuple, edges))


def test_degrees_are_counted_and_the_planted_hub_is_first():
    pairs = network()
    hub = pd.DataFrame({"microRNA": "m99", "gene": [f"g{n}" for n in range(20)], "kind": "gene"})
    hub.loc[0, "kind"] = "lncRNA"
    pairs = pd.concat([pairs[pairs["gene"] != "g0"], hub, hub[3:4]], ignore_index=True)
    table = hubs(pairs, n_permutations=5)
    assert table.index[0] == "m99" and table.loc["m99", "degree"] == 20
    assert table.loc["g0", "kind"] == "lncRNA" and table.loc["m99", "kind"] == "microRNA"
    assert table["degree"].is_monotonic_decreasing
    assert table["p_degree"].isna().all()


def test_a_well_studied_node_is_no_hub():
    """All supported pairs, drawn at random: the many pairs of m0 are what it had anyway."""
    supported = {"m0": {f"g{n}" for n in range(60)}, "m1": {f"g{n}" for n in range(6)}, "m2": {"x"}}
    features = ["m0", "m1", *(f"g{n}" for n in range(60))]
    rng = np.random.default_rng(0)
    drawn = rng.choice(sorted(supported["m0"]), 30, replace=False)
    pairs = pd.DataFrame({"microRNA": "m0", "gene": drawn, "kind": "gene"})
    few = pd.DataFrame({"microRNA": "m1", "gene": sorted(supported["m1"]), "kind": "gene"})
    table = hubs(pd.concat([pairs, few]), supported, features, n_permutations=0)
    assert table.loc["m0", "degree"] == 30 and table.loc["m0", "p_degree"] > 0.9
    assert table.loc["m0", "expected_degree"] == pytest.approx(36 * 60 / 66)
    assert table.loc["m1", "p_degree"] == pytest.approx(hypergeom.sf(5, 66, 6, 36))


def test_a_bridge_between_two_halves_lies_between_more_than_its_degree_explains():
    halves = [(f"m{side}{m}", f"g{side}{g}") for side in "ab" for m in range(5) for g in range(5)]
    pairs = pd.DataFrame([*halves, ("ma0", "bridge"), ("mb0", "bridge")])
    pairs = pairs.set_axis(["microRNA", "gene"], axis=1).assign(kind="gene")
    table = hubs(pairs, n_permutations=99)
    assert table.loc["bridge", "p_betweenness"] == 0.01
    assert table.loc["bridge", "betweenness"] > 5 * table.loc["bridge", "expected_betweenness"]
    pd.testing.assert_frame_equal(table, hubs(pairs, n_permutations=99))


def test_betweenness_of_a_random_network_is_as_expected():
    table = hubs(network(3, 20, 40, 120), n_permutations=60)
    assert (table["p_betweenness"] < 0.05).mean() < 0.15
    assert table["p_betweenness"].min() >= 1 / 61
