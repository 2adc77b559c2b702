"""Held-out folds of which the first is sealed: its patients choose no setting of a model.

A setting that was chosen on patients flatters itself on them. So a part of each cohort is drawn
once, before any choice, by a seed that no parameter of a run changes; settings are compared on the
other patients alone, and the sealed part says what the choice is worth.
"""

import anndata

from helpers.cohorts.splits import patient_folds, split_by_patient

SEAL = 20260
"""Draws the sealed part. Changing it after a look at any result would break the seal."""


def sealed_folds(
    cohort: anndata.AnnData, test_fraction: float, n_folds: int
) -> list[tuple[anndata.AnnData, anndata.AnnData]]:
    """[(train, test)] of the first `n_folds` folds: the sealed one, then the others in turn.

    Fold 0 tests the sealed patients, `test_fraction` of each cancer type. The rest are dealt to
    1 / `test_fraction` − 1 folds, so that all folds together test each patient once. More folds
    than that deal anew: only their first round has the sealed part.

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
    others, first = split_by_patient(cohort, test_fraction, SEAL + deal)
    if place == 0 or a_round == 2:
        return (others, first) if place == 0 else (first, others)
    tested = patient_folds(others.obs, a_round - 1, SEAL + deal)[place - 1][1]
    is_test = cohort.obs_names.isin(others.obs_names[tested])
    return cohort[~is_test].copy(), cohort[is_test].copy()
