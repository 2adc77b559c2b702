"""What a TCGA barcode says: patient, sample type, tissue source site, plate.

TCGA-A1-A0SE-01A-11R-A085-13: project, site (A1), patient (first 12 characters), sample type and
vial (01A), portion and analyte (11R), plate (A085), centre (13).
"""

import numpy as np
import pandas as pd

SAMPLE_TYPES = {
    "01": "primary",
    "02": "recurrent",
    "03": "blood",  # primary blood-derived cancer, peripheral blood
    "04": "recurrent blood",
    "05": "additional primary",
    "06": "metastasis",
    "07": "additional metastasis",
    "09": "blood",  # primary blood-derived cancer, bone marrow
    "10": "normal",
    "11": "normal",
    "12": "normal",
    "13": "normal",
    "14": "normal",
    "20": "control",
    "40": "recurrent blood",
    "50": "cell line",
    "60": "xenograft",
    "61": "xenograft",
}


def describe_barcodes(barcodes: pd.Index) -> pd.DataFrame:
    """One row per barcode (15 characters or more): patient, sample_type, site.

    Raises:
        ValueError: something is not a TCGA sample barcode.
    """
    barcodes = pd.Index(barcodes).astype(str)
    parts = barcodes.str.extract(r"^(TCGA-([^-]{2})-[^-]{4})-(\d\d)")
    sample_type = parts[2].map(SAMPLE_TYPES)
    if sample_type.isna().any():
        wrong = barcodes[sample_type.isna().to_numpy()][0]
        raise ValueError(f"barcodes must look like TCGA-A1-A0SE-01A-…; got {wrong!r}")
    table = pd.DataFrame({"patient": parts[0], "sample_type": sample_type, "site": parts[1]})
    return table.set_axis(barcodes)


def number_repeats(names: pd.Index) -> pd.Index:
    """Unique names: the second occurrence of a name becomes `<name>.2`, the third `<name>.3`."""
    occurrence = names.to_series().groupby(names.to_numpy()).cumcount().to_numpy() + 1
    return pd.Index(np.where(occurrence > 1, names + "." + occurrence.astype(str), names))
