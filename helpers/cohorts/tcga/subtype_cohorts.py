"""Cohorts `tcga-brca` and `tcga-subtyping`: mRNA z-scores and microRNAs of the same patients.

One row a patient: mRNA z-scores (see `tcga_mrna_z`) beside log2(RPM+1) of the microRNA stem-loops
of their primary tumour (see `tcga_mirna`), overall survival and molecular subtype. A cancer's
features are those its patients have and in which they differ; elsewhere a feature is NaN.
"""

from collections.abc import Mapping
from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, load_clinical, load_subtypes
from helpers.cohorts.tcga.mirna import BARCODE_LENGTH, MirnaTable, read_mirna
from helpers.cohorts.tcga.mrna_z import load_mrna_z

UNIT = "z-score of linear expression within the cohort (genes), log2(RPM+1) (microRNAs)"
# Cancer type → where its mRNA is; "" where only microRNAs are to be had.
MRNA_OF = {
    "BRCA": "BRCA",
    "GBM": "GBMLGG",
    "LGG": "GBMLGG",
    "OV": "",
    "LUAD": "LUAD",
    "KIRC": "KIRC",
    "HNSC": "HNSC",
    "COAD": "COADREAD",
    "BLCA": "BLCA",
    "PRAD": "",
}
NO_MICRORNA = ("GBM",)  # its microRNA file has 5 normals and no tumour
BRCA_NOTES = [
    "Patients with mRNA, microRNA of a primary tumour and overall survival. mRNA: z-scores of "
    "linear expression within BRCA, about 1,550 genes of chosen families, 7 of the 50 PAM50 genes; "
    "no ESR1, FOXA1 or KRT5.",
    "microRNAs were sequenced on two machines (obs['microrna_batch']): a batch effect.",
    "subtype is PAM50 as the PanCancerAtlas called it; '' where it did not.",
]
NOTES = [
    "mRNA z-scores are within BRCA, LUAD, KIRC, HNSC, BLCA, glioma (GBM with LGG) and colorectal "
    "cancer (COAD with READ): never compare levels across cancers.",
    "OV and PRAD have microRNAs only, GBM has mRNA only.",
    "microRNAs of BRCA, LUAD, HNSC, KIRC, COAD and two BLCA patients were sequenced on two "
    "machines (obs['microrna_batch']): a batch effect.",
    "OV's microRNAs look like a processing artefact (mir-142 low, mir-200c high).",
    "subtype is PAM50 for BRCA and the PanCancerAtlas's choice elsewhere; '' where there is none.",
]


def load_tcga_subtyping() -> anndata.AnnData:
    """All ten cancers of the paper in one cohort; about 25 s.

    obs: patient, cancer_type, sample_type ("primary"), microrna_aliquot, microrna_batch, age, sex,
    race, stage, os_time (days, above 0), os_event, subtype. var: feature_type, symbol.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    return _load("tcga-subtyping", tuple(MRNA_OF), NOTES)


def load_tcga_brca() -> anndata.AnnData:
    """BRCA alone: 940 patients, of whom 929 have a PAM50 class; about 15 s.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    return _load("tcga-brca", ("BRCA",), BRCA_NOTES)


def _load(name: str, cancer_types: tuple[str, ...], notes: list[str]) -> anndata.AnnData:
    in_files = load_mrna_z(tuple(MRNA_OF[cancer_type] for cancer_type in cancer_types))
    files = {path.name.split(".")[0]: path for path in fetch_group("tcga-mirna")}
    mrna = {c: in_files[MRNA_OF[c]] for c in cancer_types if MRNA_OF[c]}
    mirna = {c: read_mirna(files[c]) for c in cancer_types if c not in NO_MICRORNA}
    cohort = build_subtyping_cohort(mrna, mirna, load_clinical(), load_subtypes())
    cohort.uns |= {"name": name, "notes": notes, "default_types": ["BRCA"]}
    return cohort


def subtype_names(subtype: pd.Series) -> pd.Series:
    """Text, "" where unknown. BRCA's is PAM50 or nothing: 11 patients have another call only."""
    is_known = subtype.notna() & ~subtype.astype(str).str.startswith("BRCA.")
    return subtype.astype(object).where(is_known, "")


class _Patients(NamedTuple):
    """One cancer: genes and micrornas (patient × feature, NaN-free) and facts on the patients."""

    genes: pd.DataFrame
    micrornas: pd.DataFrame
    obs: pd.DataFrame


def build_subtyping_cohort(
    mrna: Mapping[str, pd.DataFrame],
    mirna: Mapping[str, MirnaTable],
    clinical: pd.DataFrame,
    subtypes: pd.DataFrame,
) -> anndata.AnnData:
    """One cohort of each cancer's patients who have all that the cancer has, and survival.

    `mrna`: cancer type → patient × gene; `mirna`: cancer type → its file. A cancer may be in one
    of the two only. Patients of another type by `clinical`, without overall survival or with a
    time of 0 days or less are left out. Genes come first, then microRNAs, each alphabetically.
    """
    types = dict.fromkeys((*mrna, *mirna))
    cancers = [_one_cancer(name, mrna.get(name), mirna.get(name), clinical) for name in types]
    genes = pd.concat([cancer.genes for cancer in cancers]).sort_index(axis=1)
    micrornas = pd.concat([cancer.micrornas for cancer in cancers]).sort_index(axis=1)
    x = pd.concat([genes, micrornas], axis=1)
    kinds = ["gene"] * genes.shape[1] + ["microRNA"] * micrornas.shape[1]
    var = pd.DataFrame({"feature_type": kinds, "symbol": x.columns}, index=x.columns)
    obs = add_clinical(pd.concat([cancer.obs for cancer in cancers]), clinical, subtypes)
    obs["subtype"] = subtype_names(obs["subtype"])
    cohort = anndata.AnnData(x.to_numpy(np.float32), obs, var)
    cohort.uns = {"unit": UNIT, "feature": "gene"}
    return cohort


def _one_cancer(
    cancer_type: str, z: pd.DataFrame | None, table: MirnaTable | None, clinical: pd.DataFrame
) -> _Patients:
    rpm, aliquots = _primary_tumours(table)
    measured = [part.index for part in (z, rpm) if part is not None]
    patients = measured[0].intersection(measured[-1]).intersection(_followed(clinical, cancer_type))
    patients = patients.rename(None)
    obs = pd.DataFrame({"patient": patients, "cancer_type": cancer_type}, index=patients)
    obs["sample_type"] = "primary"
    obs = obs.join(aliquots.reindex(patients, fill_value=""))
    logarithms = None if rpm is None else np.log2(rpm + 1)
    return _Patients(_varying(z, patients), _varying(logarithms, patients), obs)


def _followed(clinical: pd.DataFrame, cancer_type: str) -> pd.Index:
    """Patients of a type whose overall survival is known, with a time above 0 days; sorted."""
    is_followed = (clinical["os_time"] > 0) & clinical["os_event"].notna()
    return clinical.index[is_followed & (clinical["cancer_type"] == cancer_type)].sort_values()


def _primary_tumours(table: MirnaTable | None) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """(patient × stem-loop RPM, aliquot and machine by patient) of primary tumours.

    Of a patient's aliquots the first barcode in alphabetical order.
    """
    columns = ["microrna_aliquot", "microrna_batch"]
    if table is None:
        return None, pd.DataFrame(columns=columns, dtype=object)
    names = table.rpm.index
    described = describe_barcodes(names.str[:BARCODE_LENGTH]).set_axis(names)
    chosen = described[described["sample_type"] == "primary"].sort_index()
    chosen = chosen.drop_duplicates("patient")
    machine = table.machine[chosen.index].to_numpy()
    aliquots = pd.DataFrame(dict(zip(columns, (chosen.index, machine), strict=True)))
    patients = pd.Index(chosen["patient"])
    return table.rpm.loc[chosen.index].set_axis(patients), aliquots.set_axis(patients)


def _varying(values: pd.DataFrame | None, patients: pd.Index) -> pd.DataFrame:
    """The patients' rows and the features that are not the same in all of them."""
    if values is None:
        return pd.DataFrame(index=patients)
    values = values.loc[patients]
    return values.loc[:, np.ptp(values.to_numpy(), axis=0) > 0]
