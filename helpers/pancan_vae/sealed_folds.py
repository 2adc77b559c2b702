"""Held-out folds of which the first is sealed: its patients choose no setting of a model.

A setting that was chosen on patients flatters itself on them. So a part of each cohort is drawn
once, before any choice, by a seed that no parameter of a run changes; settings are compared on the
other patients alone, and the sealed part says what the choice is worth.
"""

import anndata
import numpy as np

from helpers.cohorts.on_disk.row_blocks import is_on_disk
from helpers.cohorts.splits import patient_folds, split_by_patient

SEAL = 20260
"""Draws the sealed part. Changing it after a look at any result would break the seal."""
MOST_TESTED = 2000  # patients of a cohort on disk that test a fold


def sealed_folds(
    cohort: anndata.AnnData, test_fraction: float, n_folds: int
) -> list[tuple[anndata.AnnData, anndata.AnnData]]:
    """[(train, test)] of the first `n_folds` folds: the sealed one, then the others in turn.

    Fold 0 tests the sealed patients, `test_fraction` of each cancer type. The rest are dealt to
    1 / `test_fraction` − 1 folds, so that all folds together test each patient once. More folds
    than that deal anew: only their first round has the sealed part.
    Of a cohort on disk, 2,000 patients test a fold at most, as they are read in memory; the others
    held out have no part in it then. Both are views of `cohort`: copy one before you change it.

    Raises:
        ValueError: `test_fraction` is not in (0, 0.5], or a type has fewer patients than folds.
    """
    if not 0 < test_fraction <= 0.5:
        raise ValueError(
            f"`test_fraction` must lie above 0 and be at most 0.5; got {test_fraction}."
        )
    a_round = max(2, round(1 / test_fraction))
    return [_fold(cohort, test_fraction, a_round, number) for number in range(n_folds)]


def _fold(
    cohort: anndata.AnnData, test_fraction: float, a_round: int, number: int
) -> tuple[anndata.AnnData, anndata.AnnData]:
    deal, place = divmod(number, a_round)
    # Without X: who is drawn is asked here, and no value copied.
    people = anndata.AnnData(obs=cohort.obs)
    others, first = split_by_patient(people, test_fraction, SEAL + deal)
    if place == 0:
        tested = first.obs_names
    elif a_round == 2:
        tested = others.obs_names
    else:
        rows = patient_folds(others.obs, a_round - 1, SEAL + deal)[place - 1][1]
        tested = others.obs_names[rows]
    is_test = cohort.obs_names.isin(tested)
    train = samples_of(cohort, ~is_test)
    if is_on_disk(cohort.X) and len(tested) > MOST_TESTED:
        share = MOST_TESTED / len(tested)
        _, some = split_by_patient(people[is_test], share, SEAL + deal)
        is_test = cohort.obs_names.isin(some.obs_names)
    return train, samples_of(cohort, is_test)


def samples_of(cohort: anndata.AnnData, is_in: np.ndarray) -> anndata.AnnData:
    """The samples where `is_in`, as a view: no value of X is copied."""
    part = cohort[is_in]
    return part.copy() if is_on_disk(cohort.X) else part  # there a copy reads nothing either
