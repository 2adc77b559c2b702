import networkx
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from helpers.vqvae_subtyping.biology.pathways import (
    BREAST_CANCER_PATHWAYS,
    pathway_effects,
    pathway_summary,
)


@pytest.fixture
def differential():
    genes = ["ERBB2", "EGFR", "AKT1", "OTHER"]
    rows = [
        (cluster, gene, sign * (number - 1), 10.0 ** -(3 * number))
        for cluster, sign in [("A", 1), ("B", -1)]
        for number, gene in enumerate(genes)
    ]
    return pd.DataFrame(rows, columns=["cluster", "feature", "difference", "p"])


def test_every_pathway_is_a_graph_without_circles_or_repeats():
    assert set(BREAST_CANCER_PATHWAYS["pathway"]) == {
        "Estrogen",
        "MAPK",
        "PI3K–Akt",
        "Notch",
        "Wnt",
    }
    assert not BREAST_CANCER_PATHWAYS.duplicated(["pathway", "source", "target"]).any()
    for _, edges in BREAST_CANCER_PATHWAYS.groupby("pathway"):
        graph = networkx.DiGraph(edges[["source", "target"]].to_numpy().tolist())
        assert networkx.is_directed_acyclic_graph(graph)
        assert networkx.is_weakly_connected(graph)


@pytest.mark.parametrize(
    ("source", "target", "effect"),
    [("PTEN", "AKT1", -1), ("MDM2", "TP53", -1), ("ESR1", "PGR", 1), ("KRAS", "BRAF", 1)],
)
def test_textbook_relations_are_there(source, target, effect):
    edges = BREAST_CANCER_PATHWAYS.set_index(["source", "target"])["effect"]
    assert edges[source, target] == effect


def test_measured_genes_carry_their_effect_and_others_none(differential):
    effects = pathway_effects(differential).set_index(["pathway", "gene", "cluster"])
    assert effects.loc[("MAPK", "EGFR", "B"), "difference"] == 0
    assert effects.loc[("PI3K–Akt", "AKT1", "A"), "difference"] == 1
    esr1 = effects.loc[("Estrogen", "ESR1", "A")]
    assert not esr1["is_measured"] and np.isnan(esr1["difference"]) and np.isnan(esr1["q"])
    assert "OTHER" not in effects.index.get_level_values("gene")


def test_q_counts_a_gene_of_two_pathways_once(differential):
    effects = pathway_effects(differential)
    known = differential[differential["feature"] != "OTHER"]
    expected = multipletests(known["p"], method="fdr_bh")[1]
    egfr = effects[(effects["gene"] == "EGFR") & (effects["cluster"] == "A")]
    assert egfr["pathway"].tolist() == ["MAPK", "PI3K–Akt"]
    np.testing.assert_allclose(egfr["q"], expected[1])


def test_summary_counts_directions(differential):
    table = pathway_summary(pathway_effects(differential))
    row = table.loc[("PI3K–Akt", "A")]
    assert row[["n_measured", "n_up", "n_down"]].tolist() == [3, 1, 0]
    assert table.loc[("PI3K–Akt", "B"), "n_down"] == 1
    assert (table["n_measured"] <= table["n_genes"]).all()


def test_a_cohort_without_these_genes_measures_none(differential):
    effects = pathway_effects(differential.assign(feature="G001").drop_duplicates("cluster"))
    assert not effects["is_measured"].any() and effects["q"].isna().all()


@pytest.mark.real
def test_how_many_of_the_genes_are_measured(real_data):
    from helpers.cohorts.gene_sets import load_gene_sets
    from helpers.cohorts.registry import load_cohort

    measured = set(load_cohort("tcga-brca").var["symbol"])
    genes = BREAST_CANCER_PATHWAYS.melt("pathway", ["source", "target"]).drop_duplicates(
        ["pathway", "value"]
    )
    counts = genes["value"].isin(measured).groupby(genes["pathway"]).sum().to_dict()
    assert counts == {"Estrogen": 7, "MAPK": 22, "Notch": 9, "PI3K–Akt": 20, "Wnt": 7}
    assert "ESR1" not in measured
    assert not any("ESTROGEN" in name or "PI3K" in name for name in load_gene_sets("kegg"))
