"""Cohorts by name: every chapter's `cohort` parameter comes through here.

A cohort is an AnnData: `X` float32 sample × feature; `obs` with patient, cancer_type, sample_type
and what else is known; `uns` with name, unit, feature ("gene" | "microRNA"), default_types and
notes. Three tiers: `demo` is simulated in memory with its truth known, `real` downloads in a
minute, `paper` is the papers' full-size input. Any other name is the path of your own `.h5ad`.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata
import pooch

from helpers.data.cohort_cache import cached_cohort
from helpers.data.h5ad import check_h5ad, h5ad_feature, load_h5ad
from helpers.data.sources import registered_sums

_GENE_READING = ("gene-sets",)
_MICRORNA_READING = ("gene-sets", "mirna-targets", "gene-annotation")
_TCGA_MRNA = ("tcga-mrna-counts", "gene-annotation", "tcga-clinical", "tcga-subtypes")
_ALIGNMENT = ("patient", "cancer_type", "sample_type", "purity")
_CLINICAL = ("patient", "cancer_type", "sample_type", "age", "sex", "os_time", "os_event")


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
        return ccle.build_ccle_tcga(
            ccle.load_cell_lines(), load_cohort("tcga-mrna"), purity.load_purity()
        )

    code = (ccle, purity, tcga_mrna, annotation, clinical, r_data, barcodes)
    return cached_cohort("ccle-tcga", build, _made_of("ccle-tcga"), code)


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
            enrichment_groups=_MICRORNA_READING,
        ),
        CohortSpec(
            name="tcga-mrna",
            tier="real",
            what="mRNA-seq of 8 TCGA cancers, 558 samples × 19,215 genes, log2(CPM+1)",
            chapters=("01_pancan_vae",),
            load=_tcga_mrna,
            groups=_TCGA_MRNA,
            enrichment_groups=_GENE_READING,
        ),
        CohortSpec(
            name="demo-rnalign",
            tier="demo",
            what="simulated tumours and cell lines, purity and culture known; needs no download",
            chapters=("04_rnalign",),
            load=_demo_rnalign,
            columns=_ALIGNMENT,
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
            name="paper-pancan",
            tier="paper",
            what="PanCanAtlas mRNA of 33 cancers (UCSC Xena), 11,000 samples; the paper's input",
            chapters=("01_pancan_vae",),
            load=_paper_pancan,
            groups=("paper-pancan",),
            enrichment_groups=_GENE_READING,
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


def load_cohort(name: str, seed: int = 0) -> anndata.AnnData:
    """A registered cohort, or the cohort in a `.h5ad` file. `seed` matters to demo cohorts only.

    Raises:
        ValueError: no such cohort, or a file that lacks something (see `helpers.data.h5ad`).
        DataUnavailable, CorruptDownload: its files cannot be had.
    """
    if _is_file_name(name):
        return load_h5ad(name)
    return _spec(name).load(seed)


def check_cohort(name: str, needs: tuple[str, ...] = ("patient", "cancer_type")) -> None:
    """Return if `name` is a registered cohort or a `.h5ad` file with the columns `needs`; quick.

    With "purity" among them, a file must also be fit to align tumours with cell lines.

    Raises:
        ValueError: unknown cohort, with the list; one that lacks a column, with those that have
            it; or what the file lacks and how to add it.
    """
    if _is_file_name(name):
        check_h5ad(name, needs)
        return
    lacking = [column for column in needs if column not in _spec(name).columns]
    if lacking:
        fit = [spec.name for spec in COHORTS.values() if set(needs) <= set(spec.columns)]
        raise ValueError(
            f'cohort {name} has no obs["{lacking[0]}"], which this notebook needs. Choose '
            f"{', '.join([*fit, 'or the path of an .h5ad file'])}"
        )


def cohort_inputs(name: str) -> dict[str, str]:
    """sha256 of every file that the cohort and the reading of its features rest on; {} for demo.

    Raises:
        ValueError: unknown cohort, or no such file.
    """
    if not _is_file_name(name):
        spec = _spec(name)
        return _sums((*spec.groups, *spec.enrichment_groups))
    reading = _MICRORNA_READING if h5ad_feature(name) == "microRNA" else _GENE_READING
    return {Path(name).name: pooch.file_hash(name)} | _sums(reading)


def _spec(name: str) -> CohortSpec:
    if name not in COHORTS:
        nearest = difflib.get_close_matches(name, COHORTS, n=1)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise ValueError(
            f"cohort must be one of {', '.join(COHORTS)}, or the path of an .h5ad file; "
            f"got {name!r}.{hint}"
        )
    return COHORTS[name]


def _is_file_name(name: str) -> bool:
    return str(name).endswith(".h5ad")


def _made_of(name: str) -> dict[str, str]:
    return _sums(COHORTS[name].groups)


def _sums(groups: tuple[str, ...]) -> dict[str, str]:
    return {file: digest for group in groups for file, digest in registered_sums(group).items()}
