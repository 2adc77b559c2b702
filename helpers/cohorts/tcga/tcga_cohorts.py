"""The TCGA cohorts that more than one paper builds on."""

import anndata

from helpers.cohorts.cohort_spec import CLINICAL, FEATURE_READING, CohortSpec

MRNA_GROUPS = ("tcga-mrna-counts", "gene-annotation", "tcga-clinical", "tcga-subtypes")
"""Source groups of `tcga-mrna`."""
SUBTYPE_GROUPS = ("tcga-mrna-z", "tcga-mirna", "tcga-clinical", "tcga-subtypes")
"""Source groups of `tcga-brca` and `tcga-subtyping`."""


def _tcga_mirna(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.mirna import load_tcga_mirna

    return load_tcga_mirna()


def _tcga_mrna(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.mrna import load_tcga_mrna

    return load_tcga_mrna()


def _tcga_brca(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.subtype_cohorts import load_tcga_brca

    return load_tcga_brca()


def _tcga_subtyping(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.subtype_cohorts import load_tcga_subtyping

    return load_tcga_subtyping()


TCGA_MIRNA = CohortSpec(
    name="tcga-mirna",
    tier="real",
    what="microRNA-seq of 33 TCGA cohorts, 10,893 aliquots × 680 stem-loops, log2(RPM+1)",
    build=_tcga_mirna,
    groups=("tcga-mirna", "tcga-clinical", "tcga-subtypes"),
    enrichment_groups=FEATURE_READING,
)
TCGA_MRNA = CohortSpec(
    name="tcga-mrna",
    tier="real",
    what="mRNA-seq of 8 TCGA cancers, 558 samples × 19,215 genes, log2(CPM+1)",
    build=_tcga_mrna,
    groups=MRNA_GROUPS,
    enrichment_groups=FEATURE_READING,
)
TCGA_BRCA = CohortSpec(
    name="tcga-brca",
    tier="real",
    what="mRNA z-scores and microRNAs of 940 breast cancers, PAM50 of 929, survival",
    build=_tcga_brca,
    groups=SUBTYPE_GROUPS,
    enrichment_groups=FEATURE_READING,
    columns=(*CLINICAL, "subtype"),
)
TCGA_SUBTYPING = CohortSpec(
    name="tcga-subtyping",
    tier="real",
    what="the same of ten cancers, 4,247 patients (OV, PRAD microRNAs only, GBM mRNA only)",
    build=_tcga_subtyping,
    groups=SUBTYPE_GROUPS,
    enrichment_groups=FEATURE_READING,
    columns=(*CLINICAL, "subtype"),
)

COHORTS = (TCGA_MIRNA, TCGA_MRNA, TCGA_BRCA, TCGA_SUBTYPING)
