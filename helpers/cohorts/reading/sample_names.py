"""What names of samples say by themselves: TCGA's barcodes, and names that cell lines have.

A matrix of TCGA often comes without a table of samples. Its barcodes say whose a sample is and
whether it is a tumour; without them each sample would pass for a patient and for a tumour.
"""

import pandas as pd

from helpers.cohorts.reading.column_names import plain_column
from helpers.cohorts.reading.missing_words import counted
from helpers.cohorts.tcga.barcodes import SAMPLE_TYPES

_BARCODE = r"(?i)^(TCGA[-.]\w{2}[-.]\w{4})(?:[-.](\d\d)[A-Z]?(?:[-.].*)?)?$"
_LINE_NAMES = (  # DepMap's, the Sanger's, Cellosaurus', CCLE's (MCF7_BREAST)
    r"^(ACH-\d{6}|SIDM\d{5}|CVCL_\w{4})$",
    r"^[A-Z0-9]+_(AUTONOMIC_GANGLIA|BILIARY_TRACT|BONE|BREAST|CENTRAL_NERVOUS_SYSTEM|ENDOMETRIUM|"
    r"HAEMATOPOIETIC_AND_LYMPHOID_TISSUE|KIDNEY|LARGE_INTESTINE|LIVER|LUNG|OESOPHAGUS|OVARY|"
    r"PANCREAS|PLEURA|PROSTATE|SKIN|SOFT_TISSUE|STOMACH|THYROID|UPPER_AERODIGESTIVE_TRACT|"
    r"URINARY_TRACT)$",
)
_LINE_COLUMNS = {
    *("ccle_name", "cell_line", "cell_line_name", "celllinename", "stripped_cell_line_name"),
    *("modelid", "model_id", "depmap_id", "depmapid", "cosmic_id", "cosmicid"),
}


def read_barcodes(obs: pd.DataFrame) -> list[str]:
    """Add patient and sample_type, in place, where all names are TCGA barcodes; notes.

    Columns that are there stay as they are; names that stop at the patient have no sample type.
    """
    parts = obs.index.astype(str).to_series().str.extract(_BARCODE).set_axis(obs.index)
    if not len(obs) or parts[0].isna().any():
        return []
    notes, example = [], obs.index[0]
    if "patient" not in obs:
        obs["patient"] = parts[0].str.upper().str.replace(".", "-")
        notes.append(
            f"Patients are read from TCGA's barcodes: {example} is {obs['patient'].iloc[0]}."
        )
    found = parts[1].map(SAMPLE_TYPES)
    if "sample_type" not in obs and found.notna().all():
        obs["sample_type"] = found
        notes.append(f"Sample types are read from TCGA's barcodes: {counted(found)}.")
    return notes


def are_lines(obs: pd.DataFrame) -> bool:
    """Whether columns or nearly all names are those that cell lines have."""
    if _LINE_COLUMNS & set(map(plain_column, obs)):
        return True
    names = obs.index.astype(str).to_series()
    return any(names.str.match(pattern).mean() > 0.9 for pattern in _LINE_NAMES)
