"""Which samples a chapter uses: tumours of the asked types, one aliquot a patient."""

from collections.abc import Sequence

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.reading.asked_types import types_asked
from helpers.cohorts.reading.sample_words import TUMOURS


def select_tumours(
    cohort: anndata.AnnData, cancer_types: str = "default", min_patients: int = 10
) -> anndata.AnnData:
    """Tumours of the chosen cancer types, one aliquot per patient.

    - Primary tumours; blood where a type has blood and no primary tumour (leukaemia, LAML);
      metastases as well where they outnumber the primaries (melanoma, SKCM), marked in
      obs["is_metastasis"].
    - Of a patient's aliquots: a primary before blood before a metastasis, then the first barcode
      in alphabetical order.
    - Types left with fewer than `min_patients` are dropped. uns["notes"] counts all that is left
      out: by sample type, second samples of a patient, and small types.

    `cancer_types`: "default" (the cohort's uns["default_types"], all if it names none), "all", or
    names separated by spaces or commas ("BRCA LUAD"), see `types_asked`.

    Raises:
        ValueError: an unknown type, names that can be read in two ways, or fewer than two types
            remain.
    """
    obs = cohort.obs
    default = [str(name) for name in cohort.uns.get("default_types", [])]
    types = types_asked(obs["cancer_type"].unique(), cancer_types, default)
    of_types = obs[obs["cancer_type"].isin(types)]
    chosen = one_tumour_per_patient(of_types)
    n_patients = chosen["cancer_type"].value_counts().reindex(types, fill_value=0)
    large = n_patients.index[n_patients >= min_patients]
    if len(large) < 2:
        raise ValueError(
            f"cancer_types = {cancer_types!r} must leave two or more types with {min_patients} or "
            f"more patients; got {n_patients.to_dict()}. Name others, or lower min_patients"
        )
    chosen = chosen[chosen["cancer_type"].isin(large)]
    tumours = cohort[np.sort(obs.index.get_indexer(chosen.index))].copy()
    tumours.obs["is_metastasis"] = (tumours.obs["sample_type"] == "metastasis").to_numpy()
    tumours.uns["notes"] = [
        *cohort.uns.get("notes", []),
        *_left_out_samples(of_types),
        *_dropped(n_patients, min_patients),
    ]
    return tumours


def one_tumour_per_patient(obs: pd.DataFrame) -> pd.DataFrame:
    """The rows of `obs` that `select_tumours` takes of its cancer types, one a patient."""
    return _one_per_patient(obs[_is_tumour(obs)])


def _left_out_samples(obs: pd.DataFrame) -> list[str]:
    """What of `obs` is no tumour by the rules of `select_tumours`, or a patient's second one."""
    is_tumour = _is_tumour(obs)
    n = obs.loc[~is_tumour, "sample_type"].astype(str).value_counts()
    n_second = int(obs.loc[is_tumour, "patient"].duplicated().sum())
    parts = [f"{count} {name}" for name, count in n.items()]
    parts += [f"{n_second} further samples of patients who have one"] if n_second else []
    return [f"Left out of {len(obs)} samples: {', '.join(parts)}."] if parts else []


def _is_tumour(obs: pd.DataFrame) -> pd.Series:
    """Rows whose sample type stands for their cancer type, by the rules of `select_tumours`."""
    n = pd.crosstab(obs["cancer_type"], obs["sample_type"])
    n = n.reindex(columns=list(TUMOURS), fill_value=0)
    takes_blood = n.index[(n["primary"] == 0) & (n["blood"] > 0)]
    takes_metastases = n.index[n["metastasis"] > n["primary"]]
    return (
        (obs["sample_type"] == "primary")
        | (obs["sample_type"] == "blood") & obs["cancer_type"].isin(takes_blood)
        | (obs["sample_type"] == "metastasis") & obs["cancer_type"].isin(takes_metastases)
    )


def _one_per_patient(obs: pd.DataFrame) -> pd.DataFrame:
    order = obs["sample_type"].map(TUMOURS.index)
    ranked = obs.assign(_order=order, _name=obs.index).sort_values(["_order", "_name"])
    return ranked.drop_duplicates("patient").drop(columns=["_order", "_name"])


def _dropped(n_patients: pd.Series, min_patients: int) -> Sequence[str]:
    small = n_patients[n_patients < min_patients]
    if small.empty:
        return []
    named = ", ".join(f"{name} ({n})" for name, n in small.items())
    return [f"Left out for having fewer than {min_patients} patients with a tumour: {named}."]
