"""Whose subtypes are looked for: one cancer's patients and the features that all of them have."""

from collections.abc import Sequence

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.reading.previous_names import renamed_like
from helpers.cohorts.sample_selection import one_tumour_per_patient
from helpers.cohorts.user_files import feature_types
from helpers.vqvae_subtyping.required_data import check_followup

FEATURES = ("all", "gene", "microRNA")
_MIN_FEATURES = 2


def select_subtyping(
    cohort: anndata.AnnData, cancer_type: str = "", features: str = "all"
) -> anndata.AnnData:
    """One cancer's patients, one tumour each, and the features that all have and that vary.

    `cancer_type`: a label of obs["cancer_type"], "all" for every patient together, or "" for the
    cohort's only type (or its only default type). `features`: "all", "gene" or "microRNA".

    Comes back with what the chapter relies on: obs["subtype"] ("" unknown), os_time and os_event
    (NaN unknown) and var["feature_type"] are filled in where the cohort has none; uns["notes"]
    says what was left out. `check_subtyping` is the next step.

    Raises:
        ValueError: no such cancer or kind of feature, with those there are; fewer than 2 features
            left; a survival time of 0 days or less (names the patient).
    """
    kinds = feature_types(cohort)
    is_asked = np.ones(cohort.n_vars, bool) if features == "all" else (kinds == features).to_numpy()
    if features not in FEATURES or not is_asked.any():
        present = ", ".join(["all", *sorted(set(kinds))])
        raise ValueError(f"features must be one of {present}; got {features!r}")
    asked = cohort.obs[_is_of_type(cohort, cancer_type)]
    chosen = cohort[np.sort(cohort.obs_names.get_indexer(_tumours(asked).index))]
    values = np.asarray(chosen.X)
    is_there = is_asked & ~np.isnan(values).any(axis=0)
    is_there &= ~(is_constant := is_there & (values.max(axis=0) == values.min(axis=0)))
    if is_there.sum() < _MIN_FEATURES:
        raise ValueError(
            f"cancer_type = {cancer_type!r} with features = {features!r} must leave "
            f"{_MIN_FEATURES} features or more that every patient has; {is_there.sum()} are left. "
            "Ask for one cancer, or for features = 'all'"
        )
    chosen = chosen[:, is_there].copy()
    chosen.var["feature_type"] = kinds[is_there].to_numpy()
    _complete(chosen.obs)
    check_followup(chosen.obs)
    chosen.uns["notes"] = [*cohort.uns.get("notes", []), *_left_out(asked, chosen)]
    if is_constant.any():
        named = f"{int(is_constant.sum())} features, such as {cohort.var_names[is_constant][0]}"
        chosen.uns["notes"].append(f"{named}, are the same in all patients: left out.")
    return chosen


def align_features(
    train: anndata.AnnData, other: anndata.AnnData, max_missing: float = 0.2
) -> anndata.AnnData:
    """`other`, an external validation cohort, with the features of `train` that it has, in order.

    A gene that the two name as it was called at different times has the name that `train` has.
    Train on `train[:, aligned.var_names]`, so that both have the same features. Levels are not
    made comparable: that is `ExpressionTransform.refit`, where the two were measured differently.

    Raises:
        ValueError: more than `max_missing` of the features of `train` are not in `other`.
    """
    names = renamed_like(other.var_names, train.var_names)
    shared = list(train.var_names[train.var_names.isin(names)])
    n_missing = train.n_vars - len(shared)
    if n_missing > max_missing * train.n_vars or len(shared) < _MIN_FEATURES:
        missing = train.var_names[~train.var_names.isin(shared)][:5]
        raise ValueError(
            f"the validation cohort must have {1 - max_missing:.0%} or more of the "
            f"{train.n_vars:,} features; {n_missing:,} are missing, such as {', '.join(missing)} "
            f"(its names look like {', '.join(map(str, other.var_names[:3]))}). Name genes by "
            "symbol and microRNAs by stem-loop, or choose features that both have"
        )
    aligned = other[:, names.get_indexer(shared)].copy()
    aligned.var_names = shared
    aligned.var["feature_type"] = feature_types(train)[shared].to_numpy()
    return aligned


def _is_of_type(cohort: anndata.AnnData, cancer_type: str) -> np.ndarray:
    present = sorted(set(cohort.obs["cancer_type"].astype(str)))
    if cancer_type == "all":
        return np.ones(cohort.n_obs, bool)
    default = [name for name in cohort.uns.get("default_types", []) if name in present]
    only = next((types[0] for types in (present, default) if len(types) == 1), "")
    wanted = cancer_type or only
    if wanted not in present:
        raise ValueError(
            f"cancer_type must be one of {', '.join(present)}, or 'all' for all patients together; "
            f"got {cancer_type!r}"
        )
    return (cohort.obs["cancer_type"].astype(str) == wanted).to_numpy()


def _tumours(obs: pd.DataFrame) -> pd.DataFrame:
    return one_tumour_per_patient(
        obs if "sample_type" in obs else obs.assign(sample_type="primary")
    )


def _complete(obs: pd.DataFrame) -> None:
    """Columns that the chapter reads, as text or numbers, where they are missing or partly so."""
    subtype = obs["subtype"] if "subtype" in obs else pd.Series("", index=obs.index)
    is_known = subtype.notna() & (subtype.astype(str).str.lower() != "nan")
    obs["subtype"] = subtype.astype(object).where(is_known, "").astype(str)
    for column in ("os_time", "os_event"):
        values = obs[column] if column in obs else pd.Series(np.nan, index=obs.index)
        obs[column] = pd.to_numeric(values.astype(object), errors="coerce").astype(float)


def _left_out(asked: pd.DataFrame, chosen: anndata.AnnData) -> Sequence[str]:
    n = len(asked) - chosen.n_obs
    if not n:
        return []
    kinds = asked["sample_type"] if "sample_type" in asked else pd.Series(dtype=object)
    others = kinds.drop(chosen.obs_names, errors="ignore").astype(str).value_counts()
    named = ", ".join(f"{count} {name}" for name, count in others.items())
    return [f"{n} samples left out ({named}): normals, and all but one tumour of a patient."]
