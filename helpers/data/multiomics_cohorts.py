"""The registered cohorts of chapter 2: how each is loaded and which files it rests on."""

from collections.abc import Callable, Iterable
from types import ModuleType

import anndata

from helpers.data.cohort_cache import cached_cohort
from helpers.data.registry import (
    COHORTS,
    GENE_READING,
    MICRORNA_READING,
    CohortSpec,
    sums_of,
)

_CHAPTER = ("02_coembedding",)
_CLINICAL = ("patient", "cancer_type", "sample_type", "age", "sex", "race", "os_time", "os_event")
_PAIRED = (*_CLINICAL, "has_rna", "has_atac")
_SLIDES = (*_CLINICAL, "slide", "site")
_TCGA = ("tcga-clinical", "tcga-subtypes")
GROUPS = {
    "tcga-atac-rna": ("tcga-atac-pcs", "tcga-mirna", *_TCGA),
    "tcga-brca-atac": ("tcga-brca-atac", *_TCGA),
    "tcga-brca-histology": ("tcga-brca-hipt", "tcga-mirna", "tcga-mrna-z", *_TCGA),
    "paper-multiomics": ("paper-multiomics", "paper-pancan"),
}


def demo_multiomics(seed: int) -> anndata.AnnData:
    """Cohort `demo-multiomics`."""
    from helpers.data.simulate_multiomics import simulate_multiomics

    return simulate_multiomics(seed)


def demo_histology(seed: int) -> anndata.AnnData:
    """Cohort `demo-histology`."""
    from helpers.data.simulate_multiomics import simulate_histology

    return simulate_histology(seed)


def tcga_atac_rna(_seed: int) -> anndata.AnnData:
    """Cohort `tcga-atac-rna`; the first time half a minute, then a second."""
    from helpers.data import atac_components, multiomics, tcga_mirna

    def build() -> anndata.AnnData:
        atac = atac_components.load_atac_components()
        return atac_components.build_atac_rna(COHORTS["tcga-mirna"].load(0), atac)

    return _cached("tcga-atac-rna", build, (atac_components, multiomics, tcga_mirna))


def tcga_brca_atac(_seed: int) -> anndata.AnnData:
    """Cohort `tcga-brca-atac`: sample × peak; `write_peaks` puts it on disk."""
    from helpers.data import atac_peaks, genome

    return _cached("tcga-brca-atac", atac_peaks.load_brca_atac, (atac_peaks, genome))


def tcga_brca_histology(_seed: int) -> anndata.AnnData:
    """Cohort `tcga-brca-histology`: slide × (microRNAs, genes)."""
    from helpers.data import atac_components, clinical, histology, tcga_mirna, tcga_mrna_z

    def build() -> anndata.AnnData:
        return histology.build_histology_cohort(
            histology.load_slides(),
            COHORTS["tcga-mirna"].load(0),
            tcga_mrna_z.load_mrna_z(("BRCA",))["BRCA"],
            clinical.load_clinical(),
            clinical.load_subtypes(),
        )

    code = (histology, atac_components, tcga_mirna, tcga_mrna_z)
    return _cached("tcga-brca-histology", build, code)


def paper_multiomics(_seed: int) -> anndata.AnnData:
    """Cohort `paper-multiomics`; its peaks are at `xena_peaks.peaks_store()`."""
    from helpers.data import atac_components, genome, multiomics, peak_windows, xena, xena_peaks
    from helpers.data.sources import fetch_group

    for group in GROUPS["paper-multiomics"]:
        fetch_group(group, progress=True)  # the first download records the files' sums
    code = (xena_peaks, xena, peak_windows, atac_components, multiomics, genome)
    return _cached("paper-multiomics", xena_peaks.load_paper_multiomics, code)


def _cached(
    name: str, build: Callable[[], anndata.AnnData], code: Iterable[ModuleType]
) -> anndata.AnnData:
    from helpers.data import barcodes, clinical, r_data

    return cached_cohort(name, build, sums_of(GROUPS[name]), (*code, clinical, r_data, barcodes))


MULTIOMICS: tuple[CohortSpec, ...] = (
    CohortSpec(
        name="demo-multiomics",
        tier="demo",
        what="simulated RNA and ATAC of 600 donors, 250 with both, peak–gene links known",
        chapters=_CHAPTER,
        load=demo_multiomics,
        columns=_PAIRED,
    ),
    CohortSpec(
        name="demo-histology",
        tier="demo",
        what="simulated slides of 200 of those donors, ragged regions of tumour and stroma",
        chapters=_CHAPTER,
        load=demo_histology,
        columns=_SLIDES,
    ),
    CohortSpec(
        name="tcga-atac-rna",
        tier="real",
        what="ATAC of 401 TCGA patients (200 components) and microRNA of 10,133, 366 with both",
        chapters=_CHAPTER,
        load=tcga_atac_rna,
        groups=GROUPS["tcga-atac-rna"],
        enrichment_groups=MICRORNA_READING,
        columns=_PAIRED,
    ),
    CohortSpec(
        name="tcga-brca-atac",
        tier="real",
        what="122,690 ATAC peaks of 72 breast tumours, log2 counts per million, hg38",
        chapters=_CHAPTER,
        load=tcga_brca_atac,
        groups=GROUPS["tcga-brca-atac"],
        enrichment_groups=(*GENE_READING, "gene-annotation"),
        columns=_CLINICAL,
    ),
    CohortSpec(
        name="tcga-brca-histology",
        tier="real",
        what="955 H&E slides of 913 breast cancers as HIPT regions, with microRNA and mRNA",
        chapters=_CHAPTER,
        load=tcga_brca_histology,
        groups=GROUPS["tcga-brca-histology"],
        enrichment_groups=MICRORNA_READING,
        columns=_SLIDES,
    ),
    CohortSpec(
        name="paper-multiomics",
        tier="paper",
        what="PanCanAtlas mRNA and 562,709 ATAC peaks of 404 patients (UCSC Xena), on disk",
        chapters=_CHAPTER,
        load=paper_multiomics,
        groups=GROUPS["paper-multiomics"],
        enrichment_groups=(*GENE_READING, "gene-annotation"),
        columns=_PAIRED,
    ),
)
