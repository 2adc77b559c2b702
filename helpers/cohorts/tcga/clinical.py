"""Who the patients are: TCGA's Clinical Data Resource and molecular subtypes.

Liu et al. (2018), Cell 173:400, curated four survival endpoints for 11,160 patients: overall
survival (os), progression-free (pfi), disease-specific (dss) and disease-free interval (dfi).
Every TCGA cohort reads these tables, and parsing the spreadsheet takes 3 s: they are kept parsed.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers import files
from helpers.cohorts.cohort_cache import cached_table
from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group, registered_sums
from helpers.imports import code_digests, import_closure

ENDPOINTS = ("os", "pfi", "dss", "dfi")
_NOT_KNOWN = [
    "[Not Available]",
    "[Not Applicable]",
    "[Not Evaluated]",
    "[Unknown]",
    "[Discrepancy]",
    "[Completed]",
    "#N/A",
    "NA",
]
_CDR_CANCER_NAMES = {"OVCA": "OV", "AML": "LAML"}  # the subtype table's own names
_NAMES = {
    "bcr_patient_barcode": "patient",
    "type": "cancer_type",
    "age_at_initial_pathologic_diagnosis": "age",
    "gender": "sex",
    "race": "race",
}


def load_clinical() -> pd.DataFrame:
    """11,160 TCGA patients × clinical facts, indexed by patient (12-character barcode).

    cancer_type; age (years at diagnosis); sex ("female" | "male"); race; stage (as published:
    the pathologic stage, the clinical one where there is none); and for each endpoint
    `<endpoint>_time` (days) and `<endpoint>_event` (1 happened, 0 censored). NaN where not known.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    return _kept_parsed("tcga-clinical", _read_clinical)


def parse_clinical(sheet: pd.DataFrame) -> pd.DataFrame:
    """The sheet "TCGA-CDR" (or Xena's copy of it) as `load_clinical` returns it."""
    sheet = sheet.replace(_NOT_KNOWN, float("nan"))
    table = sheet[list(_NAMES)].rename(columns=_NAMES)
    table["sex"] = table["sex"].str.lower()
    pathologic, clinical = sheet["ajcc_pathologic_tumor_stage"], sheet["clinical_stage"]
    table["stage"] = pathologic.where(pathologic.notna(), clinical)
    for endpoint in ENDPOINTS:
        table[f"{endpoint}_time"] = pd.to_numeric(sheet[f"{endpoint.upper()}.time"])
        table[f"{endpoint}_event"] = pd.to_numeric(sheet[endpoint.upper()])
    return table.drop_duplicates("patient").set_index("patient").rename_axis("patient")


def load_subtypes() -> pd.DataFrame:
    """Molecular subtypes by patient: cancer_type, pam50 (BRCA only), subtype. NaN where not known.

    pam50: LumA, LumB, Basal, Her2 or Normal, of the PanCancerAtlas BRCA table (1,087 patients).
    subtype: the one the PanCancerAtlas selected for its cancer, such as "GBM_LGG.Classic-like".

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    return _kept_parsed("tcga-subtypes", _read_subtypes)


def parse_subtypes(brca: pd.DataFrame, pancan: pd.DataFrame) -> pd.DataFrame:
    """TCGAbiolinks' two tables as `load_subtypes` returns them; a patient's first row counts."""
    selected = pd.DataFrame(
        {
            "patient": pancan["pan.samplesID"].str.replace(".", "-").str[:12],
            "cancer_type": pancan["cancer.type"].replace(_CDR_CANCER_NAMES),
            "subtype": pancan["Subtype_Selected"],
        }
    )
    selected["subtype"] = selected["subtype"].mask(selected["subtype"].str.endswith(".NA"))
    selected = selected.drop_duplicates("patient").set_index("patient")
    pam50 = brca.set_index("patient")["BRCA_Subtype_PAM50"].replace("NA", None).rename("pam50")
    table = selected.join(pam50, how="outer")
    table["cancer_type"] = table["cancer_type"].mask(table.index.isin(pam50.index), "BRCA")
    return table[["cancer_type", "pam50", "subtype"]]


def add_clinical(
    obs: pd.DataFrame, clinical: pd.DataFrame, subtypes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`obs` with age, sex, stage, os_time (days), os_event and subtype of each row's patient.

    BRCA's subtype is its PAM50 class; others carry the PanCancerAtlas choice.
    """
    columns = ["age", "sex", "race", "stage", "os_time", "os_event"]
    obs = obs.join(clinical[columns], on="patient")
    if subtypes is not None:
        subtype = subtypes["pam50"].where(subtypes["pam50"].notna(), subtypes["subtype"])
        obs = obs.join(subtype.rename("subtype"), on="patient")
    return obs


def _kept_parsed(group: str, read: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    """What `read` makes of a group's one file, from the cache if file and code are the same."""
    (path,) = fetch_group(group)
    root = files.project_root()
    code = code_digests(import_closure([f"import {__name__}"], root), root)
    return cached_table(group, lambda: read(path), registered_sums(group) | code)


def _read_clinical(path: Path) -> pd.DataFrame:
    return parse_clinical(
        pd.read_excel(path, sheet_name="TCGA-CDR", na_values=_NOT_KNOWN, engine="openpyxl")
    )


def _read_subtypes(path: Path) -> pd.DataFrame:
    tables = read_r_objects(path)
    return parse_subtypes(tables["brca.subtype"], tables["pancan2018"])
