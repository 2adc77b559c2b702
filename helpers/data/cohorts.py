"""Cohorts by name: every chapter's `cohort` parameter comes through here.

A cohort is an AnnData: `X` float32 sample × feature; `obs` with patient, cancer_type, sample_type
and what else is known; `uns` with name, unit, feature ("gene" | "microRNA"), default_types and
notes. Three tiers: `demo` is simulated in memory with its truth known, `real` downloads in a
minute, `paper` is the papers' full-size input. Any other name is the path of your own `.h5ad`.
"""

import difflib
from pathlib import Path

import anndata
import pooch

from helpers.data.h5ad import check_h5ad, h5ad_has_micrornas, load_h5ad
from helpers.data.multiomics_cohorts import MULTIOMICS
from helpers.data.registry import COHORTS as SINGLE
from helpers.data.registry import GENE_READING, MICRORNA_READING, CohortSpec, sums_of

__all__ = ["COHORTS", "CohortSpec", "check_cohort", "cohort_inputs", "load_cohort"]

COHORTS: dict[str, CohortSpec] = SINGLE | {spec.name: spec for spec in MULTIOMICS}


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
        return sums_of((*spec.groups, *spec.enrichment_groups))
    reading = MICRORNA_READING if h5ad_has_micrornas(name) else GENE_READING
    return {Path(name).name: pooch.file_hash(name)} | sums_of(reading)


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
