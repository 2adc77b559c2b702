"""The registered cohorts: what each is, the files it rests on and how it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import anndata

from helpers.data.cohort_cache import cached_cohort
from helpers.data.sources import registered_sums

GENE_READING = ("gene-sets",)
MICRORNA_READING = ("gene-sets", "mirna-targets", "gene-annotation")
_TCGA_MRNA = ("tcga-mrna-counts", "gene-annotation", "tcga-clinical", "tcga-subtypes")
_ALIGNMENT = ("patient", "cancer_type", "sample_type", "purity")
_CLINICAL = ("patient", "cancer_type", "sample_type", "age", "sex", "os_time", "os_event")
_TCGA_SUBTYPING = ("tcga-mrna-z", "tcga-mirna", "tcga-clinical", "tcga-subtypes")
_SUBTYPING = (*_CLINICAL, "subtype")


@dataclass(frozen=True)
class CohortSpec:
    """A registered cohort: what it is, how it is loaded and which source groups it reads."""

    name: str
    tier: str  # "demo" | "real" | "paper"
    what: str
    chapters: tuple[str, ...]
    load: Callable[[int], anndata.AnnData]  # of a seed, which only demo cohorts use
    groups: tuple[str, ...] = ()  # source groups the cohort is made of
    enrichment_groups: tuple[str, ...] = ()  # source groups its genes or samples are read with
    columns: tuple[str, ...] = _CLINICAL  # of obs, that a chapter may ask for


def _demo_pancan(seed: int) -> anndata.AnnData:
    from helpers.data.simulate import simulate_pancan

    return simulate_pancan(seed)


def _tcga_mirna(_seed: int) -> anndata.AnnData:
    from helpers.data import barcodes, clinical, r_data, tcga_mirna

    code = (tcga_mirna, clinical, r_data, barcodes)
    return cached_cohort("tcga-mirna", tcga_mirna.load_tcga_mirna, _made_of("tcga-mirna"), code)


def _tcga_mrna(_seed: int) -> anndata.AnnData:
    from helpers.data import annotation, barcodes, clinical, r_data, tcga_mrna

    code = (tcga_mrna, annotation, clinical, r_data, barcodes)
    return cached_cohort("tcga-mrna", tcga_mrna.load_tcga_mrna, _made_of("tcga-mrna"), code)


def _demo_rnalign(seed: int) -> anndata.AnnData:
    from helpers.data.simulate_rnalign import simulate_rnalign

    return simulate_rnalign(seed)


def _ccle_tcga(_seed: int) -> anndata.AnnData:
    from helpers.data import annotation, barcodes, ccle, clinical, purity, r_data, tcga_mrna

    def build() -> anndata.AnnData:
        return ccle.build_ccle_tcga(ccle.load_cell_lines(), _tcga_mrna(0), purity.load_purity())

    code = (ccle, purity, tcga_mrna, annotation, clinical, r_data, barcodes)
    return cached_cohort("ccle-tcga", build, _made_of("ccle-tcga"), code)


def _ccle_brca(_seed: int) -> anndata.AnnData:
    from helpers.data import ccle, ccle_brca, purity, skewness

    def build() -> anndata.AnnData:
        return ccle_brca.build_ccle_brca(
            ccle.load_cell_lines(), _tcga_brca(0), purity.load_purity()
        )

    code = (ccle_brca, ccle, purity, skewness, *_subtyping_code())
    return cached_cohort("ccle-brca", build, _made_of("ccle-brca"), code)


def _paper_pancan(_seed: int) -> anndata.AnnData:
    from helpers.data import barcodes, clinical, xena
    from helpers.data.sources import fetch_group

    fetch_group("paper-pancan", progress=True)  # the first download records the files' sums
    code = (xena, clinical, barcodes)
    return cached_cohort("paper-pancan", xena.load_paper_pancan, _made_of("paper-pancan"), code)


def _paper_rnalign(_seed: int) -> anndata.AnnData:
    from helpers.data import annotation, barcodes, purity, treehouse
    from helpers.data.sources import fetch_group

    fetch_group("paper-rnalign", progress=True)  # the first download records the files' sums
    code = (treehouse, purity, annotation, barcodes)
    return cached_cohort(
        "paper-rnalign", treehouse.load_paper_rnalign, _made_of("paper-rnalign"), code
    )


def _demo_subtypes(seed: int) -> anndata.AnnData:
    from helpers.data.simulate_subtypes import simulate_subtypes

    return simulate_subtypes(seed)


def _tcga_brca(_seed: int) -> anndata.AnnData:
    from helpers.data import subtyping

    return _subtyping("tcga-brca", subtyping.load_tcga_brca)


def _tcga_subtyping(_seed: int) -> anndata.AnnData:
    from helpers.data import subtyping

    return _subtyping("tcga-subtyping", subtyping.load_tcga_subtyping)


def _subtyping(name: str, build: Callable[[], anndata.AnnData]) -> anndata.AnnData:
    return cached_cohort(name, build, _made_of(name), _subtyping_code())


def _subtyping_code() -> tuple[ModuleType, ...]:
    """The modules that make the cohorts of chapter 3."""
    from helpers.data import barcodes, clinical, r_data, subtyping, tcga_mirna, tcga_mrna_z

    return subtyping, tcga_mrna_z, tcga_mirna, clinical, r_data, barcodes


def _paper_subtyping(_seed: int) -> anndata.AnnData:
    from helpers.data import barcodes, clinical, paper_subtyping, r_data, selection, subtyping, xena
    from helpers.data.sources import fetch_group

    fetch_group("paper-pancan", progress=True)  # the first download records the files' sums
    code = (paper_subtyping, subtyping, xena, selection, clinical, r_data, barcodes)
    return cached_cohort(
        "paper-subtyping", paper_subtyping.load_paper_subtyping, _made_of("paper-subtyping"), code
    )


COHORTS: dict[str, CohortSpec] = {
    spec.name: spec
    for spec in (
        CohortSpec(
            name="demo-pancan",
            tier="demo",
            what="simulated tumours whose programs and gene sets are known; needs no download",
            chapters=("01_pancan_vae",),
            load=_demo_pancan,
        ),
        CohortSpec(
            name="tcga-mirna",
            tier="real",
            what="microRNA-seq of 33 TCGA cohorts, 10,893 aliquots × 680 stem-loops, log2(RPM+1)",
            chapters=("01_pancan_vae",),
            load=_tcga_mirna,
            groups=("tcga-mirna", "tcga-clinical", "tcga-subtypes"),
            enrichment_groups=MICRORNA_READING,
        ),
        CohortSpec(
            name="tcga-mrna",
            tier="real",
            what="mRNA-seq of 8 TCGA cancers, 558 samples × 19,215 genes, log2(CPM+1)",
            chapters=("01_pancan_vae",),
            load=_tcga_mrna,
            groups=_TCGA_MRNA,
            enrichment_groups=GENE_READING,
        ),
        CohortSpec(
            name="demo-rnalign",
            tier="demo",
            what="simulated tumours and cell lines, purity and culture known; needs no download",
            chapters=("04_rnalign",),
            load=_demo_rnalign,
            columns=(*_ALIGNMENT, "subtype"),
        ),
        CohortSpec(
            name="ccle-tcga",
            tier="real",
            what="DepMap 23Q2 cell lines and TCGA tumours of 8 lineages × 530 genes, log2 scale",
            chapters=("04_rnalign",),
            load=_ccle_tcga,
            groups=("ccle", "tcga-purity", *_TCGA_MRNA),
            enrichment_groups=("gdsc",),
            columns=_ALIGNMENT,
        ),
        CohortSpec(
            name="ccle-brca",
            tier="real",
            what="940 breast cancers of TCGA and DepMap's 62 breast lines, subtypes of both",
            chapters=("04_rnalign",),
            load=_ccle_brca,
            groups=("ccle", "tcga-purity", *_TCGA_SUBTYPING),
            columns=(*_ALIGNMENT, "subtype"),
        ),
        CohortSpec(
            name="demo-subtypes",
            tier="demo",
            what="simulated patients of five subtypes, survival and repression known; no download",
            chapters=("03_vqvae_subtyping",),
            load=_demo_subtypes,
            columns=_SUBTYPING,
        ),
        CohortSpec(
            name="tcga-brca",
            tier="real",
            what="mRNA z-scores and microRNAs of 940 breast cancers, PAM50 of 929, survival",
            chapters=("03_vqvae_subtyping",),
            load=_tcga_brca,
            groups=_TCGA_SUBTYPING,
            enrichment_groups=(*MICRORNA_READING, "pam50"),
            columns=_SUBTYPING,
        ),
        CohortSpec(
            name="tcga-subtyping",
            tier="real",
            what="the same of ten cancers, 4,247 patients (OV, PRAD microRNAs only, GBM mRNA only)",
            chapters=("03_vqvae_subtyping",),
            load=_tcga_subtyping,
            groups=_TCGA_SUBTYPING,
            enrichment_groups=(*MICRORNA_READING, "pam50"),
            columns=_SUBTYPING,
        ),
        CohortSpec(
            name="paper-pancan",
            tier="paper",
            what="PanCanAtlas mRNA of 33 cancers (UCSC Xena), 11,000 samples; the paper's input",
            chapters=("01_pancan_vae",),
            load=_paper_pancan,
            groups=("paper-pancan",),
            enrichment_groups=GENE_READING,
        ),
        CohortSpec(
            name="paper-subtyping",
            tier="paper",
            what="PanCanAtlas mRNA and mature microRNAs of ten cancers (UCSC Xena), all genes",
            chapters=("03_vqvae_subtyping",),
            load=_paper_subtyping,
            groups=("paper-pancan", "tcga-subtypes"),
            enrichment_groups=(*MICRORNA_READING, "pam50"),
            columns=_SUBTYPING,
        ),
        CohortSpec(
            name="paper-rnalign",
            tier="paper",
            what="Treehouse v10 tumours (12,236) and DepMap 19Q4 lines (1,249); the paper's input",
            chapters=("04_rnalign",),
            load=_paper_rnalign,
            groups=("paper-rnalign", "celligner", "tcga-purity", "gene-annotation"),
            enrichment_groups=("gdsc",),
            columns=_ALIGNMENT,
        ),
    )
}


def sums_of(groups: tuple[str, ...]) -> dict[str, str]:
    """sha256 of every file of some source groups, by its place in a mirror."""
    return {file: digest for group in groups for file, digest in registered_sums(group).items()}


def _made_of(name: str) -> dict[str, str]:
    return sums_of(COHORTS[name].groups)
