import re

import pytest

from helpers.cohorts.cohort_spec import FEATURE_READING
from helpers.cohorts.reading import previous_names as module
from helpers.cohorts.reading.previous_names import (
    SOURCES,
    load_previous_names,
    previous_names,
    renamed_like,
    renamings,
    same_genes,
)
from helpers.cohorts.reading.renamed_genes import DISPUTED, RENAMED_GENES
from helpers.cohorts.sources import DataUnavailable
from helpers.cohorts.tcga.genes import load_gene_annotation

NOW = {"E1": "NEW1", "E2": "NEW2", "E3": "OLD4", "E4": "NEW4", "E5": "C1orf112", "E6": "NEW6"}
ONCE = {"E1": "OLD1", "E2": "OLD2", "E3": "OLD3", "E4": "OLD4", "E6": "AC091021.1", "E7": "GONE"}
NOW["E8"], ONCE["E8"] = "MIR1", "hsa-mir-1"


def found(*steps):
    return renamings(NOW.values(), NOW, ONCE, steps)


def test_a_name_is_followed_by_the_id_it_stood_beside():
    assert found() == {
        "OLD1": "NEW1", "OLD2": "NEW2", "OLD3": "OLD4", "C1ORF112": "C1orf112",
    }  # fmt: skip


def test_a_name_that_a_gene_bears_today_is_no_previous_one():
    """OLD4 was E4's name and is E3's: it stays, though E4 is called NEW4."""
    assert "OLD4" not in found([("OLD4", "NEW1")])


def test_older_names_lead_through_newer_ones():
    chain = found([("OLDER2", "OLD2"), ("C2orf7", "NEW1")], [("OLDEST", "OLDER2"), ("X", "GONE")])
    assert chain["OLDEST"] == chain["OLDER2"] == "NEW2" and "X" not in chain
    assert chain["C2ORF7"] == chain["C2orf7"] == "NEW1"


def test_names_of_two_genes_and_of_clones_are_left_out():
    assert "OLD1" not in found([("OLD1", "NEW2")])
    assert "BOTH" not in found([("BOTH", "NEW1"), ("BOTH", "NEW2")])
    assert not {"AC091021.1", "hsa-mir-1"} & found().keys()


def test_a_gene_is_found_by_either_name_on_either_side(known_before):
    known_before({"OLD": "NEW", "OLDER": "NEW"})
    assert same_genes(["NEW", "X"], ["OLD", "Y"]) == {"NEW": "OLD"}
    assert same_genes(["OLD", "Y"], ["NEW", "Y"]) == {"OLD": "NEW", "Y": "Y"}
    assert same_genes(["OLDER"], ["OLD"]) == {"OLDER": "OLD"}
    assert same_genes(["OLD", "NEW"], ["NEW", "OLD"]) == {"OLD": "OLD", "NEW": "NEW"}


def test_features_of_one_cohort_by_the_names_of_another(known_before):
    known_before({"OLD": "NEW", "OLDER": "NEW"})
    assert renamed_like(["NEW", "X"], ["OLD", "Y"]).tolist() == ["OLD", "X"]
    assert renamed_like(["OLD", "NEW"], ["NEW", "OLD"]).tolist() == ["OLD", "NEW"]
    assert renamed_like(["NEW"], ["OLD", "OLDER", "NEW"]).tolist() == ["NEW"]
    assert renamed_like(["NEW", "OLD"], ["OLDER"]).is_unique


def test_without_the_files_nothing_is_renamed(empty_cache, monkeypatch):
    def refuse(_):
        raise DataUnavailable("no network")

    monkeypatch.undo()
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(empty_cache))
    monkeypatch.setattr(module, "fetch_group", refuse)
    assert previous_names() == {} and same_genes(["A"], ["A", "B"]) == {"A": "A"}
    with pytest.raises(DataUnavailable):
        load_previous_names()


def test_what_the_table_is_made_from_is_what_cohorts_say_they_are_read_with():
    assert set(SOURCES) < set(FEATURE_READING)


@pytest.mark.real
def test_known_renamings(real_data):
    table = load_previous_names()
    known = {
        "FAM46C": "TENT5C", "C10orf54": "VSIR", "WHSC1": "NSD2", "MLL2": "KMT2D",
        "KIAA1524": "CIP2A", "SEPT9": "SEPTIN9", "MARCH1": "MARCHF1", "HIST1H1C": "H1-2",
        "DDX58": "RIGI", "SFRS1": "SRSF1", "IL8": "CXCL8", "H2AFX": "H2AX", "WISP1": "CCN4",
        "FIGF": "VEGFD", "CXorf61": "CT83", "NHERF1": "SLC9A3R1",  # HGNC's; the last one is newer
        "C10ORF54": "VSIR", "PVRL4": "NECTIN4", "TMEM173": "STING1", "GPR56": "ADGRG1",
    }  # fmt: skip
    assert {name: table.get(name) for name in known} == known
    assert 3500 < len(table) < 5000 and not DISPUTED & table.keys()


@pytest.mark.real
def test_no_current_name_is_a_previous_one(real_data):
    """MAL2 is a gene, and was the name that another locus had in between."""
    table, current = load_previous_names(), {*load_gene_annotation()["symbol"]}
    assert not table.keys() & current and {*table.values()} <= current
    assert {"MAL2", "TP53", "GATA3"} <= current
    assert not [name for name in table if re.fullmatch(r".*\.\d+|hsa-.*", name)]


@pytest.mark.real
def test_the_list_of_ours_agrees_with_the_annotation(real_data):
    annotation = load_gene_annotation()
    places = annotation.groupby("symbol")["chrom"].agg(set)
    assert {*RENAMED_GENES.values()} <= {*places.index} and not {*RENAMED_GENES} & {*places.index}
    frames = {name: re.match(r"C(\d+|X)orf", name) for name in RENAMED_GENES}
    assert all(m[1] in places[RENAMED_GENES[name]] for name, m in frames.items() if m)
