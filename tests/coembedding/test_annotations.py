"""Sets and places that features and peaks are read with."""

import pytest

from helpers.coembedding.annotations import feature_sets, gene_starts, region_sets
from helpers.coembedding.simulation import simulate_histology, simulate_multiomics


@pytest.fixture(scope="module")
def demo():
    return simulate_multiomics(0)


def test_planted_programs_are_the_sets_of_simulated_donors(demo):
    sets, item, what = feature_sets(demo)
    assert len(sets) == 8 and "planted" in what
    assert item["SIMG0000"] == "SIMG0000"
    assert region_sets(demo, demo.var_names) == sets


def test_another_cohort_may_bring_the_truth(demo):
    sets, _, _ = feature_sets(simulate_histology(0), demo.uns["truth"])
    assert len(sets) == 8


def test_simulated_genes_have_their_own_starts(demo):
    starts = gene_starts(demo)
    assert len(starts) == 250 and starts["chrom"].str.startswith("chr").all()


@pytest.mark.real
def test_human_genes_have_starts_and_processes(real_data, demo):
    bare = demo.copy()
    bare.var = bare.var[["symbol"]]
    bare.uns = {"feature": "gene"}
    starts = gene_starts(bare)
    assert starts.index.is_unique and starts.loc["GATA3", "chrom"] == "chr10"
    assert len(region_sets(bare, starts.index)) == 6036
    assert feature_sets(bare)[0] == {} and "SIMG0000" in feature_sets(bare)[2]
    bare.var_names = [*starts.index[:247], "TP53", "MDM2", "CDKN1A"]
    sets, _, what = feature_sets(bare)
    assert 0 < len(sets) < 6036 and "GO" in what


@pytest.mark.real
def test_micrornas_are_read_by_family(real_data, tcga_mirna):
    sets, item, _ = feature_sets(tcga_mirna)
    members = {name for found in sets.values() for name in found}
    assert members <= set(item.values())


def test_without_files_there_is_nothing_to_read_with(empty_cache, demo, monkeypatch):
    from helpers.coembedding import annotations as multiomics_reading
    from helpers.cohorts.sources import DataUnavailable

    def refuse(*_):
        raise DataUnavailable("offline")

    for name in ("known_sets", "load_gene_annotation"):
        monkeypatch.setattr(multiomics_reading, name, refuse)
    bare = demo.copy()
    bare.var = bare.var[["symbol"]]
    bare.uns = {"feature": "gene"}
    assert feature_sets(bare)[0] == {} and "offline" in feature_sets(bare)[2]
    assert region_sets(bare, bare.var_names) == {} and gene_starts(bare).empty
