"""The cohorts of chapter 3; `tcga-brca`, `tcga-subtyping` are shared: `cohorts.tcga`."""

import anndata

from helpers.cohorts.cohort_spec import CLINICAL, FEATURE_READING, CohortSpec

_COLUMNS = (*CLINICAL, "subtype")


def _demo_subtypes(seed: int) -> anndata.AnnData:
    from helpers.vqvae_subtyping.simulation import simulate_subtypes

    return simulate_subtypes(seed)


def _paper_subtyping(_seed: int) -> anndata.AnnData:
    from helpers.vqvae_subtyping.paper_cohort import load_paper_subtyping

    return load_paper_subtyping()


COHORTS = (
    CohortSpec(
        name="demo-subtypes",
        tier="demo",
        what="simulated patients of five subtypes, survival and repression known; no download",
        build=_demo_subtypes,
        columns=_COLUMNS,
    ),
    CohortSpec(
        name="paper-subtyping",
        tier="paper",
        what="PanCanAtlas mRNA and mature microRNAs of ten cancers (UCSC Xena), all genes",
        build=_paper_subtyping,
        groups=("paper-pancan", "tcga-subtypes"),
        enrichment_groups=FEATURE_READING,
        columns=_COLUMNS,
    ),
)
