"""Which sets a cohort is read with, and what is said when there are none."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts import feature_sets as module
from helpers.cohorts.feature_sets import cohort_sets
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
    found = cohort_sets(cohort([f"G{i}" for i in range(7)]))
    assert found.sets == SETS
    assert found.family is None
    assert "7 of their genes" in found.what


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
