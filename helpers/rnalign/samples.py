"""Which tumours and cell lines of a cohort are aligned, and what is known of them."""

from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import LINE, check_alignment, check_same_scale
from helpers.cohorts.reading.value_scale import summarise_values
from helpers.cohorts.sample_selection import one_tumour_per_patient, select_tumours
from helpers.cohorts.splits import split_by_patient
from helpers.rnalign.rivals.linear_projection import types_of_varying_purity


def select_alignment(
    cohort: anndata.AnnData,
    cancer_types: str = "default",
    min_tumours: int = 10,
    min_lines: int = 5,
    n_neighbours: int = 1,
) -> anndata.AnnData:
    """Tumours and cell lines of the types that both sides have, tumours first.

    One tumour sample a patient and no normals, by the rules of `select_tumours`; every cell line,
    several of one donor included. Types with fewer than `min_tumours` patients are dropped, as are
    types without a line; those with fewer than `min_lines` lines stay and are aligned, but are not
    in uns["scored_types"]. uns["notes"] says which and why, and counts the lines of types that the
    tumours lack. obs["is_line"] is True for lines.

    `cancer_types`: "default" (the cohort's uns["default_types"], all if it names none), "all", or
    names separated by spaces or commas. `n_neighbours`: tumours that will vote on a line.

    Raises:
        ValueError: see `check_alignment`; an unknown type; fewer than two types of tumours left,
            none with `min_lines` lines, or fewer tumours than `n_neighbours`; the two sides are
            on different scales.
    """
    check_alignment(cohort)
    is_line = (cohort.obs["sample_type"].astype(str) == LINE).to_numpy()
    _check_scales(cohort, is_line)
    tumours = select_tumours(cohort[~is_line], cancer_types, min_tumours)
    n_lines = cohort.obs["cancer_type"][is_line].value_counts()
    shared = [name for name in sorted(tumours.obs["cancer_type"].unique()) if name in n_lines]
    n_lines = n_lines.reindex(shared)
    scored = [name for name in shared if n_lines[name] >= min_lines]
    if not scored:
        raise ValueError(
            f"cancer_types = {cancer_types!r} must leave a type with {min_tumours} patients and "
            f"{min_lines} cell lines or more; got lines {n_lines.to_dict()}. Name others, or lower "
            "min_lines or min_tumours"
        )
    is_shared_line = is_line & cohort.obs["cancer_type"].isin(shared).to_numpy()
    n_tumours = tumours.obs["cancer_type"].value_counts()
    tumours = tumours[tumours.obs["cancer_type"].isin(shared)]
    if tumours.n_obs < n_neighbours:
        raise ValueError(
            f"n_neighbours = {n_neighbours} must be at most the number of tumours of "
            f"{', '.join(shared)}, {tumours.n_obs}. Lower n_neighbours, or give lines of more types"
        )
    chosen = cohort[[*tumours.obs_names, *cohort.obs_names[is_shared_line]]].copy()
    chosen.obs["is_line"] = (chosen.obs["sample_type"].astype(str) == LINE).to_numpy()
    chosen.obs["purity"] = chosen.obs["purity"].astype(float)
    chosen.uns["scored_types"] = scored
    chosen.uns["notes"] = [
        *tumours.uns["notes"],
        *_unshared(cohort.obs[is_line], n_tumours, shared),
        *_same_purity(chosen.obs),
        *_unscored(n_lines, min_lines),
    ]
    return chosen


def select_subtyped(cohort: anndata.AnnData) -> anndata.AnnData:
    """Tumours and lines of a cohort that is asked whether subtypes are kept, tumours first.

    One tumour sample a patient and every line, as in `select_alignment`, of all cancer types.
    obs["subtype"] is "" where it is not known, obs["is_line"] True for lines.

    Raises:
        ValueError: see `check_alignment`; no obs["subtype"], or no cancer type of which tumours and
            lines share two subtypes.
    """
    check_alignment(cohort)
    if "subtype" not in cohort.obs:
        raise ValueError(
            f'the cohort must have obs["subtype"]; it has {", ".join(cohort.obs.columns)}. Add it '
            'with: adata.obs["subtype"] = …, "" where it is not known'
        )
    is_line = (cohort.obs["sample_type"].astype(str) == LINE).to_numpy()
    tumours = one_tumour_per_patient(cohort.obs[~is_line])
    chosen = cohort[[*tumours.index, *cohort.obs_names[is_line]]].copy()
    chosen.obs["is_line"] = np.repeat([False, True], [len(tumours), is_line.sum()])
    chosen.obs["subtype"] = chosen.obs["subtype"].astype(object).fillna("").astype(str)
    known = chosen.obs[chosen.obs["subtype"] != ""]
    sides = known.groupby(["cancer_type", "subtype"], observed=True)["is_line"].nunique()
    n_shared = (sides == 2).groupby("cancer_type", observed=True).sum()
    if not (n_shared >= 2).any():
        raise ValueError(
            "tumours and cell lines must share two subtypes of a cancer type; they share "
            f"{n_shared.to_dict() or 'none'}. Give both sides the same names in "
            'obs["subtype"]'
        )
    return chosen


class Facts(NamedTuple):
    """What is known of each sample, in the order in which the methods of alignment take it."""

    is_line: np.ndarray
    cancer_type: np.ndarray
    purity: np.ndarray

    @property
    def origins(self) -> tuple[np.ndarray, np.ndarray]:
        """is_line and cancer_type, as the metrics take them."""
        return self.is_line, self.cancer_type

    def at(self, rows: np.ndarray) -> "Facts":
        """The facts of some rows."""
        return Facts(*(values[rows] for values in self))


def alignment_facts(samples: anndata.AnnData) -> Facts:
    """is_line, cancer_type and purity of chosen samples."""
    return Facts(
        samples.obs["is_line"].to_numpy(bool),
        samples.obs["cancer_type"].to_numpy(str),
        samples.obs["purity"].to_numpy(float),
    )


def cohort_overview(samples: anndata.AnnData) -> pd.DataFrame:
    """Tumours, cell lines, median purity of the tumours, and whether it is scored; a row a type."""
    origin = np.where(samples.obs["is_line"], "cell lines", "tumours")
    overview = pd.crosstab(samples.obs["cancer_type"], origin)[["tumours", "cell lines"]]
    overview.columns.name = None
    by_type = samples.obs[~samples.obs["is_line"]].groupby("cancer_type", observed=True)
    overview["median purity of tumours"] = by_type["purity"].median().round(2)
    overview["scored"] = overview.index.isin(samples.uns["scored_types"])
    return overview


def _unshared(lines: pd.DataFrame, n_tumours: pd.Series, shared: list[str]) -> list[str]:
    """Counts of the lines, and of the tumours, of types that the other side lacks."""
    alone = lines["cancer_type"][~lines["cancer_type"].isin(shared)].value_counts()
    notes = []
    for what, n in (("cell lines", alone), ("tumours", n_tumours.drop(shared))):
        if n.sum():
            named = ", ".join(f"{name} ({count})" for name, count in n.items())
            notes.append(
                f"Left out, of types that the other side lacks: {n.sum()} {what}: {named}."
            )
    return notes


def _same_purity(obs: pd.DataFrame) -> list[str]:
    types = sorted(set(obs["cancer_type"][~obs["is_line"]].astype(str)))
    varying = types_of_varying_purity(obs["is_line"], obs["cancer_type"], obs["purity"])
    even = [name for name in types if name not in varying]
    if not even:
        return []
    return [
        f"All tumours of {', '.join(even)} have one purity, as where it was filled in: nothing to "
        "regress on, so no linear projection of them."
    ]


def _check_scales(cohort: anndata.AnnData, is_line: np.ndarray) -> None:
    sides = (summarise_values(cohort[side]) for side in (~is_line, is_line))
    check_same_scale(*sides, "tumours", "cell lines")


def _unscored(n_lines: pd.Series, min_lines: int) -> list[str]:
    notes, few = [], n_lines[n_lines < min_lines]
    if len(few):
        named = ", ".join(f"{name} ({n})" for name, n in few.items())
        notes = [f"Aligned but not scored, having fewer than {min_lines} cell lines: {named}."]
    if len(n_lines) == 1:
        notes.append(f"All tumours are {n_lines.index[0]}: every neighbour of a line is of its "
                     "type, and matches say nothing.")  # fmt: skip
    return notes


def split_both_origins(
    cohort: anndata.AnnData, test_fraction: float = 0.2, seed: int = 0
) -> tuple[anndata.AnnData, anndata.AnnData]:
    """`split_by_patient` within tumours and within lines, so that both sides have both.

    A cancer type with a single line or tumour patient keeps it in training. Donors of several
    lines never part. Needs obs["is_line"] (see `select_alignment`).
    """
    is_test = np.zeros(cohort.n_obs, dtype=bool)
    for origin in (False, True):
        rows = cohort.obs["is_line"].to_numpy(bool) == origin
        n_patients = cohort.obs[rows].groupby("cancer_type", observed=True)["patient"].nunique()
        rows &= cohort.obs["cancer_type"].isin(n_patients.index[n_patients > 1]).to_numpy()
        _, test = split_by_patient(cohort[rows], test_fraction, seed)
        is_test |= cohort.obs_names.isin(test.obs_names)
    return cohort[~is_test].copy(), cohort[is_test].copy()
