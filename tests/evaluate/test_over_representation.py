import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, kstest
from statsmodels.stats.multitest import multipletests

from helpers.evaluate.over_representation import (
    cluster_prerank,
    over_represented,
    over_represented_by_cluster,
)

GENES = [f"G{number:03d}" for number in range(200)]
SETS = {"first": GENES[:20], "second": GENES[15:40], "far": [*GENES[150:160], "OUTSIDE"]}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n_hits=st.integers(0, 200))
def test_p_and_odds_ratio_are_fishers(seed, n_hits):
    rng = np.random.default_rng(seed)
    hits = set(rng.choice(GENES, n_hits, replace=False))
    table = over_represented(hits, GENES, SETS, min_size=1).set_index("set")
    for name, members in SETS.items():
        inside = set(members) & set(GENES)
        a = len(hits & inside)
        cells = [[a, len(inside) - a], [len(hits) - a, 200 - len(inside) - len(hits) + a]]
        expected = fisher_exact(cells, alternative="greater")
        assert table.loc[name, "p"] == pytest.approx(expected.pvalue, rel=1e-6)
        np.testing.assert_allclose(table.loc[name, "odds_ratio"], expected.statistic)


def test_overlap_is_named_and_q_is_over_the_sets():
    table = over_represented(GENES[:10], GENES, SETS)
    assert table["set"].iloc[0] == "first"
    assert table.loc[0, ["n_set", "n_hits", "n_overlap"]].tolist() == [20, 10, 10]
    assert table.loc[0, "genes"] == " ".join(GENES[:10])
    np.testing.assert_allclose(table["q"], multipletests(table["p"], method="fdr_bh")[1])
    assert table.set_index("set").loc["far", "n_set"] == 10, "cut to the background"
    assert table.attrs == {"background": "200 measured features", "n_sets_dropped": 0}


def test_a_wider_background_than_what_was_measured_makes_it_significant():
    """All measured genes are of one family: only the genome as background finds it enriched."""
    rng = np.random.default_rng(0)
    hits = rng.choice(GENES[:50], 10, replace=False)
    sets, genome = {"family": GENES[:50]}, [*GENES, *(f"X{number}" for number in range(5000))]
    assert over_represented(hits, GENES[:50], sets)["p"].item() == 1
    assert over_represented(hits, genome, sets, min_size=5)["p"].item() < 1e-15


def test_random_hits_are_not_significant():
    rng = np.random.default_rng(0)
    big = {"half": GENES[:100]}
    p = [
        over_represented(rng.choice(GENES, 60, replace=False), GENES, big)["p"].item()
        for _ in range(300)
    ]
    assert np.mean(np.array(p) < 0.05) < 0.08
    assert kstest(p, "uniform", alternative="greater").pvalue > 1e-3, "never too small"


def test_hits_outside_and_unknown_names_are_refused():
    with pytest.raises(ValueError, match="1 of 2 do not, such as 'NEW'"):
        over_represented(["NEW", "G001"], GENES, SETS)
    with pytest.raises(ValueError, match="No set has 5 to 500 of the 200 background"):
        over_represented([], GENES, {"other": ["A", "B"]})


@pytest.fixture
def differential():
    rng = np.random.default_rng(0)
    tables = []
    for cluster, members, sign in [("A", GENES[:20], 1), ("B", GENES[150:160], -1)]:
        difference = rng.normal(0, 0.1, 200) + sign * 2 * np.isin(GENES, members)
        table = pd.DataFrame({"cluster": cluster, "feature": GENES, "difference": difference})
        tables.append(table.assign(q=np.where(np.abs(difference) > 1, 0.001, 0.8)))
    return pd.concat(tables, ignore_index=True).assign(t=lambda table: 5 * table["difference"])


def test_directions_are_apart_and_one_fdr_covers_all(differential):
    table = over_represented_by_cluster(differential, SETS)
    assert len(table) == 2 * 2 * 3 == table.attrs["n_tests"]
    np.testing.assert_allclose(table["q"], multipletests(table["p"], method="fdr_bh")[1])
    found = table[table["q"] < 1e-5]
    assert sorted(zip(found["cluster"], found["direction"], found["set"], strict=True)) == [
        ("A", "up", "first"),
        ("B", "down", "far"),
    ]
    none = over_represented_by_cluster(differential, SETS, min_difference=9)
    assert (none["p"] == 1).all() and (none["n_hits"] == 0).all()


def test_prerank_has_the_sign_of_the_cluster(differential):
    table = cluster_prerank(differential, SETS, n_permutations=100, min_size=5)
    nes = table.set_index(["cluster", "set"])["es"]
    assert nes["A", "first"] > 0.9 and nes["B", "far"] < -0.9
    assert list(table.columns[:3]) == ["cluster", "set", "size"]
