"""Which sets a cohort is read with, and what is said when there are none."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts import feature_sets as module
from helpers.cohorts.feature_sets import cohort_sets, known_sets
from helpers.cohorts.gene_sets import load_gene_sets
from helpers.cohorts.sources import DataUnavailable
from helpers.pancan_vae.simulation import simulate_pancan

SETS = {"HALLMARK_A": [f"G{i}" for i in range(10)], "HALLMARK_B": ["TP53"]}


def cohort(names, feature="gene"):
    made = anndata.AnnData(np.ones((2, len(names)), "float32"), var=pd.DataFrame(index=names))
    made.uns["feature"] = feature
    return made


def test_simulated_cohorts_bring_their_own():
    made = simulate_pancan(0)
    found = cohort_sets(made)
    assert found.sets == made.uns["truth"]["gene_sets"]
    assert {name for names in found.tasks.values() for name in names} <= set(found.sets)


def test_genes_are_read_with_hallmark(monkeypatch):
    monkeypatch.setattr(module, "load_gene_sets", lambda _: SETS)
    found = cohort_sets(cohort([*(f"G{i}" for i in range(7)), "H1", "H2"]))
    assert found.sets == SETS
    assert found.family is None
    assert "7 of their genes" in found.what


def test_sets_and_features_are_read_by_one_table(monkeypatch, known_before):
    """A renamed gene is found whichever side has the older name; the cohort's names stay."""
    known_before({"OLD1": "NEW1", "OLD2": "NEW2", "OLD3": "NEW3"})
    sets = {"A": ["OLD1", "NEW2", "G1", "OLD3", "NEW3"], "B": ["NEW1", "ELSEWHERE"]}
    monkeypatch.setattr(module, "load_gene_sets", lambda _: sets)
    names = ["NEW1", "OLD2", "G1", "OLD3", "G2", "G3"]
    found = cohort_sets(made := cohort(names), min_size=1)
    assert found.sets == {"A": ["NEW1", "OLD2", "G1", "OLD3"], "B": ["NEW1", "ELSEWHERE"]}
    assert "4 of their genes are in this cohort, 1 of them by another name." in found.what
    assert made.var_names.tolist() == names
    known_before({})
    found = cohort_sets(cohort(names), min_size=1)
    assert found.sets == sets and "could not be looked up" in found.what


def test_a_name_that_is_a_genes_own_is_not_another_ones(monkeypatch, known_before):
    """MAL2 is a gene; that some other gene was called so once is in no table of previous names."""
    known_before({"OLD": "NEW"})
    monkeypatch.setattr(module, "load_gene_sets", lambda _: {"A": ["OLD", "NEW"]})
    assert cohort_sets(cohort(["OLD", "NEW", "G", "H"]), min_size=1).sets == {"A": ["OLD", "NEW"]}


def test_a_panel_that_is_one_set_has_nothing_to_compare_it_with(monkeypatch, known_before):
    known_before({})
    genes = [f"G{i}" for i in range(8)]
    monkeypatch.setattr(module, "load_gene_sets", lambda _: {"A": genes[:7], "B": genes[:4]})
    found = cohort_sets(cohort(genes))
    assert found.sets == {} and "8 features and leaves two outside" in found.what
    assert cohort_sets(cohort([*genes, "G8"])).sets


def test_targets_of_micrornas_are_found_by_either_name(monkeypatch, known_before):
    known_before({"OLD": "NEW"})
    monkeypatch.setattr(module, "load_gene_sets", lambda _: {"SET": ["OLD", "G1"]})
    monkeypatch.setattr(module, "load_microrna_targets", lambda: {"mir-1": {"NEW", "G1"}})
    given = []
    monkeypatch.setattr(module, "microrna_sets", lambda *args: given.append(args[-1]) or {})
    cohort_sets(cohort(["hsa-mir-1"], "microRNA"))
    assert given == [{"SET": ["NEW", "G1"]}]


def test_sets_meet_features_in_one_place():
    """Whoever loads sets by themselves would find the genes of one name only."""
    root = Path(module.__file__).parents[1]
    users = [path.name for path in root.rglob("*.py") if "load_gene_sets(" in path.read_text()]
    assert sorted(users) == ["feature_sets.py", "gene_sets.py"]


@pytest.mark.real
def test_more_genes_of_the_sets_are_found_by_their_previous_names(tcga_mrna):
    """Sets of 2019 and 2021, the cohort's names of 2022."""
    for collection, more in {"hallmark": 42, "kegg": 112, "go_bp": 39}.items():
        n_found = [
            len(set(tcga_mrna.var_names) & {gene for genes in sets.values() for gene in genes})
            for sets in (load_gene_sets(collection), known_sets(collection, tcga_mrna.var_names))
        ]
        assert n_found[1] == n_found[0] + more


def test_unknown_names_leave_the_enrichment_out_and_say_so(monkeypatch):
    monkeypatch.setattr(module, "load_gene_sets", lambda _: SETS)
    found = cohort_sets(cohort(["ENSG00000141510", "ENSG00000171862"]))
    assert found.sets == {}
    assert "ENSG00000141510" in found.what


def test_unreachable_sets_leave_the_enrichment_out_and_say_so(monkeypatch):
    def unreachable(_):
        raise DataUnavailable("gene-sets cannot be reached")

    monkeypatch.setattr(module, "load_gene_sets", unreachable)
    found = cohort_sets(cohort(["TP53"]))
    assert found.sets == {}
    assert "gene-sets cannot be reached" in found.what


@pytest.mark.real
def test_real_microrna_sets_are_families_of_the_cohort(tcga_mirna):
    found = cohort_sets(tcga_mirna)
    families = set(found.family.values())
    assert len(found.sets) >= 40
    assert all(set(members) <= families for members in found.sets.values())
    assert found.family["hsa-mir-125b-1"] == found.family["hsa-mir-125b-2"] == "mir-125b"


def test_microrna_families_leave_out_what_is_not_human(monkeypatch):
    """A spike-in of *C. elegans* is in no family; the sets are those of the others."""
    human = [f"hsa-mir-{number}" for number in range(1, 31)]
    targets = {f"mir-{n}": {f"G{n % 5}", "G7", "G8", "G9"} for n in range(1, 31)}
    monkeypatch.setattr(module, "load_gene_sets", lambda _: {"SET": ["G1", "G7", "G8", "G9"]})
    monkeypatch.setattr(module, "load_microrna_targets", lambda: targets)
    given = []
    monkeypatch.setattr(
        module, "microrna_sets", lambda features, *_: given.append(features) or {"SET": human[:9]}
    )
    cohort = anndata.AnnData(np.zeros((2, 32)), var=pd.DataFrame(index=[*human, "cel-mir-39", "x"]))
    cohort.uns = {"feature": "microRNA"}
    sets = cohort_sets(cohort)
    assert given == [human] and set(sets.family) == set(human)
    assert "left out" not in sets.sets and "Left out of the families" in sets.what
    assert "2 (cel-mir-39, x)" in sets.what
    sets = cohort_sets(cohort[:, ["cel-mir-39", "x"]])
    assert sets.sets == {} and "No enrichment here" in sets.what
