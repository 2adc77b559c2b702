"""The cohorts of chapter 4: tumours beside cell lines."""

import anndata

from helpers.cohorts.cohort_spec import CohortSpec
from helpers.cohorts.tcga.tcga_cohorts import MRNA_GROUPS, SUBTYPE_GROUPS

_COLUMNS = ("patient", "cancer_type", "sample_type", "purity")


def _demo_rnalign(seed: int) -> anndata.AnnData:
    from helpers.rnalign.simulation import simulate_rnalign

    return simulate_rnalign(seed)


def _ccle_tcga(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.tcga_cohorts import TCGA_MRNA
    from helpers.rnalign.ccle import build_ccle_tcga, load_cell_lines
    from helpers.rnalign.purity_estimates import load_purity

    return build_ccle_tcga(load_cell_lines(), TCGA_MRNA.load(), load_purity())


def _ccle_brca(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.tcga_cohorts import TCGA_BRCA
    from helpers.rnalign.ccle import load_cell_lines
    from helpers.rnalign.ccle_brca import build_ccle_brca
    from helpers.rnalign.purity_estimates import load_purity

    return build_ccle_brca(load_cell_lines(), TCGA_BRCA.load(), load_purity())


def _paper_rnalign(_seed: int) -> anndata.AnnData:
    from helpers.rnalign.treehouse import load_paper_rnalign

    return load_paper_rnalign()


COHORTS = (
    CohortSpec(
        name="demo-rnalign",
        tier="demo",
        what="simulated tumours and cell lines, purity and culture known; needs no download",
        build=_demo_rnalign,
        columns=(*_COLUMNS, "subtype"),
    ),
    CohortSpec(
        name="ccle-tcga",
        tier="real",
        what="DepMap 23Q2 cell lines and TCGA tumours of 8 lineages × 530 genes, log2 scale",
        build=_ccle_tcga,
        groups=("ccle", "tcga-purity", *MRNA_GROUPS),
        enrichment_groups=("gdsc",),
        columns=_COLUMNS,
    ),
    CohortSpec(
        name="ccle-brca",
        tier="real",
        what="940 breast cancers of TCGA and DepMap's 62 breast lines, subtypes of both",
        build=_ccle_brca,
        groups=("ccle", "tcga-purity", *SUBTYPE_GROUPS),
        columns=(*_COLUMNS, "subtype"),
    ),
    CohortSpec(
        name="paper-rnalign",
        tier="paper",
        what="Treehouse v10 tumours (12,236) and DepMap 19Q4 lines (1,249); the paper's input",
        build=_paper_rnalign,
        groups=("paper-rnalign", "celligner", "tcga-purity", "gene-annotation"),
        enrichment_groups=("gdsc",),
        columns=_COLUMNS,
    ),
)
