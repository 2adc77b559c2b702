"""Cohort `tcga-mrna`: mRNA-seq of 8 TCGA cancers, 558 samples × 19,215 protein-coding genes.

Counts are the GDC's HTSeq gene counts: one table a cancer for ACC, CHOL, DLBC, KICH, UCS, UVM and
PAAD (published as "TEST", 20 samples), one file a sample for GBM. log2(CPM+1) with the library
size taken over every gene row of the sample's own file, coding or not, without HTSeq's five
summary rows; the protein-coding genes are chosen after that.
"""

import gzip
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes, number_repeats
from helpers.cohorts.tcga.clinical import add_clinical, load_clinical, load_subtypes
from helpers.cohorts.tcga.genes import load_gene_annotation, protein_coding_genes

NOTES = [
    "mRNA of 8 cancers, 558 samples: GBM 174, UVM 80, ACC 79, KICH 65, UCS 56, DLBC 48, CHOL 36, "
    "PAAD 20. Only UCS and GBM are among the paper's twelve types.",
    "log2(CPM+1); library size over all gene rows of a sample's file, then 19,215 protein-coding "
    "genes with a symbol of their own.",
    "The 174 GBM samples come as GDC files of their own, with 13 recurrent tumours and 5 normals; "
    "cancer type and sequencing centre cannot be told apart in this cohort.",
]


def load_tcga_mrna() -> anndata.AnnData:
    """The cohort from its 182 files: log2(CPM+1) with sample and clinical facts; about 5 s.

    obs: patient, cancer_type, sample_type, site, age, sex, race, stage, os_time (days), os_event,
    subtype. var (index: symbol): symbol, ensembl, chrom, start, end.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = fetch_group("tcga-mrna-counts")
    matrices = {_cancer_type(p): read_count_matrix(p) for p in paths if p.name.endswith(".exp.gz")}
    (descriptions,) = (read_sample_barcodes(p) for p in paths if p.suffix == ".csv")
    per_sample = (p for p in paths if p.name.endswith(".htseq.counts.gz"))
    matrices["GBM"] = read_count_files(per_sample, descriptions)
    return build_mrna_cohort(matrices, load_gene_annotation(), load_clinical(), load_subtypes())


def read_count_matrix(path: Path) -> pd.DataFrame:
    """Counts, Ensembl id (no version) × aliquot, of a whole cancer."""
    return pd.read_csv(path, sep="\t", index_col=0)


def read_count_file(path: Path) -> pd.Series:
    """Counts by Ensembl id (no version) of one sample, without the `__` summary rows.

    Raises:
        ValueError: it is not one name and one whole number a line.
    """
    words = gzip.decompress(path.read_bytes()).split()
    genes, is_gene = _gene_ids(b" ".join(words[::2]))
    return pd.Series(np.array(list(map(int, words[1::2])))[is_gene], genes)


def read_count_files(paths: Iterable[Path], barcodes: pd.Series) -> pd.DataFrame:
    """Counts, Ensembl id × sample, of many one-sample files; `barcodes` by file stem.

    Two files of one sample are two aliquots of it: the second column is `<barcode>.2`.
    """
    samples = {path.name.partition(".")[0]: read_count_file(path) for path in paths}
    counts = pd.DataFrame(samples)
    names = barcodes[counts.columns].to_numpy()
    return counts.set_axis(number_repeats(pd.Index(names)), axis=1)


def read_sample_barcodes(path: Path) -> pd.Series:
    """16-character sample barcode by the stem of the GDC's file name."""
    table = pd.read_csv(path, sep="\t", index_col=0)
    return table["Sample.ID"].set_axis(table["File.Name"].str.partition(".")[0])


def log_cpm(counts: pd.DataFrame, genes: pd.Index) -> np.ndarray:
    """log2(CPM+1), sample × gene, of chosen `genes`; counts are gene × sample.

    CPM = 10⁶ · count / library size, the sum over all rows of `counts`.
    """
    per_million = counts.loc[genes].to_numpy() / counts.to_numpy().sum(axis=0) * 1e6
    return np.log2(per_million.T + 1).astype(np.float32)


def build_mrna_cohort(
    matrices: dict[str, pd.DataFrame],
    annotation: pd.DataFrame,
    clinical: pd.DataFrame,
    subtypes: pd.DataFrame | None = None,
) -> anndata.AnnData:
    """One cohort of all cancers' counts, with the protein-coding genes every one of them has."""
    in_all = set.intersection(*(set(counts.index) for counts in matrices.values()))
    genes = protein_coding_genes(annotation[annotation.index.isin(in_all)])
    names = [name for counts in matrices.values() for name in counts.columns]
    obs = describe_barcodes(names)
    n_samples = [counts.shape[1] for counts in matrices.values()]
    obs.insert(1, "cancer_type", np.repeat(list(matrices), n_samples))
    x = np.concatenate([log_cpm(counts, genes.index) for counts in matrices.values()])
    var = genes.reset_index().set_index("symbol", drop=False).rename_axis(None)
    var = var[["symbol", "ensembl", "chrom", "start", "end"]]
    cohort = anndata.AnnData(x, add_clinical(obs, clinical, subtypes), var)
    cohort.uns = {
        "name": "tcga-mrna",
        "unit": "log2(CPM+1)",
        "feature": "gene",
        "default_types": [],
        "notes": NOTES,
    }
    return cohort


def _cancer_type(path: Path) -> str:
    name = path.name.split("_")[1]
    return "PAAD" if name == "TEST" else name


@lru_cache(maxsize=1)  # the GDC's files all list the same genes
def _gene_ids(rows: bytes) -> tuple[pd.Index, np.ndarray]:
    """Ids without version of a file's rows, and which of the rows are genes."""
    names = pd.Index(rows.decode().split(), dtype=object)
    is_gene = ~names.str.startswith("__")
    return names[is_gene].str.partition(".").get_level_values(0), is_gene
