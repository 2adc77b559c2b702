import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom, pearsonr
from statsmodels.stats.multitest import multipletests

from helpers.vqvae_subtyping.biology.regulation import (
    cerna_edges,
    planted_first,
    rank_pairs,
    regulation_pairs,
)

PLANTED = {("m0", "g0"), ("m0", "g1"), ("m1", "g1"), ("m1", "g2")}
SUPPORTED = {"m0": {"g0", "g1", "g5"}, "m1": {"g1", "g2"}, "m2": {"g0", "absent"}}


def simulated(seed=0, n=200, effect=0.8):
    """Three clusters; planted repression; m3 and g9 differ between clusters and nothing else."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(["A", "B", "C"], [n // 2, n // 4, n // 4])
    mirna = pd.DataFrame(rng.normal(size=(n, 5))).add_prefix("m")
    gene = pd.DataFrame(rng.normal(size=(n, 10))).add_prefix("g")
    for m, g in PLANTED:
        gene[g] -= effect * mirna[m]
    in_a = labels == "A"
    for m in ("m0", "m1"):
        mirna[m] += 1.0 * in_a
    for g in ("g0", "g1", "g2"):
        gene[g] -= 1.0 * in_a
    mirna["m3"] += 4.0 * in_a
    gene["g9"] -= 4.0 * in_a
    return mirna, gene, labels


def pairs_of(table):
    return set(zip(table["microRNA"], table["gene"], strict=True))


# Ranking


def test_the_share_of_planted_pairs_is_counted_among_as_many():
    mirna, gene, labels = simulated()
    ranked = rank_pairs(mirna, gene, labels=labels)
    assert planted_first(ranked, PLANTED) == 1
    assert planted_first(ranked.iloc[::-1], PLANTED) == 0
    assert planted_first(ranked, {*PLANTED, ("absent", "g0")}) == 4 / 5
    with pytest.raises(ValueError, match="at least one"):
        planted_first(ranked, [])


def test_correlation_and_p_are_scipys():
    mirna, gene, _ = simulated()
    table = rank_pairs(mirna, gene)
    assert len(table) == 50 and table["correlation"].is_monotonic_increasing
    for row in table.iloc[[0, 20, 49]].itertuples():
        expected = pearsonr(mirna[row.microRNA], gene[row.gene], alternative="less")
        assert (row.correlation, row.p) == pytest.approx(expected)
    np.testing.assert_allclose(table["q"], multipletests(table["p"], method="fdr_bh")[1])


def test_within_clusters_the_planted_pairs_come_first():
    mirna, gene, labels = simulated()
    assert pairs_of(rank_pairs(mirna, gene, labels=labels).head(4)) == PLANTED
    over_all = rank_pairs(mirna, gene).iloc[0]
    assert (over_all["microRNA"], over_all["gene"]) == ("m3", "g9"), "two markers, no repression"


def test_within_clusters_it_is_a_partial_correlation():
    """Given the labels: residuals of a regression on cluster indicators."""
    mirna, gene, labels = simulated(1, 60)
    design = pd.get_dummies(labels).to_numpy(float)
    residual = [x - design @ np.linalg.lstsq(design, x, rcond=None)[0] for x in (mirna, gene)]
    table = rank_pairs(mirna, gene, labels=labels).set_index(["microRNA", "gene"])
    expected = pearsonr(residual[0]["m1"], residual[1]["g7"])[0]
    assert table.loc[("m1", "g7"), "correlation"] == pytest.approx(expected)


def test_only_supported_and_measured_pairs_are_ranked():
    mirna, gene, _ = simulated()
    expected = {(m, g) for m, genes in SUPPORTED.items() for g in genes if g != "absent"}
    assert pairs_of(rank_pairs(mirna, gene, SUPPORTED)) == expected
    assert rank_pairs(mirna, gene, {}).empty


def test_constant_features_and_too_few_samples():
    mirna, gene, _ = simulated()
    table = rank_pairs(mirna.assign(m4=3.3), gene)
    assert (table.loc[table["microRNA"] == "m4", "p"] == 0.5).all()
    with pytest.raises(ValueError, match="3 samples in 3 groups leave no degree"):
        rank_pairs(mirna[:3], gene[:3], labels=[0, 1, 2])
    with pytest.raises(ValueError, match="200 samples, `x_mirna` has 199 rows"):
        rank_pairs(mirna[1:], gene)


# Pairs of a cluster


def test_pairs_of_a_cluster_are_supported_differential_and_negative():
    mirna, gene, labels = simulated()
    table = regulation_pairs(mirna, gene, labels, "A", SUPPORTED, lncrnas={"g2"})
    assert pairs_of(table) == PLANTED
    assert table.attrs["n_supported"] == 6
    kinds = table.drop_duplicates("gene").set_index("gene")["kind"].to_dict()
    assert kinds == {"g0": "gene", "g1": "gene", "g2": "lncRNA"}
    assert (table["difference_microRNA"] > 0).all() and (table["difference_gene"] < 0).all()


def test_two_markers_of_a_cluster_are_no_pair():
    mirna, gene, labels = simulated()
    marker = regulation_pairs(mirna, gene, labels, "A", {"m3": {"g9"}})
    assert marker.empty and marker.attrs == {"n_supported": 1, "n_differential": 1}
    assert list(marker) == list(regulation_pairs(mirna, gene, labels, "A", SUPPORTED))


def test_a_cluster_in_which_nothing_differs_has_no_pairs():
    rng = np.random.default_rng(0)
    mirna, gene = (pd.DataFrame(rng.normal(size=(60, 4))) for _ in range(2))
    labels = np.repeat([0, 1], 30)
    table = regulation_pairs(mirna, gene, labels, 0, {0: {1}}, max_p=1e-9)
    assert table.empty and table.attrs["n_differential"] == 0
    with pytest.raises(ValueError, match="2 samples or more; got 0 members"):
        regulation_pairs(mirna, gene, labels, "other", {0: {1}})


# Competing RNAs


def test_shared_micrornas_are_counted_and_tested():
    pairs = pd.DataFrame(
        [
            (f"m{m}", g)
            for g, some in {"a": range(4), "b": range(1, 5), "c": [9]}.items()
            for m in some
        ],
        columns=["microRNA", "gene"],
    )
    table = cerna_edges(pairs)
    assert table[["first", "second", "n_shared"]].to_numpy().tolist() == [["a", "b", 3]]
    assert table.loc[0, "microRNAs"] == "m1 m2 m3"
    assert table.loc[0, "p"] == pytest.approx(hypergeom.sf(2, 6, 4, 4))
    assert cerna_edges(pairs, min_shared=4).empty
    assert cerna_edges(pairs[:0]).empty


def test_of_genes_that_share_as_many_micrornas_the_least_likely_come_first():
    targets = {"a": "mnopq", "b": "mno", "c": "mno", "d": "rstuv", "e": "uv"}
    rows = [(mirna, gene) for gene, mirnas in targets.items() for mirna in mirnas]
    table = cerna_edges(pd.DataFrame(rows, columns=["microRNA", "gene"]))
    assert (table["first"] + table["second"]).tolist() == ["bc", "ab", "ac", "de"]
    assert list(table["n_shared"].items()) == [(0, 3), (1, 3), (2, 3), (3, 2)]
    # b and c have three of the ten each, a has five, so that it shares three more easily.
    expected = [hypergeom.sf(2, 10, 3, 3), hypergeom.sf(2, 10, 5, 3), hypergeom.sf(2, 10, 5, 3)]
    np.testing.assert_allclose(table["p"][:3], expected)


def test_planted_pairs_of_the_demo_cohort_rank_first():
    from helpers.cohorts.registry import load_cohort

    cohort = load_cohort("demo-subtypes")
    x = pd.DataFrame(np.asarray(cohort.X, float), columns=cohort.var["symbol"].to_numpy())
    is_gene = (cohort.var["feature_type"] == "gene").to_numpy()
    gene = np.log(x.loc[:, is_gene] - x.loc[:, is_gene].min() + 0.1)
    table = rank_pairs(x.loc[:, ~is_gene], gene, labels=cohort.obs["subtype"].astype(str))
    planted = {tuple(pair) for pair in cohort.uns["truth"]["pairs"]}
    assert len(planted) == 45 and len(table) == 400 * 80
    assert pairs_of(table.head(45)) == planted


@pytest.mark.real
def test_a_known_target_leads_in_breast_cancer(real_data):
    """CD276 (B7-H3) is a target of mir-29 (Xu et al. 2009, Cancer Research 69:6275)."""
    from helpers.cohorts.microrna_targets import load_microrna_targets, microrna_family
    from helpers.cohorts.registry import load_cohort

    cohort = load_cohort("tcga-brca")
    cohort = cohort[cohort.obs["subtype"].astype(str) != ""]
    x = pd.DataFrame(np.asarray(cohort.X, float), columns=cohort.var["symbol"].to_numpy())
    is_gene = (cohort.var["feature_type"] == "gene").to_numpy()
    mirna, gene = x.loc[:, ~is_gene], np.log(x.loc[:, is_gene] - x.loc[:, is_gene].min() + 0.1)
    targets = load_microrna_targets("starbase")
    supported = {name: targets.get(microrna_family(name), set()) for name in mirna}
    table = rank_pairs(mirna, gene, supported, cohort.obs["subtype"].astype(str))
    leading = pairs_of(table.head(20))
    assert ("hsa-mir-29c", "CD276") in leading
    assert "XIST" not in gene, "the paper's hub is not among the measured genes"
