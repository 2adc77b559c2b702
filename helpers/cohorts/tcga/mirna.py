"""Cohort `tcga-mirna`: microRNA-seq of 33 TCGA cohorts, 10,893 aliquots × 680 stem-loops.

It is microRNA, not mRNA: about 700 short regulators rather than 20,000 genes. Each of the 33 files
is an R data frame whose rows come in threes (read_count, reads_per_million_miRNA_mapped,
cross-mapped); the reads per million (RPM) are taken, so that every sample sums to a million before
log2(RPM+1). 29 cohorts list 1,046 stem-loops and COAD, READ, LAML and OV, aligned by an older
pipeline, 705; the 680 in all are kept, since any other would be missing in whole cancers.
"""

from pathlib import Path
from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.r_files import Factor, read_r_columns
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes, number_repeats
from helpers.cohorts.tcga.clinical import add_clinical, load_clinical, load_subtypes

MEASURES = ("read_count", "reads_per_million_miRNA_mapped", "cross-mapped")
_RPM = slice(1, None, 3)  # the second of each three rows
BARCODE_LENGTH = 28  # a repeated barcode carries a running number behind it
# The paper's types that have tumours here, and the two its text discusses (READ, LAML).
DEFAULT_TYPES = [
    *("BRCA", "CESC", "COAD", "KIRC", "LUAD", "LUSC", "PRAD", "SKCM", "THCA", "UCEC", "UCS"),
    *("READ", "LAML"),
]
NOTES = [
    "This is microRNA, not mRNA: 680 stem-loops, log2(RPM+1).",
    "GBM has 5 normal samples and no tumour.",
    "Two sequencing machines (obs['batch']), mixed in 11 cancers: a batch effect. LAML was "
    "sequenced on the Genome Analyzer only, so its machine and its biology cannot be told apart.",
    "OV looks like a processing artefact (mir-142 low, mir-200c high): read nothing into it.",
    "COAD, READ, LAML and OV come from an older pipeline with 705 stem-loops; the 680 stem-loops "
    "of all cohorts are kept.",
    "SKCM is mostly metastases; 16 KIRP aliquots were sequenced twice.",
]


class MirnaTable(NamedTuple):
    """One cohort file: rpm (aliquot × stem-loop, reads per million) and each aliquot's machine."""

    rpm: pd.DataFrame
    machine: pd.Series


def load_tcga_mirna() -> anndata.AnnData:
    """The cohort from its 33 files: log2(RPM+1) with sample and clinical facts; about 20 s.

    obs: patient, cancer_type, sample_type, site (tissue source site), batch (sequencing machine),
    age, sex, race, stage, os_time (days), os_event, subtype. An aliquot sequenced twice appears
    twice, the second as `<barcode>.2`.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    tables = {path.name.split(".")[0]: read_mirna(path) for path in fetch_group("tcga-mirna")}
    return build_mirna_cohort(tables, load_clinical(), load_subtypes())


def read_mirna(path: Path) -> MirnaTable:
    """One cohort's `.rda` file.

    Raises:
        ValueError: the rows do not come in threes as documented, or a value is not a number.
    """
    table = read_r_columns(path)
    measures = _labels(table.columns["miRNA_ID"])
    if len(measures) % 3 or not (measures.reshape(-1, 3) == MEASURES).all():
        raise ValueError(f"{path.name}: rows must come in threes, {', '.join(MEASURES)}")
    stem_loops = [name for name in table.columns if name.startswith("hsa-")]
    values = np.column_stack([_reads_per_million(table.columns[name]) for name in stem_loops])
    aliquots = _barcodes(pd.Index(table.rows[_RPM]))
    return MirnaTable(
        rpm=pd.DataFrame(values, index=aliquots, columns=stem_loops),
        machine=pd.Series(_labels(table.columns["machine"])[_RPM], index=aliquots),
    )


def build_mirna_cohort(
    tables: dict[str, MirnaTable], clinical: pd.DataFrame, subtypes: pd.DataFrame | None = None
) -> anndata.AnnData:
    """One cohort of all cancer types' tables, with the stem-loops that every one of them has."""
    common = sorted(set.intersection(*(set(table.rpm.columns) for table in tables.values())))
    rpm = pd.concat([table.rpm[common] for table in tables.values()])
    obs = describe_barcodes(rpm.index.str[:BARCODE_LENGTH]).set_axis(rpm.index)
    obs.insert(1, "cancer_type", np.repeat(list(tables), [len(t.rpm) for t in tables.values()]))
    obs["batch"] = pd.concat([table.machine for table in tables.values()]).to_numpy()
    x = np.log2(rpm.to_numpy() + 1).astype(np.float32)
    cohort = anndata.AnnData(x, add_clinical(obs, clinical, subtypes), pd.DataFrame(index=common))
    cohort.var["symbol"] = cohort.var_names
    cohort.uns = {
        "name": "tcga-mirna",
        "unit": "log2(RPM+1)",
        "feature": "microRNA",
        "default_types": DEFAULT_TYPES,
        "notes": NOTES,
    }
    return cohort


def _labels(column: Factor) -> np.ndarray:
    return column.levels.decoded()[column.codes - 1]


def _reads_per_million(column: Factor) -> np.ndarray:
    """Numbers that were saved as levels; each distinct one is parsed once, counts never."""
    used, where = np.unique(column.codes[_RPM] - 1, return_inverse=True)
    return column.levels.numbers(used)[where]


def _barcodes(rows: pd.Index) -> pd.Index:
    """Row names without R's running number; the second run of an aliquot becomes `<barcode>.2`."""
    return number_repeats(rows.str[:BARCODE_LENGTH])
