import pandas as pd
import pytest

from helpers.cohorts.tcga.genes import (
    CHROMOSOMES,
    load_entrez_symbols,
    load_gene_annotation,
    parse_entrez_symbols,
    parse_gene_annotation,
    protein_coding_genes,
)


@pytest.fixture(scope="module")
def annotation(real_data):
    return load_gene_annotation()


def _table(rows):
    columns = ["ensgene", "symbol", "chr", "start", "end", "strand", "biotype"]
    return pd.DataFrame(rows, columns=columns)


def test_repeats_and_patches_are_left_out_and_tss_follows_the_strand():
    genes = parse_gene_annotation(
        _table(
            [
                ("E1", "A", "1", 10, 20, 1, "protein_coding"),
                ("E1", "A", "1", 10, 20, 1, "protein_coding"),
                ("E2", "B", "X", 30, 50, -1, "lincRNA"),
                ("E3", "A", "CHR_HG1_PATCH", 10, 20, 1, "protein_coding"),
            ]
        )
    )
    assert genes.index.tolist() == ["E1", "E2"]
    assert genes["tss"].tolist() == [10, 50]


def test_a_symbol_names_one_protein_coding_gene():
    genes = parse_gene_annotation(
        _table(
            [
                ("E1", "A", "1", 1, 2, 1, "protein_coding"),
                ("E2", "A", "2", 1, 2, 1, "protein_coding"),
                ("E3", "B", "3", 1, 2, 1, "protein_coding"),
                ("E4", "B", "3", 1, 2, 1, "lincRNA"),
                ("E5", "", "3", 1, 2, 1, "protein_coding"),
            ]
        )
    )
    assert protein_coding_genes(genes).index.tolist() == ["E3"]


def test_an_entrez_id_and_a_symbol_that_have_only_each_other():
    rows = [
        *((7157.0, "TP53", "17"), (7157.0, "TP53", "17"), (279.0, "AMY2A", "1")),
        *((279.0, "AMY1B", "1"), (10846.0, "PDE10A", "6"), (90632.0, "PDE10A", "6")),
        *((None, "NONE", "1"), (5.0, "", "1"), (6.0, None, "1"), (7.0, "P", "CHR_PATCH")),
    ]
    table = pd.DataFrame(rows, columns=["entrez", "symbol", "chr"])
    assert parse_entrez_symbols(table) == {"7157": "TP53"}


@pytest.mark.real
def test_known_entrez_ids(real_data):
    symbols = load_entrez_symbols()
    known = {"7157": "TP53", "54855": "TENT5C", "728661": "SLC35E2B", "2099": "ESR1"}
    assert {key: symbols.get(key) for key in known} == known
    assert "90632" not in symbols and len(symbols) > 20_000


@pytest.mark.real
def test_esr1(annotation):
    gene = annotation[annotation["symbol"] == "ESR1"].iloc[0]
    assert (gene["chrom"], gene["start"], gene["end"]) == ("6", 151_656_691, 152_129_619)
    assert gene["strand"] == 1
    assert gene["tss"] == gene["start"]


@pytest.mark.real
def test_one_row_per_gene_on_the_chromosomes(annotation):
    assert annotation.index.is_unique
    assert set(annotation["chrom"]) == set(CHROMOSOMES)
    assert (annotation["start"] <= annotation["end"]).all()
    minus = annotation[annotation["strand"] == -1]
    assert (minus["tss"] == minus["end"]).all()
