"""What holds for one cohort of this chapter only, shown in runs on it and in no others."""

from collections.abc import Mapping, Sequence

from helpers.evaluate.wording import bullet_list

READING: Mapping[str, tuple[str, ...]] = {
    "tcga-atac-rna": (
        "A component sums to zero over the patients it was fitted on: what training donors have "
        "too much of, held-out ones have too little of. A component imputed with a negative "
        "correlation may be no more than that.",
    ),
}
"""Cohort → how its numbers are to be read, beside the notes it brings itself."""

REMARKS: Mapping[str, tuple[str, ...]] = {
    "demo-multiomics": (
        "**Data.** Simulated donors: gene activity can match samples as real chromatin may not, "
        "and nothing here is a finding about cancer.",
    ),
    "tcga-atac-rna": (
        "**Data.** microRNA instead of 19,421 genes, 401 ATAC patients as components instead of "
        "800 samples with peaks, no ENCODE and no private RNA. Reconstructed peaks can only be "
        "judged where there are peaks.",
        "**Types.** With 23 cancer types, knowing the type alone brings FOSCTTM near 0.04.",
        "**Ridge.** An early try scored 0.117 after giving each component variance 1; left on "
        "their own scale it is a far stronger rival, and that is the one here.",
    ),
    "tcga-brca-atac": (
        "**Peaks.** 72 breast tumours, some 58 of them to train on (the paper: over 600); with the "
        "paper's patience of 2 the window VAE stops at its first epoch.",
    ),
    "tcga-brca-histology": ("**Slides** are of one cancer, so groups are subtypes.",),
}
"""Cohort → what differs from the paper because of it."""


def reading_notes(notes: Sequence[str], cohort: str) -> str:
    """The cohort's own notes, and how its numbers are to be read, as a Markdown list."""
    return bullet_list([*notes, *READING.get(cohort, ())])


def remarks(*cohorts: str) -> str:
    """Remarks on the cohorts of a run as a Markdown list; "" if there are none."""
    return bullet_list([remark for name in cohorts for remark in REMARKS.get(name, ())])
