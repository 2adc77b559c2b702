"""The tumours and cell lines that a run's parameters ask for, as one cohort."""

from pathlib import Path

import anndata

from helpers.cohorts.on_disk.stores import is_store
from helpers.cohorts.registry import load_cohort
from helpers.cohorts.user_files import is_tumours_alone, load_tumours
from helpers.rnalign.sides.line_panel import replace_lines
from helpers.rnalign.sides.own_tumours import join_tumours

LINE_COHORT = "ccle-tcga"
"""Whose lines a file of tumours alone is compared with, unless another cohort is named."""
_QUICK_SAMPLES = 1000  # from which a quick run takes every second one


def load_sides(
    cohort: str, line_cohort: str = "", line_panel: str = "", seed: int = 0, quick: bool = False
) -> anndata.AnnData:
    """Tumours and lines of `cohort`; where it is a file of tumours alone, beside `line_cohort`'s.

    `line_panel`: a `.h5ad` of lines in the place of those ("" for none). `quick`: of a large
    registered cohort every second sample is taken, of a user's tumours all.

    Raises:
        ValueError: see `load_cohort`, `join_tumours` and `replace_lines`; a `line_cohort` beside a
            cohort that has lines of its own.
    """
    if needs_lines(cohort):
        reference = halved(load_cohort(line_cohort or LINE_COHORT, seed), quick)
        loaded = join_tumours(reference, load_tumours(cohort), Path(cohort).name)
    elif line_cohort:
        raise ValueError(
            f"`line_cohort` is for a file of tumours alone; {cohort} has cell lines: got "
            f"{line_cohort!r}. Leave line_cohort out, or replace the lines with line_panel"
        )
    else:
        loaded = halved(load_cohort(cohort, seed), quick)
    if not line_panel:
        return loaded
    merged = replace_lines(loaded, line_panel)
    if "is_own" in loaded.obs:
        merged.obs["is_own"] = merged.obs_names.isin(loaded.obs_names[loaded.obs["is_own"]])
    return merged


def needs_lines(cohort: str) -> bool:
    """Whether `cohort` is a user's file without cell lines."""
    return is_store(cohort) and is_tumours_alone(cohort)


def halved(cohort: anndata.AnnData, quick: bool) -> anndata.AnnData:
    """The cohort, of which a quick run takes every second sample if it is large."""
    return cohort[::2].copy() if quick and cohort.n_obs > _QUICK_SAMPLES else cohort
