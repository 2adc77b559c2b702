"""What chapter 1 needs of its tumours, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata

from helpers.cohorts.feature_sets import other_species
from helpers.cohorts.on_disk.feature_summary import summarise_features
from helpers.cohorts.on_disk.row_blocks import is_on_disk
from helpers.cohorts.registry import load_cohort
from helpers.cohorts.sample_selection import select_tumours
from helpers.pancan_vae.sealed_folds import sealed_folds

NEEDS = ("cohort", "seed", "cancer_types", "min_patients", "min_mean", "test_fraction", "n_seeds")
NEEDS += ("n_latent", "quick")
"""Parameters that decide whether the chapter can use a cohort."""
USES = {
    "survival": ("os_time", "os_event"),
    "age and sex beside the latents": ("age", "sex"),
    "correction of sequencing batches": ("batch",),
}
MIN_TUMOURS = 100
MOST_QUICK = 640  # tumours of a quick run


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohort with the parameters `given`.

    Raises:
        ValueError: unknown or too few cancer types or tumours, fewer patients of a type than folds,
            or no feature that passes `min_mean`.
    """
    cohort = load_cohort(given["cohort"], given["seed"])
    chosen = (given["cancer_types"], given["min_patients"])
    people = choose_tumours(anndata.AnnData(obs=cohort.obs, uns=dict(cohort.uns)), *chosen)
    if given["n_seeds"] > 1:
        n_tumours = min(people.n_obs, MOST_QUICK) if given["quick"] else people.n_obs
        _check_width(given["n_latent"], n_tumours)
    folds = sealed_folds(people, given["test_fraction"], given["n_seeds"])
    if not is_on_disk(cohort.X):  # there a pass takes minutes, and the run has its own
        _check_filter(cohort[cohort.obs_names.isin(folds[0][0].obs_names)], given["min_mean"])


def choose_tumours(
    cohort: anndata.AnnData, cancer_types: str, min_patients: int
) -> anndata.AnnData:
    """Tumours as `select_tumours` takes them, if there are as many as the chapter needs.

    Features that the enrichment will leave out are in uns["notes"].

    Raises:
        ValueError: there are fewer, or as `select_tumours`.
    """
    tumours = select_tumours(cohort, cancer_types, min_patients)
    if tumours.n_obs < MIN_TUMOURS:
        types = ", ".join(sorted(map(str, tumours.obs["cancer_type"].unique())))
        raise ValueError(
            f"chapter 1 needs {MIN_TUMOURS} tumours or more, one a patient; of {types} there are "
            f"{tumours.n_obs}. Give cancer_types 'all', lower min_patients, or add tumours"
        )
    tumours.uns["notes"] += [note] if (note := other_species(tumours)) else []
    return tumours


def _check_width(n_latent: int, n_tumours: int) -> None:
    most = (n_tumours - 2) // 2
    if n_latent > most:
        raise ValueError(
            f"`n_latent` must be at most {most} for {n_tumours} tumours, since the latent spaces "
            f"of two seeds are compared on them: got {n_latent}. Lower it, or give n_seeds 1"
        )


def _check_filter(train: anndata.AnnData, min_mean: float) -> None:
    summary = summarise_features(train.X, max(1.0, min_mean))
    if ((summary.share_above == 1) & (summary.high > summary.low)).any():
        return  # as nearly always, and nothing slow has to be imported
    from helpers.cohorts.preprocess import Preprocessor

    # One feature by variance: the filters are what is asked about.
    Preprocessor(min_mean, n_features=1, rank_by="variance").fit(train)
