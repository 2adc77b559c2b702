"""The cohorts of chapter 2: two modalities of the same donors, peaks, slides."""

import anndata

from helpers.cohorts.cohort_spec import FEATURE_READING, CohortSpec

_CLINICAL = ("patient", "cancer_type", "sample_type", "age", "sex", "race", "os_time", "os_event")
_PAIRED = (*_CLINICAL, "has_rna", "has_atac")
_SLIDES = (*_CLINICAL, "slide", "site")
_TCGA = ("tcga-clinical", "tcga-subtypes")


def _demo_multiomics(seed: int) -> anndata.AnnData:
    from helpers.coembedding.simulation import simulate_multiomics

    return simulate_multiomics(seed)


def _demo_histology(seed: int) -> anndata.AnnData:
    from helpers.coembedding.simulation import simulate_histology

    return simulate_histology(seed)


def _tcga_atac_rna(_seed: int) -> anndata.AnnData:
    from helpers.coembedding.atac.components import build_atac_rna, load_atac_components
    from helpers.cohorts.tcga.tcga_cohorts import TCGA_MIRNA

    atac = load_atac_components()
    return build_atac_rna(TCGA_MIRNA.load(), atac)


def _tcga_brca_atac(_seed: int) -> anndata.AnnData:
    """Sample × peak; `write_peaks` puts it on disk."""
    from helpers.coembedding.atac.breast_peaks import load_brca_atac

    return load_brca_atac()


def _tcga_brca_atac_whole(_seed: int) -> anndata.AnnData:
    """Sample × peak of 23 chromosomes; `write_peaks` puts it on disk."""
    from helpers.coembedding.atac.breast_peaks import load_brca_atac

    return load_brca_atac(whole=True)


def _tcga_histology(_seed: int) -> anndata.AnnData:
    """Slide × microRNAs of the twelve cancers with most slides."""
    from helpers.coembedding.histology.slide_listing import load_listed_slides
    from helpers.coembedding.histology.slides import build_histology_cohort
    from helpers.cohorts.tcga.clinical import load_clinical, load_subtypes
    from helpers.cohorts.tcga.tcga_cohorts import TCGA_MIRNA

    mirna = TCGA_MIRNA.load()
    slides = load_listed_slides(mirna.obs)
    return build_histology_cohort(slides, mirna, None, load_clinical(), load_subtypes())


def _tcga_brca_histology(_seed: int) -> anndata.AnnData:
    """Slide × (microRNAs, genes)."""
    from helpers.coembedding.histology.slides import build_histology_cohort, load_slides
    from helpers.cohorts.tcga.clinical import load_clinical, load_subtypes
    from helpers.cohorts.tcga.mrna_z import load_mrna_z
    from helpers.cohorts.tcga.tcga_cohorts import TCGA_MIRNA

    return build_histology_cohort(
        load_slides(),
        TCGA_MIRNA.load(),
        load_mrna_z(("BRCA",))["BRCA"],
        load_clinical(),
        load_subtypes(),
    )


def _paper_multiomics(_seed: int) -> anndata.AnnData:
    """RNA and annotation; the peaks themselves are at `paper_peaks.peaks_store()`."""
    from helpers.coembedding.atac.paper_peaks import load_paper_multiomics

    return load_paper_multiomics()


COHORTS = (
    CohortSpec(
        name="demo-multiomics",
        tier="demo",
        what="simulated RNA and ATAC of 600 donors, 250 with both, peak–gene links known",
        build=_demo_multiomics,
        columns=_PAIRED,
    ),
    CohortSpec(
        name="demo-histology",
        tier="demo",
        what="simulated slides of 200 of those donors, ragged regions of tumour and stroma",
        build=_demo_histology,
        columns=_SLIDES,
    ),
    CohortSpec(
        name="tcga-atac-rna",
        tier="real",
        what="ATAC of 401 TCGA patients (200 components) and microRNA of 10,133, 366 with both",
        build=_tcga_atac_rna,
        groups=("tcga-atac-pcs", "tcga-mirna", *_TCGA),
        enrichment_groups=FEATURE_READING,
        columns=_PAIRED,
    ),
    CohortSpec(
        name="tcga-brca-atac",
        tier="real",
        what="122,690 ATAC peaks of 72 breast tumours, log2 counts per million, hg38",
        build=_tcga_brca_atac,
        groups=("tcga-brca-atac", *_TCGA),
        enrichment_groups=FEATURE_READING,
        columns=_CLINICAL,
    ),
    CohortSpec(
        name="tcga-brca-histology",
        tier="real",
        what="955 H&E slides of 913 breast cancers as HIPT regions, with microRNA and mRNA",
        build=_tcga_brca_histology,
        groups=("tcga-brca-hipt", "tcga-mirna", "tcga-mrna-z", *_TCGA),
        enrichment_groups=FEATURE_READING,
        columns=_SLIDES,
    ),
    CohortSpec(
        name="tcga-brca-atac-whole",
        tier="paper",
        what="the same with chromosomes 1, 2, 3, 6, 8 and 17, from their publisher only",
        build=_tcga_brca_atac_whole,
        groups=("tcga-brca-atac", "tcga-brca-atac-rest", *_TCGA),
        enrichment_groups=FEATURE_READING,
        columns=_CLINICAL,
    ),
    CohortSpec(
        name="tcga-histology",
        tier="paper",
        what="H&E slides of twelve cancers as HIPT regions, with microRNA, from their publisher",
        build=_tcga_histology,
        groups=("tcga-hipt", "tcga-mirna", *_TCGA),
        enrichment_groups=FEATURE_READING,
        columns=_SLIDES,
    ),
    CohortSpec(
        name="paper-multiomics",
        tier="paper",
        what="PanCanAtlas mRNA and 562,709 ATAC peaks of 404 patients (UCSC Xena), on disk",
        build=_paper_multiomics,
        groups=("paper-multiomics", "paper-pancan"),
        enrichment_groups=FEATURE_READING,
        columns=_PAIRED,
    ),
)
