"""What chapter 2 needs of its donors, peaks and slides, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata

from helpers.coembedding.atac.genome import check_peaks
from helpers.coembedding.donors.modalities import load_multiomics, splittable_donors
from helpers.cohorts.registry import load_cohort

NEEDS = ("cohort", "atac_cohort", "peaks_cohort", "histology_cohort", "seed")
"""Parameters that decide whether the chapter can use a cohort."""
_FEWEST_DONORS = 10  # with both modalities; a part is held out


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohorts `given`.

    Raises:
        ValueError: modalities that do not go together or share too few donors, a cohort of peaks
            without their places, or one of slides without slides.
    """
    donors = load_multiomics(given["cohort"], given["atac_cohort"], given["seed"])
    n_paired = len(splittable_donors(donors))
    if n_paired < _FEWEST_DONORS:
        raise ValueError(
            f"chapter 2 needs {_FEWEST_DONORS} donors or more with both RNA and ATAC, two or more "
            f"of a cancer type; there are {n_paired}. Add donors, or give both modalities the same "
            'names in obs["patient"]'
        )
    if given["peaks_cohort"]:
        _check_places(load_cohort(given["peaks_cohort"], given["seed"]), given["peaks_cohort"])
    if given["histology_cohort"]:
        _check_slides(load_cohort(given["histology_cohort"], given["seed"]))


def _check_places(peaks: anndata.AnnData, name: str) -> None:
    lacking = [column for column in ("chrom", "start", "end") if column not in peaks.var]
    if lacking:
        raise ValueError(
            f'peaks_cohort must have var["{lacking[0]}"], a peak\'s place on hg38; {name} has not. '
            "Leave peaks_cohort out to take the peaks of `cohort`"
        )
    check_peaks(peaks.var)


def _check_slides(slides: anndata.AnnData) -> None:
    lacking = [key for key in ("regions", "region_slide") if key not in slides.uns]
    if lacking or "site" not in slides.obs:
        raise ValueError(
            f"histology_cohort must be a cohort of slides, with "
            f'{"uns" if lacking else "obs"}["{lacking[0] if lacking else "site"}"]; '
            f"{slides.uns.get('name')} has not. Give demo-histology or tcga-brca-histology"
        )
