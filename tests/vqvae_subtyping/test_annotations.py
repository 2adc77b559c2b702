"""What clusters are read with: planted pairs of a simulated cohort, starBase and MSigDB else."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts import feature_sets
from helpers.cohorts.sources import DataUnavailable
from helpers.vqvae_subtyping import annotations as subtyping_reading
from helpers.vqvae_subtyping.annotations import (
    known_lncrnas,
    load_lncrna_targets,
    subtyping_sets,
    supported_targets,
)

PAIRS = {"mir-21": {"PTEN", "PDCD4", "ABSENT"}, "mir-9": {"CDH1"}}


def cohort(genes=("PTEN", "CDH1", "XIST"), mirnas=("hsa-mir-21", "hsa-mir-9-1", "odd"), uns=None):
    names = [*genes, *mirnas]
    kind = ["gene"] * len(genes) + ["microRNA"] * len(mirnas)
    var = pd.DataFrame({"feature_type": kind}, index=names)
    return anndata.AnnData(np.zeros((2, len(names)), np.float32), var=var, uns=uns or {})


@pytest.fixture
def pairs(monkeypatch):
    asked = []

    def load(source):
        asked.append(source)
        return {family: set(genes) for family, genes in PAIRS.items()}

    monkeypatch.setattr(subtyping_reading, "load_microrna_targets", load)
    monkeypatch.setattr(subtyping_reading, "load_lncrna_targets", lambda: {"XIST": {"mir-9"}})
    monkeypatch.setattr(subtyping_reading, "_kept_pairs", lambda _, read: read())
    return asked


def test_stem_loops_stand_for_their_family_and_only_measured_genes_count(pairs):
    found = supported_targets(cohort(), "mirtarbase")
    assert found == {"hsa-mir-21": {"PTEN"}, "hsa-mir-9-1": {"CDH1", "XIST"}}
    assert pairs == ["mirtarbase"]


def test_targets_are_genes_of_the_cohort_by_any_of_their_names(pairs, known_before):
    known_before({"TUMSUP": "PTEN", "OLDXIST": "XIST", "ABSENT": "PDCD5"})
    found = supported_targets(cohort(genes=("TUMSUP", "CDH1", "OLDXIST", "PDCD5")))
    assert found["hsa-mir-21"] == {"TUMSUP", "PDCD5"}
    assert found["hsa-mir-9-1"] == {"CDH1", "OLDXIST"}
    assert "OLDXIST" in known_lncrnas(cohort(genes=("OLDXIST",)))


def test_sets_are_genes_of_the_cohort_by_any_of_their_names(monkeypatch, known_before):
    known_before({"MLL": "KMT2A", "XLOC": "XIST"})
    sets = {"go_bp": {"A": ["MLL", "CDH1"]}, "kegg": {"B": ["XIST", "PTEN"]}}
    monkeypatch.setattr(feature_sets, "load_gene_sets", sets.get)
    found = subtyping_sets(cohort(genes=("KMT2A", "CDH1", "XLOC", "PTEN")), min_size=2)
    assert found == {"GO BP": {"A": ["KMT2A", "CDH1"]}, "KEGG": {"B": ["XLOC", "PTEN"]}}


def test_pairs_are_read_once_as_long_as_their_files_are_the_same(monkeypatch, tmp_path):
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path))
    monkeypatch.setattr(subtyping_reading, "fetch_group", lambda group: ())
    read = []
    for digest, expected in (("one", 1), ("one", 1), ("other", 2)):
        sums = {"file": digest}
        monkeypatch.setattr(subtyping_reading, "registered_sums", lambda _, sums=sums: dict(sums))
        found = subtyping_reading._kept_pairs("pairs", lambda: read.append(1) or PAIRS)
        assert found == PAIRS and len(read) == expected


def test_no_file_is_read_without_both_kinds_of_feature(pairs):
    assert supported_targets(cohort(mirnas=())) == {} == supported_targets(cohort(genes=()))
    assert pairs == []


def test_a_simulated_cohort_brings_its_own(pairs):
    truth = {
        "gene_sets": {"S": ["CDH1"]},
        "supported_pairs": [["hsa-mir-21", "CDH1"], ["hsa-mir-21", "ABSENT"]],
    }
    planted = cohort(uns={"truth": truth})
    assert supported_targets(planted) == {"hsa-mir-21": {"CDH1"}} and pairs == []
    assert subtyping_sets(planted, min_size=1) == {"planted": {"S": ["CDH1"]}}
    assert subtyping_sets(planted) == {}  # no set has five of its genes


def test_collections_that_name_other_genes_are_left_out(monkeypatch):
    sets = {"go_bp": {"A": ["PTEN", "CDH1"]}, "kegg": {"B": ["XIST", "PTEN", "CDH1"]}}
    monkeypatch.setattr(feature_sets, "load_gene_sets", sets.get)
    assert set(subtyping_sets(cohort(), min_size=3)) == {"KEGG"}


def test_sets_that_cannot_be_had_are_no_sets(monkeypatch):
    def refuse(_):
        raise DataUnavailable("no network")

    monkeypatch.setattr(feature_sets, "load_gene_sets", refuse)
    assert subtyping_sets(cohort()) == {}


@pytest.mark.real
def test_starbase_knows_more_microrna_for_xist_than_for_any_other_long_rna(real_data):
    found = load_lncrna_targets()
    degree = pd.Series({name: len(families) for name, families in found.items()})
    assert len(found) == 137 and sum(map(len, found.values())) == 753
    assert sum(name.startswith("ENSG") for name in found) == 3  # those without a symbol
    assert degree.idxmax() == "XIST"
    assert degree["XIST"] > 4 * degree.drop("XIST").median()
