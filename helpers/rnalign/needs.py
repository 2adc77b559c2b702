"""What chapter 4 needs of its tumours and cell lines, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata

from helpers.cohorts.registry import load_cohort
from helpers.rnalign.samples import select_alignment, select_subtyped
from helpers.rnalign.sides.loading import LINE_COHORT, halved, load_sides, needs_lines

__all__ = ["NEEDS", "check_needs", "halved", "implied"]

NEEDS = ("cohort", "line_cohort", "line_panel", "subtype_cohort", "cancer_types", "min_tumours")
NEEDS += ("min_lines", "n_neighbours", "tumour", "quick", "seed")
"""Parameters that decide whether the chapter can use a cohort."""
USES = {
    "the samples' own purity, which is estimated": ("purity",),
    "table 3, whether subtypes are kept": ("subtype",),
}
_FEWEST_GENES = 20
_FEWEST_LINES = 3  # Celligner's, of each side


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohort with the parameters `given`.

    Raises:
        ValueError: unknown types, too few tumours or lines, a panel, another cohort's lines or
            subtypes that do not go with the tumours, or a `tumour` that is none.
    """
    sides = ("cohort", "line_cohort", "line_panel", "seed", "quick")
    loaded = load_sides(*(given[name] for name in sides))
    choice = ("cancer_types", "min_tumours", "min_lines", "n_neighbours")
    samples = select_alignment(loaded, *(given[name] for name in choice))
    _check_own(loaded, samples, given)
    if samples.n_vars < _FEWEST_GENES:
        raise ValueError(
            f"chapter 4 needs {_FEWEST_GENES} genes or more; there are {samples.n_vars}. Give the "
            "whole panel, with gene symbols as var_names"
        )
    is_line = samples.obs["is_line"].to_numpy(bool)
    for side, n in (("tumours", (~is_line).sum()), ("cell lines", is_line.sum())):
        if n < _FEWEST_LINES:
            raise ValueError(
                f"chapter 4 needs {_FEWEST_LINES} {side} or more of types that both sides have; "
                f"there are {n}. Name more cancer_types, or add {side}"
            )
    tumour = given["tumour"]
    if tumour and tumour not in samples.obs_names[~is_line]:
        some = ", ".join(samples.obs_names[~is_line][:3])
        raise ValueError(
            f"`tumour` must be one of the chosen tumour samples, such as {some}: got {tumour!r}. "
            "Leave it out to take the purest"
        )
    if given["subtype_cohort"]:
        select_subtyped(load_cohort(given["subtype_cohort"], given["seed"]))


def implied(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that follow from those `given`: whose lines a file of tumours alone is given."""
    if given["line_cohort"] or not needs_lines(given["cohort"]):
        return {}
    return {"line_cohort": LINE_COHORT}


def _check_own(loaded: anndata.AnnData, samples: anndata.AnnData, given: Mapping[str, Any]) -> None:
    """Some of the user's tumours are left, and have enough lines around them."""
    if "is_own" not in loaded.obs or samples.obs["is_own"].any():
        return
    types = loaded.obs.loc[loaded.obs["is_own"], "cancer_type"].value_counts().to_dict()
    raise ValueError(
        f"no tumour of {given['cohort']} is left of {types}: cancer_types = "
        f"{given['cancer_types']!r} leaves them out, or min_tumours = {given['min_tumours']}, "
        "which counts the reference's tumours too. Lower min_tumours, or name their types"
    )
