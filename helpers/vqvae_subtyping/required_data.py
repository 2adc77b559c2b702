"""What a cohort must be before subtypes are looked for, and which parts of the chapter it lacks."""

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import check_finite
from helpers.cohorts.user_files import feature_types

_ABSENT = {
    "gene": "No mRNA: pathways, differential genes and the regulation of genes are left out.",
    "microRNA": "No microRNAs: the network of microRNAs and genes is left out.",
    "subtype": (
        "No known subtypes (obs['subtype'], PAM50 for breast cancer): NMI, ARI, AMI, purity and "
        "the flow from subtypes to clusters are left out."
    ),
    "survival": "No survival (obs['os_time'] in days, obs['os_event']): its section is left out.",
}


def check_subtyping(cohort: anndata.AnnData, n_clusters: int) -> None:
    """Return if `n_clusters` subtypes can be looked for in this cohort.

    Raises:
        ValueError: fewer than 2 clusters, or fewer patients than clusters; a value that is not
            finite (names patient and feature); a feature that is the same in every patient (names
            it); two samples of a patient; a survival time of 0 days or less or an event other than
            0 and 1 (names the patient).
    """
    if n_clusters < 2:
        raise ValueError(f"n_clusters must be 2 or more; got {n_clusters}")
    if cohort.n_obs < n_clusters:
        raise ValueError(
            f"the cohort must have as many patients as clusters or more; it has {cohort.n_obs} "
            f"and n_clusters is {n_clusters}. Lower n_clusters, or choose a larger cancer_type"
        )
    check_finite(cohort)
    _check_varying(cohort)
    _check_patients(cohort.obs)
    check_followup(cohort.obs)


def check_followup(obs: pd.DataFrame) -> None:
    """Return if every survival time that is known is above 0 days and its event is 0 or 1.

    A patient whose time or event is missing is not wrong: survival leaves them out.

    Raises:
        ValueError: names the first patient for whom it is not so.
    """
    if "os_time" not in obs or "os_event" not in obs:
        return
    time, event = (pd.to_numeric(obs[c], errors="coerce") for c in ("os_time", "os_event"))
    for column, is_wrong, rule in (
        ("os_time", (time <= 0) | np.isinf(time), "above 0 days"),
        ("os_event", event.notna() & ~event.isin([0, 1]), "1 (died) or 0 (censored)"),
    ):
        if is_wrong.any():
            sample = obs.index[is_wrong][0]
            raise ValueError(
                f'obs["{column}"] must be {rule}; patient {obs["patient"][sample]} (sample '
                f"{sample}) has {obs[column][sample]} ({int(is_wrong.sum())} of {len(obs)} patients"
                f' are wrong). Drop them with: t, e = adata.obs["os_time"], adata.obs["os_event"]; '
                "adata = adata[~(t <= 0) & (e.isna() | e.isin([0, 1]))].copy(), or set what is not "
                "known to NaN"
            )


def parts_of(cohort: anndata.AnnData) -> dict[str, bool]:
    """What the cohort has: "gene" and "microRNA" features, known "subtype"s, "survival".

    Subtypes count if two or more are known, survival if a patient with a known time died.
    """
    kinds = set(feature_types(cohort))
    obs = cohort.obs
    subtypes = obs["subtype"].dropna() if "subtype" in obs else pd.Series(dtype=object)
    has_followup = {"os_time", "os_event"} <= set(obs)
    died = (obs["os_event"] == 1) & obs["os_time"].notna() if has_followup else pd.Series([False])
    return {
        "gene": "gene" in kinds,
        "microRNA": "microRNA" in kinds,
        "subtype": len(set(subtypes.astype(str)) - {"", "nan"}) > 1,
        "survival": bool(died.any()),
    }


def what_is_missing(cohort: anndata.AnnData) -> list[str]:
    """One sentence for each thing the chapter leaves out on this cohort; [] if it has all."""
    sentences = [_ABSENT[part] for part, is_there in parts_of(cohort).items() if not is_there]
    n = cohort.n_obs
    parts = parts_of(cohort)
    if parts["subtype"]:
        n_unknown = int(cohort.obs["subtype"].astype(str).isin(["", "nan"]).sum())
        if n_unknown:
            sentences.append(
                f"{n_unknown} of {n} patients have no known subtype: not scored by it."
            )
    if parts["survival"]:
        n_unknown = int((cohort.obs["os_time"].isna() | cohort.obs["os_event"].isna()).sum())
        if n_unknown:
            sentences.append(f"{n_unknown} of {n} patients have no survival: not in its curves.")
    return sentences


def _check_varying(cohort: anndata.AnnData) -> None:
    is_constant = np.ptp(np.asarray(cohort.X), axis=0) == 0
    if is_constant.any():
        name = cohort.var_names[is_constant][0]
        raise ValueError(
            f"every feature must differ between patients; {name} is {cohort.X[0, is_constant][0]} "
            f"in all {cohort.n_obs} ({int(is_constant.sum())} of {cohort.n_vars} features are "
            "constant). Drop them with: adata = adata[:, np.ptp(adata.to_df(), axis=0) > 0].copy()"
        )


def _check_patients(obs: pd.DataFrame) -> None:
    repeated = obs["patient"][obs["patient"].duplicated()]
    if len(repeated):
        raise ValueError(
            f"a patient must have one sample; {repeated.iloc[0]} has more. Choose with: "
            "select_subtyping(cohort)"
        )
