"""What features and peaks of a multi-omics or histology cohort are read with: sets and places."""

from collections.abc import Iterable

import anndata
import pandas as pd

from helpers.cohorts.feature_sets import cohort_sets, known_sets
from helpers.cohorts.sources import DataUnavailable
from helpers.cohorts.tcga.genes import load_gene_annotation, protein_coding_genes

Sets = dict[str, list[str]]
_FEWEST = 3  # features of the cohort that make a set worth testing


def feature_sets(
    cohort: anndata.AnnData, truth: dict | None = None
) -> tuple[Sets, dict[str, str], str]:
    """(sets, feature → the item that sets hold, one sentence for the reader); {} if there are none.

    The planted programs of a simulated cohort (`truth`, by default its own); GO biological
    processes of genes; of microRNAs the families whose supported targets crowd in a Hallmark set.
    """
    names = list(map(str, cohort.var_names))
    truth = truth or cohort.uns.get("truth") or {}
    same = dict(zip(names, names, strict=True))
    if "gene_sets" in truth:
        sets = {name: list(genes) for name, genes in truth["gene_sets"].items()}
        return sets, same, f"{len(sets)} planted gene sets."
    if cohort.uns["feature"] == "microRNA":
        testable = cohort_sets(cohort)
        return testable.sets, testable.family or same, testable.what
    try:
        sets = known_sets("go_bp", names)
    except DataUnavailable as error:
        return {}, same, f"No enrichment here: {error}"
    testable = {name: genes for name, genes in sets.items() if len(same.keys() & genes) >= _FEWEST}
    if not testable:
        what = f"No enrichment here: no GO process has {_FEWEST} of features named {names[0]}, …"
        return {}, same, what
    return testable, same, f"{len(testable):,} GO biological processes."


def gene_starts(cohort: anndata.AnnData) -> pd.DataFrame:
    """Genes with chrom ("chr1"), tss (bp) and strand (1, −1), index symbol: a simulated cohort's

    own, which has them in var, or protein-coding genes of GRCh38. No rows if they cannot be had.
    """
    columns = ["chrom", "tss", "strand"]
    if set(columns) <= set(cohort.var):
        return cohort.var[columns]
    try:
        genes = protein_coding_genes(load_gene_annotation()).set_index("symbol")
    except DataUnavailable:
        return pd.DataFrame(columns=columns)
    return genes.assign(chrom="chr" + genes["chrom"])[columns]


def region_sets(cohort: anndata.AnnData, genes: Iterable[str]) -> Sets:
    """Sets of `genes` that peaks are read with: the planted ones, or GO biological processes."""
    truth = cohort.uns.get("truth") or {}
    try:
        return dict(truth["gene_sets"]) if "gene_sets" in truth else known_sets("go_bp", genes)
    except DataUnavailable:
        return {}
