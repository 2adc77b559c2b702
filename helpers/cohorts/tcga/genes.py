"""Where the genes are: human genes of GRCh38 by Ensembl id."""

import pandas as pd

from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y", "MT")


def load_gene_annotation() -> pd.DataFrame:
    """Genes of GRCh38, one row per Ensembl id (index `ensembl`).

    symbol ("" where there is none), chrom, start, end (base pairs, 1-based, inclusive), strand
    (1 or -1), biotype, tss (start on the plus strand, end on the minus strand). Genes on patches
    and alternative haplotypes are left out, as are the repeats that several Entrez ids make.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    (path,) = fetch_group("gene-annotation")
    return parse_gene_annotation(read_r_objects(path)["grch38"])


def parse_gene_annotation(table: pd.DataFrame) -> pd.DataFrame:
    """The table `grch38` of annotables as `load_gene_annotation` returns it."""
    genes = table[table["chr"].isin(CHROMOSOMES)].drop_duplicates("ensgene")
    genes = genes.rename(columns={"ensgene": "ensembl", "chr": "chrom"}).set_index("ensembl")
    genes = genes[["symbol", "chrom", "start", "end", "strand", "biotype"]]
    genes = genes.astype({"start": int, "end": int, "strand": int, "symbol": object})
    genes["symbol"] = genes["symbol"].fillna("")
    genes["tss"] = genes["start"].where(genes["strand"] == 1, genes["end"])
    return genes


def load_entrez_symbols() -> dict[str, str]:
    """Entrez id ("7105") → symbol of its gene, where each has one of the other.

    A gene with two ids has one of a neighbour's (90632, of LINC00473, stands beside PDE10A).

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    (path,) = fetch_group("gene-annotation")
    return parse_entrez_symbols(read_r_objects(path)["grch38"])


def parse_entrez_symbols(table: pd.DataFrame) -> dict[str, str]:
    """The table `grch38` of annotables as `load_entrez_symbols` returns it."""
    known = table[table["chr"].isin(CHROMOSOMES)].dropna(subset=["entrez", "symbol"])
    known = known[known["symbol"] != ""].drop_duplicates(["entrez", "symbol"])
    is_one = ~(known["entrez"].duplicated(keep=False) | known["symbol"].duplicated(keep=False))
    known = known[is_one]
    return dict(zip(known["entrez"].astype(int).astype(str), known["symbol"], strict=True))


def protein_coding_genes(annotation: pd.DataFrame) -> pd.DataFrame:
    """Protein-coding genes with a symbol that no other of them has (so a symbol names one gene)."""
    genes = annotation[(annotation["biotype"] == "protein_coding") & (annotation["symbol"] != "")]
    return genes[~genes["symbol"].duplicated(keep=False)]
