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
from helpers.cohorts.tcga.pancanatlas import UNIT, OwnSymbols, describe_samples
from helpers.cohorts.tcga.subtype_cohorts import MRNA_OF, subtype_names
from helpers.cohorts.text_matrices import read_table, table_samples

_LEAST_WITH_MICRORNA = 0.5  # of a cancer's patients; with fewer the cancer counts as mRNA only
NOTES = [
    "PanCanAtlas matrices of UCSC Xena: RSEM normalised counts, not the paper's FPKM, and no array "
    "samples; batch-adjusted by their publisher over all cancers: transductive.",
    "Mature microRNAs (hsa-miR-125b-5p), not stem-loops. GBM has genes only.",
    "subtype is PAM50 for BRCA and the PanCancerAtlas's choice elsewhere; '' where there is none.",
]


def load_paper_subtyping() -> anndata.AnnData:
    """The paper's ten cancers, one tumour a patient, with survival and subtype.

    The files are 350 MB and come from the publisher's server only.

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
    obs = _first_columns(mrna)
    obs = describe_samples(obs.index, survival, phenotype).assign(column=obs.to_numpy())
    is_followed = (obs["os_time"] > 0) & obs["os_event"].notna()
    chosen = one_tumour_per_patient(obs[is_followed & obs["cancer_type"].isin(MRNA_OF)])
    micrornas, mirna_names = _micrornas(mirna, chosen.index)
    is_complete = _is_complete(chosen["cancer_type"], micrornas)
    obs = chosen[is_complete].sort_values(["cancer_type", "patient"])
    micrornas = micrornas[chosen.index.get_indexer(obs.index)]
    subtype = subtypes["pam50"].where(subtypes["pam50"].notna(), subtypes["subtype"])
    subtype = subtype_names(subtype.reindex(obs["patient"]).set_axis(obs.index))
    genes, gene_names = read_table(mrna, OwnSymbols(), obs.pop("column").to_numpy())
    obs["subtype"] = subtype
    names = [*gene_names, *mirna_names]
    kinds = ["gene"] * len(gene_names) + ["microRNA"] * len(mirna_names)
    var = pd.DataFrame({"feature_type": kinds, "symbol": names}, index=names)
    x = _whole_or_absent(np.concatenate([genes, micrornas], axis=1), obs["cancer_type"].to_numpy())
    cohort = anndata.AnnData(x, obs, var)
    cohort = cohort[:, ~np.isnan(x).all(axis=0)].copy()
    cohort.uns = {"name": "paper-subtyping", "unit": f"{UNIT} (genes and microRNAs)"}
    cohort.uns |= {"feature": "gene", "default_types": ["BRCA"], "notes": NOTES}
    return cohort


def _first_columns(path: Path) -> pd.Series:
    """The first column of each sample of a table, by sample."""
    names = pd.Index(table_samples(path))
    samples = pd.Series(np.arange(len(names)), names)
    return samples[~names.duplicated()]


def _micrornas(path: Path, samples: pd.Index) -> tuple[np.ndarray, list[str]]:
    """(sample × microRNA, names); NaN for those of `samples` that the table does not have."""
    column = _first_columns(path).reindex(samples)
    is_there = column.notna().to_numpy()
    found, names = read_table(path, columns=column[is_there].to_numpy(int))
    x = np.full((len(samples), len(names)), np.nan, np.float32)
    x[is_there] = found
    return x, names


def _is_complete(cancer_type: pd.Series, micrornas: np.ndarray) -> np.ndarray:
    """Patients who have microRNAs, and all patients of cancers where most have none."""
    has_any = pd.Series(~np.isnan(micrornas).all(axis=1), cancer_type.index)
    share = has_any.groupby(cancer_type).transform("mean")
    return (has_any | (share < _LEAST_WITH_MICRORNA)).to_numpy()


def _whole_or_absent(x: np.ndarray, cancer_type: np.ndarray) -> np.ndarray:
    """`x` with each cancer's incomplete or constant features set to NaN in the whole cancer."""
    for name in np.unique(cancer_type):
        rows = np.flatnonzero(cancer_type == name)
        values = x[rows]
        is_absent = ~(np.ptp(values, axis=0) > 0)  # NaN compares as absent
        values[:, is_absent] = np.nan
        x[rows] = values
    return x
