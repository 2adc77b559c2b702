"""Cohort `paper-subtyping`: full mRNA and mature microRNAs of the paper's ten cancers, Xena hub.

The paper took GDC files as FPKM and, for early GBM and OV samples, arrays. The PanCanAtlas matrices
of the UCSC Xena hub are the same tumours' RNASeqV2 (RSEM normalised counts) and microRNA-seq, both
log2(normalised value + 1) and batch-adjusted over all 33 cancers: 20,531 genes and 743 mature
microRNAs. They are the files of `paper-pancan`. Patients without microRNAs keep their genes and are
NaN there, so nearly all of GBM has genes only: `select_subtyping` leaves microRNAs out for such a
cancer.
"""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sample_selection import one_tumour_per_patient
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.clinical import load_subtypes
from helpers.cohorts.tcga.pancanatlas import UNIT, describe_samples, read_xena_matrix
from helpers.cohorts.tcga.subtype_cohorts import MRNA_OF, subtype_names

_LEAST_WITH_MICRORNA = 0.5  # of a cancer's patients; with fewer the cancer counts as mRNA only
NOTES = [
    "PanCanAtlas matrices of UCSC Xena: RSEM normalised counts, not the paper's FPKM, and no array "
    "samples; batch-adjusted by their publisher over all cancers: transductive.",
    "Mature microRNAs (hsa-miR-125b-5p), not stem-loops. GBM has genes only.",
    "subtype is PAM50 for BRCA and the PanCancerAtlas's choice elsewhere; '' where there is none.",
]


def load_paper_subtyping() -> anndata.AnnData:
    """The paper's ten cancers, one tumour a patient, with survival and subtype.

    The files are 350 MB and come from the publisher's server only; 3 GB of memory while it is made.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    mrna, mirna, survival, phenotype = fetch_group("paper-pancan", True)
    return build_paper_subtyping(mrna, mirna, survival, phenotype, load_subtypes())


def build_paper_subtyping(
    mrna: Path, mirna: Path, survival: Path, phenotype: Path, subtypes: pd.DataFrame
) -> anndata.AnnData:
    """The cohort from Xena's four files and the table of subtypes.

    Of the ten cancers, patients with mRNA of a tumour, a survival time above 0 days and, where
    half or more of their cancer have them, microRNAs. Genes without a symbol of their own and
    features missing in a patient of a cancer are NaN in all of that cancer.

    Raises:
        ValueError: a matrix is not tab-separated with `sample` as its first column.
    """
    genes = _matrix(mrna)
    genes = genes.loc[:, ~genes.columns.str.startswith("?") & ~genes.columns.duplicated()]
    obs = describe_samples(genes.index, survival, phenotype)
    is_followed = (obs["os_time"] > 0) & obs["os_event"].notna()
    chosen = one_tumour_per_patient(obs[is_followed & obs["cancer_type"].isin(MRNA_OF)])
    micrornas = _matrix(mirna).reindex(chosen.index)
    chosen = chosen[_is_complete(chosen["cancer_type"], micrornas)]
    obs = chosen.sort_values(["cancer_type", "patient"])
    subtype = subtypes["pam50"].where(subtypes["pam50"].notna(), subtypes["subtype"])
    obs["subtype"] = subtype_names(subtype.reindex(obs["patient"]).set_axis(obs.index))
    values = pd.concat([genes.reindex(obs.index), micrornas.loc[obs.index]], axis=1)
    kinds = ["gene"] * genes.shape[1] + ["microRNA"] * micrornas.shape[1]
    var = pd.DataFrame({"feature_type": kinds, "symbol": values.columns}, index=values.columns)
    x = _whole_or_absent(values.to_numpy(np.float32), obs["cancer_type"].to_numpy())
    cohort = anndata.AnnData(x, obs, var)
    cohort = cohort[:, ~np.isnan(x).all(axis=0)].copy()
    cohort.uns = {"name": "paper-subtyping", "unit": f"{UNIT} (genes and microRNAs)"}
    cohort.uns |= {"feature": "gene", "default_types": ["BRCA"], "notes": NOTES}
    return cohort


def _matrix(path: Path) -> pd.DataFrame:
    """Sample × feature; a sample's first column counts."""
    x, features, samples = read_xena_matrix(path)
    table = pd.DataFrame(x, index=samples, columns=features)
    return table[~table.index.duplicated()]


def _is_complete(cancer_type: pd.Series, micrornas: pd.DataFrame) -> pd.Series:
    """Patients who have microRNAs, and all patients of cancers where most have none."""
    has_any = micrornas.notna().any(axis=1)
    share = has_any.groupby(cancer_type).transform("mean")
    return has_any | (share < _LEAST_WITH_MICRORNA)


def _whole_or_absent(x: np.ndarray, cancer_type: np.ndarray) -> np.ndarray:
    """`x` with each cancer's incomplete or constant features set to NaN in the whole cancer."""
    for name in np.unique(cancer_type):
        rows = np.flatnonzero(cancer_type == name)
        values = x[rows]
        is_absent = ~(np.ptp(values, axis=0) > 0)  # NaN compares as absent
        values[:, is_absent] = np.nan
        x[rows] = values
    return x
