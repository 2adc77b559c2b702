"""What chapter 2 needs of its donors, peaks and slides, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata
import numpy as np

from helpers.coembedding.atac.peak_store import load_peaks
from helpers.coembedding.donors.modalities import load_multiomics, modality, splittable_donors
from helpers.cohorts.registry import load_cohort

NEEDS = ("cohort", "atac_cohort", "peaks_cohort", "histology_cohort", "seed")
NEEDS += ("n_latent", "min_mean", "test_fraction")
"""Parameters that decide whether the chapter can use a cohort."""
USES = {
    "survival": ("os_time", "os_event"),
    "taking out age, sex and race": ("age", "sex", "race"),
    "correction of sequencing batches": ("batch",),
}
_FEWEST_HELD_OUT = 5  # donors of each of two types or more; classifiers are tested in five folds


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohorts `given`.

    Raises:
        ValueError: modalities that do not go together or share too few donors, no RNA above
            `min_mean`, more latent dimensions than the data have, a cohort of peaks without their
            places, or one of slides without slides.
    """
    donors = load_multiomics(given["cohort"], given["atac_cohort"], given["seed"])
    n_test = _check_held_out(donors, given["test_fraction"])
    _check_width(donors, given["n_latent"], given["min_mean"], n_test)
    if given["peaks_cohort"]:
        load_peaks(given["peaks_cohort"], donors, given["seed"])
    if given["histology_cohort"]:
        _check_slides(load_cohort(given["histology_cohort"], given["seed"]))


def _check_held_out(donors: anndata.AnnData, test_fraction: float) -> int:
    """How many donors with both modalities will be held out, if they are enough."""
    n = splittable_donors(donors).groupby("cancer_type", observed=True)["patient"].nunique()
    n_test = np.clip((test_fraction * n).round(), 1, n - 1).astype(int)
    if (n_test >= _FEWEST_HELD_OUT).sum() < 2:
        most = n_test.sort_values(ascending=False).head(3).to_dict()
        raise ValueError(
            f"chapter 2 needs {_FEWEST_HELD_OUT} held-out donors with both RNA and ATAC of two "
            f"cancer types or more; test_fraction = {test_fraction:g} gives {most}. Raise it, add "
            'donors, or give both modalities the same names in obs["patient"]'
        )
    return int(n_test.sum())


def _check_width(donors: anndata.AnnData, n_latent: int, min_mean: float, n_test: int) -> None:
    """PCA is given as many dimensions as every other embedding, and must have them."""
    (rna, _), (atac, _) = (modality(donors, name) for name in ("rna", "atac"))
    means = rna.mean(axis=0)
    n_genes = int((means > min_mean).sum())
    if not n_genes:
        raise ValueError(
            f"`min_mean` must leave a feature of RNA: got {min_mean}, and the highest mean is "
            f"{np.max(means):.2g}. Lower it"
        )
    n_training = min(len(rna), len(atac)) - n_test
    # A dimension goes with the mean.
    most = max(1, min(n_genes, atac.shape[1], n_training) - 2)
    if n_latent > most:
        raise ValueError(
            f"`n_latent` must be at most {most} for {n_genes} features of RNA, {atac.shape[1]} of "
            f"ATAC and {n_training} donors to train on: got {n_latent}. Lower it"
        )


def _check_slides(slides: anndata.AnnData) -> None:
    lacking = [key for key in ("regions", "region_slide") if key not in slides.uns]
    if lacking or "site" not in slides.obs:
        raise ValueError(
            f"histology_cohort must be a cohort of slides, with "
            f'{"uns" if lacking else "obs"}["{lacking[0] if lacking else "site"}"]; '
            f"{slides.uns.get('name')} has not. Give demo-histology or tcga-brca-histology"
        )
