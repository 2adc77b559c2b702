"""Cohort `paper-pancan`: PanCanAtlas mRNA of 33 cancers from the UCSC Xena hub, 11,000 samples.

The matrix (`EB++AdjustPANCAN_IlluminaHiSeq_RNASeqV2.geneExp.xena.gz`) is gene × sample,
tab-separated and gzipped, batch-adjusted (EB++) RNASeqV2 as log2(normalised value + 1). Genes the
adjustment could not handle on some platform are NaN there; they are dropped whole, since half a
gene teaches a model which platform a sample came from. Read in blocks of genes as float32, the
matrix takes 0.9 GB, and 3 GB at most while it is put together.
"""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, parse_clinical

_GENES_AT_ONCE = 1000
UNIT = "log2(normalised value + 1)"
DEFAULT_TYPES = [
    *("BRCA", "CESC", "COAD", "GBM", "KIRC", "LUAD"),
    *("LUSC", "PRAD", "SKCM", "THCA", "UCEC", "UCS"),
]


def load_paper_pancan() -> anndata.AnnData:
    """The paper's own kind of input: PanCanAtlas mRNA with survival and phenotype.

    obs: patient, cancer_type, sample_type, site, age, sex, race, stage, os_time (days), os_event,
    primary_disease. Its files are 330 MB and come from the publisher's server only.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = {path.name.partition(".")[0]: path for path in fetch_group("paper-pancan", True)}
    return build_xena_cohort(
        matrix=paths["EB++AdjustPANCAN_IlluminaHiSeq_RNASeqV2"],
        survival=paths["Survival_SupplementalTable_S1_20171025_xena_sp"],
        phenotype=paths["TCGA_phenotype_denseDataOnlyDownload"],
    )


def build_xena_cohort(matrix: Path, survival: Path, phenotype: Path) -> anndata.AnnData:
    """The cohort from Xena's three files; samples without a cancer type are left out.

    Raises:
        ValueError: the matrix is not tab-separated with `sample` as its first column.
    """
    x, genes, samples = read_xena_matrix(matrix)
    obs = describe_samples(pd.Index(samples), survival, phenotype)
    has_type = obs["cancer_type"].notna().to_numpy()
    complete = ~np.isnan(x[has_type]).any(axis=0) & _has_own_symbol(pd.Index(genes))
    cohort = anndata.AnnData(
        x[np.ix_(has_type, complete)], obs[has_type], pd.DataFrame(index=np.array(genes)[complete])
    )
    cohort.var["symbol"] = cohort.var_names
    cohort.uns = {
        "name": "paper-pancan",
        "unit": UNIT,
        "feature": "gene",
        "default_types": DEFAULT_TYPES,
        "notes": [
            f"{complete.sum():,} of {len(genes):,} genes: those without a symbol, repeated ones "
            "and those missing in any sample are left out.",
            "Batch-adjusted by its publisher (EB++) over all samples: transductive.",
        ],
    }
    return cohort


def read_xena_matrix(path: Path) -> tuple[np.ndarray, list[str], list[str]]:
    """(sample × gene float32, genes, samples) of a gene × sample table; empty cells are NaN.

    Raises:
        ValueError: it is not such a table.
    """
    samples = list(pd.read_csv(path, sep="\t", nrows=0, index_col=0).columns)
    if not samples:
        raise ValueError(f"{path} must be tab-separated: `sample`, then one column per sample")
    types = dict.fromkeys(samples, np.float32)
    blocks = pd.read_csv(path, sep="\t", index_col=0, dtype=types, chunksize=_GENES_AT_ONCE)
    genes, values = [], []
    for block in blocks:
        genes += [str(gene) for gene in block.index]
        values.append(np.ascontiguousarray(block.to_numpy().T))
    return np.concatenate(values, axis=1), genes, samples


def describe_samples(samples: pd.Index, survival: Path, phenotype: Path) -> pd.DataFrame:
    """Facts on 15-character sample barcodes, from themselves, survival and phenotype.

    cancer_type is NaN for samples whose patient is not in the survival table.
    """
    table = pd.read_csv(survival, sep="\t", low_memory=False).rename(
        columns={"_PATIENT": "bcr_patient_barcode", "cancer type abbreviation": "type"}
    )
    clinical = parse_clinical(table)
    obs = describe_barcodes(samples)
    obs.insert(1, "cancer_type", clinical["cancer_type"].reindex(obs["patient"]).to_numpy())
    disease = pd.read_csv(phenotype, sep="\t", index_col=0)["_primary_disease"]
    obs["primary_disease"] = disease.reindex(samples).to_numpy()
    return add_clinical(obs, clinical)


def _has_own_symbol(genes: pd.Index) -> np.ndarray:
    """Where a gene has a symbol ("?" is none) and is the first of that symbol."""
    return ~genes.duplicated() & ~genes.str.startswith("?")
