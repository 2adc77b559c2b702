import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading import gene_names
from helpers.cohorts.reading.gene_names import _MADE_DATES, read_gene_names
from helpers.cohorts.sources import DataUnavailable
from helpers.cohorts.tcga.genes import load_gene_annotation

KNOWN = pd.DataFrame(
    {
        "symbol": ["TP53", "GATA3", "DUP", "DUP", ""],
        "biotype": ["protein_coding", "protein_coding", "lincRNA", "protein_coding", "lincRNA"],
    },
    index=[f"ENSG{i:011d}" for i in range(1, 6)],
)


def of(names, **var):
    return anndata.AnnData(np.ones((2, len(names))), var=pd.DataFrame(var, index=names))


def test_ensembl_ids_with_versions():
    names = [f"ENSG{i:011d}.{i}" for i in range(1, 7)] + ["ENSG00000000001.1_PAR_Y", "MYC"]
    cohort = of(names)
    notes = read_gene_names(cohort, lambda: KNOWN)
    assert cohort.var_names.tolist() == [
        "TP53", "GATA3", "ENSG00000000003", "DUP", "ENSG00000000005", "ENSG00000000006",
        "ENSG00000000001.1_PAR_Y", "MYC",
    ]  # fmt: skip
    assert "7 features are Ensembl ids: 4 are known to GRCh38" in notes[0]
    assert "1 features would share a symbol" in notes[1]
    assert cohort.var["ensembl"].tolist()[:2] == ["ENSG00000000001", "ENSG00000000002"]


def test_symbols_of_the_file_come_first():
    cohort = of(["ENSG00000000001", "ENSG00000000009"], gene_name=["OWN", "NA"])
    assert "1 are known to var['gene_name']" in read_gene_names(cohort, lambda: KNOWN)[0]
    assert cohort.var_names.tolist() == ["OWN", "ENSG00000000009"]


def test_without_the_annotation():
    def absent():
        raise DataUnavailable("no network")

    cohort = of(["ENSG00000000001.3"])
    assert "cannot be had" in read_gene_names(cohort, absent)[0]


@pytest.mark.parametrize(
    "names",
    [
        ["TP53|7157", "GATA3|2625", "?|100130426", "TP53|9"],
        ["TP53 (7157)", "GATA3 (2625)", "?|100130426", "TP53 (9)"],
        ["ENSG00000000001.1|TP53", "ENSG00000000002.3|GATA3", "x y", "ENSG00000000007|TP53"],
        ["TP53_ENSG00000000001", "GATA3_ENSG00000000002.1", "x y", "TP53_ENSG00000000009"],
    ],
)
def test_symbols_beside_an_id(names):
    cohort = of(names)
    notes = read_gene_names(cohort, lambda: KNOWN)
    assert cohort.var_names.tolist() == ["TP53", "GATA3", *names[2:]]
    assert f"{names[0]!r}: read as TP53." in notes[0] and "1 features would share" in notes[1]


def test_an_entrez_id_says_more_than_the_symbol_beside_it(monkeypatch):
    known = {"728661": "SLC35E2B", "54855": "TENT5C", "100130426": "NEW", "7157": "TP53"}
    monkeypatch.setattr(gene_names, "load_entrez_symbols", lambda: known)
    names = ["TP53|7157", "SLC35E2|728661", "SLC35E2|9906", "FAM46C|54855", "?|100130426", "?|1"]
    cohort = of([*names, "FAM46C|54855"])
    said, by_id, kept = read_gene_names(cohort)
    assert cohort.var_names.tolist() == [
        *("TP53", "SLC35E2B", "SLC35E2", "TENT5C", "NEW", "?|1", "FAM46C|54855"),
    ]
    assert "5 of 7 features are named like 'TP53|7157'" in said
    assert "4 of them go by the symbol that their Entrez id has today, SLC35E2|728661 by" in by_id
    assert "1 features would share a symbol" in kept


def test_numbers_that_are_no_entrez_ids_rename_nothing(monkeypatch):
    known = {"1": "A1BG", "2": "A2M", "3": "A2MP1", "7157": "TP53", "2625": "GATA3", "2099": "ESR1"}
    monkeypatch.setattr(gene_names, "load_entrez_symbols", lambda: known)
    cohort = of(["TP53|1", "GATA3|2", "ESR1|3"])
    assert "not these genes' Entrez ids" in read_gene_names(cohort)[1]
    assert cohort.var_names.tolist() == ["TP53", "GATA3", "ESR1"]


def test_without_the_annotation_symbols_beside_ids_are_read_as_they_stand(monkeypatch):
    def absent():
        raise DataUnavailable("no network")

    monkeypatch.setattr(gene_names, "load_entrez_symbols", absent)
    cohort = of(["FAM46C|54855", "TP53|7157"])
    (note,) = read_gene_names(cohort)
    assert cohort.var_names.tolist() == ["FAM46C", "TP53"] and "read as FAM46C" in note


def test_mice():
    cohort = of(["Trp53", "Gata3", "H2-K1", "Cd8a", *[f"Gene{i}" for i in range(20)]])
    assert "spelled as genes of mice" in read_gene_names(cohort)[0]
    assert cohort.var_names[1] == "GATA3" and cohort.var_names.is_unique


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["1-Mar", "2-mar", "TP53"], "2 features are named by dates"),
        (["ENSMUSG00000000001", "ENSMUSG00000000028.2"], "Ensembl ids of another species"),
        (["7157", "2625"], "named by numbers"),
        (["1007_s_at", "1053_at"], "probes"),
        (["ENST00000000001.2", "NM_000546"], "transcripts"),
        (["TP53", "C1orf112", "HLA-A", "MT-CO1"], ""),
        (["hsa-mir-21", "hsa-let-7a-1"], ""),
        (["chr1:10-20", "chr1:30-40"], ""),
    ],
)
def test_other_names_stay_and_are_said(names, said):
    cohort = of(names)
    notes = read_gene_names(cohort, lambda: KNOWN)
    assert (
        cohort.var_names.tolist() == names and said in " ".join(notes) and bool(notes) == bool(said)
    )


def test_dates_of_a_spreadsheet_are_the_genes_they_were_made_of():
    names = ["2-Sep", "Sep-07", "14-SEP", "3-Mar", "1-Dec", "1-Mar", "20-Sep", "4-Apr", "TP53"]
    cohort = of(names)
    (note,) = read_gene_names(cohort, lambda: KNOWN)
    assert cohort.var_names.tolist() == [
        "SEPTIN2", "SEPTIN7", "SEPTIN14", "MARCHF3", "DELEC1", "1-Mar", "20-Sep", "4-Apr", "TP53",
    ]  # fmt: skip
    assert "8 features are named by dates" in note and "5 are read as genes, 2-Sep as SEP" in note
    assert "1-Mar may be MARCHF1 or MTARC1 and keeps its name; 3 are in no gene set" in note
    both = of(["2-Sep", "SEPTIN2"])
    read_gene_names(both, lambda: KNOWN)
    assert both.var_names.tolist() == ["2-Sep", "SEPTIN2"]


@pytest.mark.real
def test_what_dates_are_read_as_are_genes(real_data):
    assert {*_MADE_DATES.values()} <= {*load_gene_annotation()["symbol"]}


PREVIOUS = {"FAM46C": "TENT5C", "C10orf54": "VSIR", "C10ORF54": "VSIR", "MLL": "KMT2A"}


def test_previous_names_are_read_as_todays(known_before):
    known_before(PREVIOUS)
    cohort = of(["TP53", "FAM46C", "C10orf54", "hsa-mir-21"])
    (note,) = read_gene_names(cohort)
    assert cohort.var_names.tolist() == ["TP53", "TENT5C", "VSIR", "hsa-mir-21"]
    assert cohort.var["symbol"].tolist() == cohort.var_names.tolist()
    assert "2 of 4 features are read as the annotation's, FAM46C as TENT5C" in note


def test_a_current_name_stays_with_who_has_it(known_before):
    known_before(PREVIOUS)
    cohort = of(["FAM46C", "MLL", "C10ORF54", "C10orf54", "TENT5C"])
    said, kept = read_gene_names(cohort)
    assert cohort.var_names.tolist() == ["FAM46C", "KMT2A", "VSIR", "C10orf54", "TENT5C"]
    assert "2 of 5 features are read as the annotation's, MLL as KMT2A" in said
    assert "2 features keep such a name" in kept
    assert read_gene_names(of(["FAM46C", "TENT5C"])) == [kept.replace("2", "1", 1)]


@pytest.mark.parametrize(
    ("names", "var", "said"),
    [
        (["FAM46C|54855", "TP53|7157", "TENT5A|9"], {}, "read as FAM46C."),
        (["ENSG00000000001.1", "ENSG00000000002.3"], {"gene_name": ["FAM46C", "X"]}, "Ensembl ids"),
        (["Fam46c", "Gata3", "Trp53"], {}, "spelled as genes of mice"),
        (["FAM46C", "2-Sep"], {}, "named by dates"),
    ],
)
def test_previous_names_after_another_reading(known_before, names, var, said):
    known_before(PREVIOUS)
    cohort = of(names, **var)
    notes = read_gene_names(cohort, lambda: KNOWN)
    assert cohort.var_names[0] == "TENT5C" and said in notes[0]
    assert f"1 of {len(names)} features are read as the annotation's" in notes[-1]


def test_what_is_no_gene_has_no_previous_name(known_before):
    known_before({"PC1": "POLYCYSTIN", "hsa-mir-1": "X"})
    components = of(["PC1", "PC2"])
    components.uns["feature"] = "component"
    micrornas = of(["hsa-mir-1", "hsa-mir-2"])
    for cohort in (components, micrornas):
        names = cohort.var_names.tolist()
        assert read_gene_names(cohort) == [] and cohort.var_names.tolist() == names


def test_without_the_table_names_stay():
    cohort = of(["FAM46C", "TP53"])
    assert read_gene_names(cohort) == [] and cohort.var_names[0] == "FAM46C"
