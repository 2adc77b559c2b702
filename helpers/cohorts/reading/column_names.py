"""Columns of obs under the names that other tools give them."""

import re

import numpy as np
import pandas as pd

from helpers.cohorts.reading.follow_up import event_of, read_follow_up

_DAYS_A_MONTH = 365.25 / 12
OUR_COLUMNS = [
    "patient",
    "cancer_type",
    "sample_type",
    "batch",
    "purity",
    "age",
    "sex",
    "stage",
    "os_time",
    "os_event",
    "subtype",
]
_OTHER_NAMES = {
    "patient": [
        *("patient_id", "patientid", "bcr_patient_barcode", "case_submitter_id"),
        *("cases_submitter_id", "donor", "donor_id", "icgc_donor_id", "participant"),
        *("participant_id", "subject_id"),
    ],
    "cancer_type": [
        *("cancertype", "cancer_type_abbreviation", "oncotree_code", "oncotreecode", "project_id"),
        *("tumor_type", "tumour_type", "oncotreelineage", "lineage", "primary_disease"),
    ],
    "sample_type": ["sample_type_samples", "shortlettercode"],
    "os_time": ["os_days", "os_months"],
    "os_event": ["os", "os_status", "vital_status", "vital_status_demographic"],
    "age": ["age_at_index", "age_at_diagnosis", "age_at_initial_pathologic_diagnosis"],
    "sex": ["gender", "gender_demographic"],
    "stage": ["ajcc_pathologic_stage", "ajcc_pathologic_tumor_stage", "ajcc_stage", "tumor_stage"],
}
PROJECT = r"(?:TCGA|TARGET|CPTAC)-(\w+)"  # as GDC calls a cancer type
_TO_DEATH, _TO_LAST = "days_to_death", "days_to_last_follow_up"


def name_columns(obs: pd.DataFrame) -> list[str]:
    """Add our columns where obs has them under another name or case, in place; notes."""
    plain: dict[str, str] = {}
    for column in obs.columns:
        plain.setdefault(plain_column(column), column)
    notes = []
    for ours in OUR_COLUMNS:
        if ours in obs:
            continue
        known = [plain[name] for name in (ours, *_OTHER_NAMES.get(ours, ())) if name in plain]
        if known and not _can_be_read(obs[known[0]], ours):
            notes.append(f"obs['{known[0]}'] cannot be read as {ours}: not used.")
        elif known:
            obs[ours] = obs[known[0]]
            notes.append(f"obs['{known[0]}'] is read as {ours}{_in_days(obs, known[0])}.")
    return notes + _follow_up_of_gdc(obs, plain)


def _can_be_read(column: pd.Series, ours: str) -> bool:
    """Whether it is safe to take a column for one of ours, which is refused if it is unreadable."""
    if ours == "cancer_type" and plain_column(column.name) == "project_id":
        return bool(column.dropna().astype(str).str.fullmatch(PROJECT).all())
    if ours not in ("os_time", "os_event"):
        return True
    try:
        read_follow_up(column.to_frame(ours), "")
    except ValueError:
        return False
    return True


def plain_column(column: object) -> str:
    """A column's name in small letters, with `_` for spaces, dots and dashes."""
    return re.sub(r"[\s.-]+", "_", str(column)).strip("_").casefold()


def _in_days(obs: pd.DataFrame, column: str) -> str:
    if plain_column(column) != "os_months":
        return ""
    months = pd.to_numeric(obs[column].astype(object), errors="coerce")
    obs["os_time"] = months * _DAYS_A_MONTH
    return ", its months turned into days"


def _follow_up_of_gdc(obs: pd.DataFrame, plain: dict[str, str]) -> list[str]:
    """os_time as GDC has it: days to death of those who died, to the last visit of the others."""
    if "os_time" in obs or not {_TO_DEATH, _TO_LAST} <= set(plain) or "os_event" not in obs:
        return []
    days = [pd.to_numeric(obs[plain[name]].astype(object), errors="coerce")
            for name in (_TO_DEATH, _TO_LAST)]  # fmt: skip
    is_dead = obs["os_event"].astype(object).map(event_of) == 1
    is_dead |= pd.to_numeric(obs["os_event"].astype(object), errors="coerce") == 1
    obs["os_time"] = np.where(is_dead, *days)
    return [f"os_time is {plain[_TO_DEATH]} of those who died, else {plain[_TO_LAST]}."]
