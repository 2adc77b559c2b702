"""What chapter 3 needs of its patients, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.cohorts.registry import load_cohort
from helpers.vqvae_subtyping.patients import align_features, select_subtyping
from helpers.vqvae_subtyping.required_data import check_subtyping

NEEDS = ("cohort", "validation_cohort", "cancer_type", "features", "transform", "n_clusters")
NEEDS += ("clusterers", "seed")
"""Parameters that decide whether the chapter can use a cohort."""
USES = {
    "agreement with known subtypes": ("subtype",),
    "survival of the clusters": ("os_time", "os_event"),
    "survival beside age and stage": ("age", "stage"),
}
_FEWEST_PATIENTS = 20


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohort with the parameters `given`.

    Raises:
        ValueError: an unknown cancer or kind of features, too few patients or features, survival
            that cannot be, or a validation cohort with other features.
    """
    if "kmeans" not in given["clusterers"].replace(",", " ").split():
        raise ValueError(
            "`clusterers` must name kmeans, by which patients held out are given clusters: got "
            f"{given['clusterers']!r}. Write for example 'kmeans {given['clusterers']}'"
        )
    choice = (given["cancer_type"], given["features"])
    patients = select_subtyping(load_cohort(given["cohort"], given["seed"]), *choice)
    check_subtyping(patients, given["n_clusters"])
    fewest = max(_FEWEST_PATIENTS, 2 * given["n_clusters"])
    if patients.n_obs < fewest:
        raise ValueError(
            f"chapter 3 needs {_FEWEST_PATIENTS} patients and twice as many as clusters, since "
            f"half are held out; there are {patients.n_obs} for n_clusters = "
            f"{given['n_clusters']}. Lower n_clusters, or choose a larger cancer_type"
        )
    kind = "none" if given["transform"] == "default" else given["transform"]
    ExpressionTransform(kind).fit(patients)
    if given["validation_cohort"]:
        _check_other(patients, given["validation_cohort"], given["seed"], choice)


def offered(cohort: anndata.AnnData) -> dict[str, str]:
    """What to try where none was asked for: the cancer type with the most samples, of several."""
    types = cohort.obs["cancer_type"].astype(str).value_counts(sort=True)
    return {"cancer_type": types.index[0]} if len(types) > 1 else {}


def bound_codes(patients: anndata.AnnData, *asked: int) -> tuple[int, ...]:
    """Numbers of codes, each at most half of the patients, who are held out in turn.

    Where fewer than `asked` are left, uns["notes"] says so.
    """
    most = patients.n_obs // 2
    if too_many := [n for n in asked if n > most]:
        patients.uns["notes"] = [
            *patients.uns.get("notes", []),
            f"Codebooks of {' and '.join(map(str, too_many))} codes have {most} here: half of the "
            f"{patients.n_obs} patients are held out in turn, and each code starts at a patient.",
        ]
    return tuple(min(n, most) for n in asked)


def _check_other(patients: anndata.AnnData, name: str, seed: int, choice: tuple[str, str]) -> None:
    try:
        align_features(patients, select_subtyping(load_cohort(name, seed), *choice))
    except ValueError as error:
        raise ValueError(f"`validation_cohort` {name}: {error}") from None
