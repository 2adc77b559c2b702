"""Gene sets of clusters: planted programs are found, empty input gives empty results."""

import pandas as pd
import pytest

from helpers.vqvae_subtyping.biology.cluster_features import differing_features
from helpers.vqvae_subtyping.biology.enriched_sets import (
    enriched_sets,
    file_name,
    named_pathways,
)


@pytest.fixture(scope="module")
def of_genes(profiles):
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    return differing_features(profiles, planted, seed=0).of_features(profiles.genes)


def test_planted_programs_are_over_represented_where_they_are_on(of_genes, profiles):
    collections = {"GO BP": profiles.truth["gene_sets"]}
    sets = enriched_sets(of_genes, collections, 50, seed=0)
    assert set(sets.tables) == {"enrichment_go_bp", "prerank_go_bp"}
    passing = sets.over_represented["GO BP"].query("q < 0.05")
    assert sets.metrics == {"enrichment.n_sets.go_bp": len(passing)}
    for subtype, programs in profiles.truth["subtype_sets"].items():
        up = passing[(passing["cluster"] == subtype) & (passing["direction"] == "up")]
        assert set(programs) & set(up["set"]), subtype
    row = sets.summary.iloc[0]
    assert row["collection"] == "GO BP" and row["over-represented"] == len(passing)
    assert row["by prerank"] == (sets.prerank["GO BP"]["fdr"] < 0.05).sum()


def test_small_effects_do_not_count(of_genes, profiles):
    collections = {"planted": profiles.truth["gene_sets"]}
    every = enriched_sets(of_genes, collections, 10, seed=0)
    large = enriched_sets(of_genes, collections, 10, seed=0, min_difference=0.5)
    hits = of_genes[(of_genes["q"] < 0.05) & (of_genes["difference"] > 0.5)]
    for cluster, up in (
        large.over_represented["planted"].query("direction == 'up'").groupby("cluster")
    ):
        assert set(up["n_hits"]) == {int((hits["cluster"] == cluster).sum())}
    n_hits = [sets.over_represented["planted"]["n_hits"].sum() for sets in (large, every)]
    assert n_hits[0] < n_hits[1]
    assert large.prerank["planted"].equals(every.prerank["planted"])  # prerank uses all genes


def test_no_collection_gives_no_table_and_no_metric(of_genes):
    sets = enriched_sets(of_genes, {}, 50, seed=0)
    assert sets.tables == {} and sets.metrics == {} and sets.summary.empty


def test_names_of_files():
    assert file_name("GO BP") == "go_bp" and file_name("planted") == "planted"


def test_pathways_are_measured_where_a_gene_of_theirs_is(of_genes):
    assert not named_pathways(of_genes).is_measured
    rows = {"cluster": ["A", "B"], "feature": "ESR1", "difference": [1.0, -1.0], "p": [0.001, 0.5]}
    pathways = named_pathways(pd.DataFrame(rows))
    assert pathways.is_measured
    esr1 = pathways.of_cluster("A").query("gene == 'ESR1'")
    assert esr1["difference"].tolist() == [1.0]
    table = pathways.tables["pathways"].set_index(["pathway", "cluster"])
    assert table.loc[("Estrogen", "A"), ["n_measured", "n_up", "n_down"]].tolist() == [1, 1, 0]
