"""What chapter 4 needs of its tumours and cell lines, asked before anything is trained."""

from collections.abc import Mapping
from typing import Any

import anndata

from helpers.cohorts.registry import load_cohort
from helpers.rnalign.samples import replace_lines, select_alignment, select_subtyped

NEEDS = ("cohort", "subtype_cohort", "line_panel", "cancer_types", "min_tumours", "min_lines")
NEEDS += ("n_neighbours", "tumour", "quick", "seed")
"""Parameters that decide whether the chapter can use a cohort."""
_FEWEST_GENES = 20
_FEWEST_LINES = 3  # Celligner's, of each side
_QUICK_SAMPLES = 1000  # from which a quick run takes every second one


def check_needs(given: Mapping[str, Any]) -> None:
    """Return if the chapter can be made of the cohort with the parameters `given`.

    Raises:
        ValueError: unknown types, too few tumours or lines, a panel or subtypes that do not go
            with the tumours, or a `tumour` that is none.
    """
    loaded = halved(load_cohort(given["cohort"], given["seed"]), given["quick"])
    if given["line_panel"]:
        loaded = replace_lines(loaded, given["line_panel"])
    choice = ("cancer_types", "min_tumours", "min_lines", "n_neighbours")
    samples = select_alignment(loaded, *(given[name] for name in choice))
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


def halved(cohort: anndata.AnnData, quick: bool) -> anndata.AnnData:
    """The cohort, of which a quick run takes every second sample if it is large."""
    return cohort[::2].copy() if quick and cohort.n_obs > _QUICK_SAMPLES else cohort
