"""Cohort `paper-pancan`: PanCanAtlas mRNA of 33 cancers from the UCSC Xena hub, 11,000 samples.

The matrix (`EB++AdjustPANCAN_IlluminaHiSeq_RNASeqV2.geneExp.xena.gz`) is gene × sample,
tab-separated and gzipped, batch-adjusted (EB++) RNASeqV2 as log2(normalised value + 1). Genes the
adjustment could not handle on some platform are NaN there; they are dropped whole, since half a
gene teaches a model which platform a sample came from. As float32 the matrix takes 0.9 GB, and not
much more while it is read.
"""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, parse_clinical
from helpers.cohorts.text_matrices import read_table, table_samples

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
        ValueError: the matrix is not a tab-separated table of numbers.
    """
    obs = describe_samples(pd.Index(table_samples(matrix)), survival, phenotype)
    rows = np.flatnonzero(obs["cancer_type"].notna())
    wanted = OwnSymbols()
    x, genes = read_table(matrix, wanted, rows, complete=True)
    cohort = anndata.AnnData(x, obs.iloc[rows], pd.DataFrame(index=np.array(genes, object)))
    cohort.var["symbol"] = cohort.var_names
    cohort.uns = {
        "name": "paper-pancan",
        "unit": UNIT,
        "feature": "gene",
        "default_types": DEFAULT_TYPES,
        "notes": [
            f"{len(genes):,} of {wanted.n_asked:,} genes: those without a symbol, repeated ones "
            "and those missing in any sample are left out.",
            "Batch-adjusted by its publisher (EB++) over all samples: transductive.",
        ],
    }
    return cohort


class OwnSymbols:
    """Asked of each gene in turn: whether it has a symbol ("?" is none) and is the first of it."""

    def __init__(self) -> None:
        self.n_asked, self._seen = 0, set()

    def __call__(self, gene: str) -> bool:
        """Whether to keep `gene`."""
        self.n_asked += 1
        is_own = not gene.startswith("?") and gene not in self._seen
        self._seen.add(gene)
        return is_own


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
