"""mRNA z-scores of seven TCGA cohorts: about 1,550 genes of chosen families, one row a slide.

Published with PORPOISE (Chen et al. 2022, Cancer Cell 40:865) out of cBioPortal: RSEM expression on
its linear scale, less the mean and over the deviation of a reference group *within the cohort*.
Levels therefore say nothing across cancers, and the values are as skewed as linear expression is:
most near −1, single ones in the thousands (FGF4 reaches 36,893 in BRCA).
`expression_transform` undoes that on training rows.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group

COHORTS_OF_FILES = {
    "tcga_brca_all_clean.csv.zip": "BRCA",
    "tcga_gbmlgg_all_clean.csv.zip": "GBMLGG",
    "tcga_luad_all_clean.csv.zip": "LUAD",
    "tcga_kirc_all_clean.csv.zip": "KIRC",
    "tcga_hnsc_all_clean.csv.zip": "HNSC",
    "tcga_blca_all_clean.csv.zip": "BLCA",
    "tcga_coadread_all_clean.csv.zip": "COADREAD",
}
_PATIENT = "case_id"
_SUFFIX = "_rnaseq"


def load_mrna_z(cohorts: tuple[str, ...] = tuple(COHORTS_OF_FILES.values())) -> dict:
    """Patient × gene z-scores (float32) by cohort: BRCA, GBMLGG, LUAD, KIRC, HNSC, BLCA, COADREAD.

    GBMLGG holds glioblastoma and lower-grade glioma, COADREAD colon and rectum: their z-scores are
    within the two together.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    names = {path: COHORTS_OF_FILES[path.name] for path in fetch_group("tcga-mrna-z")}
    return {name: read_mrna_z(path) for path, name in names.items() if name in cohorts}


def read_mrna_z(path: Path) -> pd.DataFrame:
    """One cohort's file as patient × gene, float32; a patient's slides all carry the same values.

    Raises:
        ValueError: it has no `case_id` or no `*_rnaseq` columns, or two slides of a patient differ.
    """
    header = pd.read_csv(path, nrows=0).columns
    genes = [column for column in header if column.endswith(_SUFFIX)]
    if not genes or _PATIENT not in header:
        raise ValueError(
            f"{path.name} must have `{_PATIENT}` and columns that end in {_SUFFIX}; it has "
            f"{', '.join(header[:5])}, …"
        )
    slides = pd.read_csv(path, usecols=[_PATIENT, *genes], index_col=_PATIENT)
    first = slides[~slides.index.duplicated()]
    of_patient = first.to_numpy()[first.index.get_indexer(slides.index)]
    gap = np.abs(slides.to_numpy() - of_patient).max(axis=1, initial=0, where=~np.isnan(of_patient))
    if (gap > 0).any():
        raise ValueError(
            f"{path.name}: all slides of a patient must carry the same expression; those of "
            f"{slides.index[gap > 0][0]} differ. The file is not the published one"
        )
    table = first.sort_index().astype("float32")
    table.columns = table.columns.str.removesuffix(_SUFFIX)
    return table.rename_axis(index="patient", columns=None)
