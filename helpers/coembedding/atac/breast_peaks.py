"""Cohort `tcga-brca-atac`: 122,690 ATAC-seq peaks of 72 breast tumours, 501 bp each, hg38.

Seventeen R data frames, one a chromosome (4, 5, 7, 9–16, 18–22 and X; so no ESR1, ERBB2 or MYC),
peak × sample, log2((count + 5) per million), quantile-normalised by their publisher over all
samples (Corces et al. 2018, Science 362:eaav1898). Here: sample × peak, in genomic order.

The publisher has six chromosomes more (1, 2, 3, 6, 8, 17), which are in no mirror of ours: cohort
`tcga-brca-atac-whole` is all 23, where their files can be fetched.
"""

from collections.abc import Iterable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.genome import (
    CHROMOSOME_SIZES,
    check_peaks,
    genomic_order,
    peak_names,
)
from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, load_clinical, load_subtypes

UNIT = "log2((count+5) per million), quantile-normalised"
WHOLE = "tcga-brca-atac-whole"
NOTES = [
    "Quantile-normalised by its publisher over all samples: transductive.",
    "One cancer (BRCA): subtypes, not cancer types, can be told apart.",
]
_GENES = {"chr6": "ESR1", "chr17": "ERBB2", "chr8": "MYC"}  # missed most where they are missing
_POSITION = {"chrom": "chrom", "chromStart": "start", "chromEnd": "end"}


def load_brca_atac(whole: bool = False) -> anndata.AnnData:
    """72 samples × 122,690 peaks, float32; var: chrom, start, end in genomic order.

    `whole`: with the six chromosomes that only the publisher has; cohort `tcga-brca-atac-whole`.
    obs: patient, cancer_type (BRCA), sample_type, site, age, sex, race, stage, os_time (days),
    os_event, subtype (PAM50, "" where it is not known).

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    groups = ["tcga-brca-atac", *(["tcga-brca-atac-rest"] if whole else [])]
    tables = (read_peaks(path) for group in groups for path in fetch_group(group))
    cohort = build_peaks_cohort(tables, load_clinical(), load_subtypes())
    cohort.uns["name"] = WHOLE if whole else "tcga-brca-atac"
    return cohort


def read_peaks(path: Path) -> pd.DataFrame:
    """One chromosome's file: chrom, start, end, then one float32 column per sample barcode.

    Raises:
        ValueError: it lacks the position columns.
    """
    (table,) = read_r_objects(path).values()
    if not set(_POSITION) <= set(table):
        raise ValueError(
            f"{path.name} must have columns {', '.join(_POSITION)} and one per sample; it has "
            f"{', '.join(map(str, table.columns[:4]))}, …"
        )
    positions = table[list(_POSITION)].rename(columns=_POSITION)
    positions = positions.astype({"chrom": object, "start": int, "end": int})
    values = table.drop(columns=list(_POSITION)).astype(np.float32)
    return pd.concat([positions, values], axis=1)


def build_peaks_cohort(
    tables: Iterable[pd.DataFrame], clinical: pd.DataFrame, subtypes: pd.DataFrame | None = None
) -> anndata.AnnData:
    """One cohort of all chromosomes' tables; samples in alphabetical order, peaks in the genome's.

    Raises:
        ValueError: the tables have different samples, or peaks off hg38 or repeated.
    """
    tables = list(tables)
    samples = _common_samples(tables)
    peaks = pd.concat([table[["chrom", "start", "end"]] for table in tables], ignore_index=True)
    order = genomic_order(peaks)
    x = np.concatenate([table[samples].to_numpy(np.float32) for table in tables])[order].T
    var = peaks.iloc[order].reset_index(drop=True)
    check_peaks(var)
    cohort = anndata.AnnData(
        np.ascontiguousarray(x),
        _describe(pd.Index(samples), clinical, subtypes),
        var.set_axis(peak_names(var)),
    )
    cohort.uns = {
        "name": "tcga-brca-atac",
        "unit": UNIT,
        "feature": "peak",
        "default_types": [],
        "notes": [_chromosomes_note(var["chrom"]), *NOTES],
    }
    return cohort


def _chromosomes_note(chrom: pd.Series) -> str:
    """Which chromosomes there are not, and of the genes one looks for first, which."""
    missing = [name for name in CHROMOSOME_SIZES if name not in set(chrom)]
    genes = [gene for name, gene in _GENES.items() if name in missing]
    n, verb = len(CHROMOSOME_SIZES), "are" if len(missing) > 1 else "is"
    listed = _listed([name.removeprefix("chr") for name in missing])
    note = f"{n - len(missing)} chromosomes of {n}: chr {listed} {verb} missing"
    if not genes:
        return f"{note}."
    more = f"The publisher has more of them: cohort {WHOLE} fetches those."
    return f"{note}, and with them {_listed(genes)}. {more}"


def _listed(names: list[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), *names[-1:]])


def _common_samples(tables: list[pd.DataFrame]) -> list[str]:
    samples = sorted(set(tables[0]) - {"chrom", "start", "end"})
    for table in tables[1:]:
        other = set(table) - {"chrom", "start", "end"}
        if other != set(samples):
            name = sorted(other ^ set(samples))[0]
            raise ValueError(
                f"every chromosome must have the same samples; {table['chrom'].iloc[0]} and "
                f"{tables[0]['chrom'].iloc[0]} differ in {name}. Take the files of one release"
            )
    return samples


def _describe(
    samples: pd.Index, clinical: pd.DataFrame, subtypes: pd.DataFrame | None
) -> pd.DataFrame:
    obs = describe_barcodes(samples)
    obs.insert(1, "cancer_type", "BRCA")
    obs = add_clinical(obs, clinical, subtypes)
    if subtypes is not None:
        obs["subtype"] = obs["subtype"].fillna("")
    return obs
