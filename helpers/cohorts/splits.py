"""Who is trained on and who is tested: patients never part, cancer types keep their shares."""

from collections.abc import Iterator

import anndata
import numpy as np
import pandas as pd


def split_by_patient(
    cohort: anndata.AnnData, test_fraction: float = 0.2, seed: int = 0
) -> tuple[anndata.AnnData, anndata.AnnData]:
    """(train, test): all samples of a patient on one side, both sides with every cancer type.

    Of each type, `test_fraction` of the patients, rounded, at least one, are tested. A patient
    with samples of several types counts for the type of their first one.

    Raises:
        ValueError: `test_fraction` is not inside (0, 1), or a type has a single patient.
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction must lie between 0 and 1; got {test_fraction}")
    test_patients = []
    for patients in _patients_by_type(cohort.obs, at_least=2, seed=seed):
        n_test = int(np.clip(round(test_fraction * len(patients)), 1, len(patients) - 1))
        test_patients.extend(patients[:n_test])
    is_test = cohort.obs["patient"].isin(test_patients).to_numpy()
    return cohort[~is_test].copy(), cohort[is_test].copy()


def patient_folds(
    obs: pd.DataFrame, n_folds: int, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """[(training rows, test rows)] of `n_folds` folds; a row is tested exactly once.

    Each type's patients are dealt to the folds in turn, so folds differ by at most one patient of
    a type, and the dealing goes on from type to type, so that fold sizes stay even too.

    Raises:
        ValueError: fewer than 2 folds, or a type with fewer patients than folds.
    """
    if n_folds < 2:
        raise ValueError(f"n_folds must be 2 or more; got {n_folds}")
    fold_of = {}
    for patients in _patients_by_type(obs, at_least=n_folds, seed=seed):
        fold_of |= {patient: (len(fold_of) + i) % n_folds for i, patient in enumerate(patients)}
    fold = obs["patient"].map(fold_of).to_numpy()
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)]


def _patients_by_type(obs: pd.DataFrame, at_least: int, seed: int) -> Iterator[np.ndarray]:
    """Shuffled patients of one type after another; independent of the order of the rows."""
    rng = np.random.default_rng(seed)
    first = obs.sort_index().drop_duplicates("patient").sort_values("patient")
    for cancer_type, rows in first.groupby("cancer_type", observed=True):
        if len(rows) < at_least:
            raise ValueError(
                f"every cancer type must have {at_least} or more patients to be split so; "
                f"{cancer_type} has {len(rows)}. Leave it out (select_tumours, min_patients)"
            )
        yield rng.permutation(rows["patient"].to_numpy(dtype=object))
