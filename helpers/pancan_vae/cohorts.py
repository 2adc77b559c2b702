"""The cohorts of chapter 1; `tcga-mirna` and `tcga-mrna` are shared and stand in `cohorts.tcga`."""

import anndata

from helpers.cohorts.cohort_spec import FEATURE_READING, CohortSpec


def _demo_pancan(seed: int) -> anndata.AnnData:
    from helpers.pancan_vae.simulation import simulate_pancan

    return simulate_pancan(seed)


def _paper_pancan(_seed: int) -> anndata.AnnData:
    from helpers.cohorts.tcga.pancanatlas import load_paper_pancan

    return load_paper_pancan()


COHORTS = (
    CohortSpec(
        name="demo-pancan",
        tier="demo",
        what="simulated tumours whose programs and gene sets are known; needs no download",
        build=_demo_pancan,
    ),
    CohortSpec(
        name="paper-pancan",
        tier="paper",
        what="PanCanAtlas mRNA of 33 cancers (UCSC Xena), 11,000 samples; the paper's input",
        build=_paper_pancan,
        groups=("paper-pancan",),
        enrichment_groups=FEATURE_READING,
    ),
)
