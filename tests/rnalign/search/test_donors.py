"""Who is trained on, who chooses, who is scored."""

import numpy as np

from helpers.rnalign.samples import split_both_origins
from helpers.rnalign.search.donors import (
    SPLIT_SEED,
    deal_donors,
    deal_fresh_donors,
    final_donors,
)


def test_no_patient_is_in_two_groups_and_everybody_is_in_one(samples):
    several = samples.copy()
    several.obs["patient"] = [f"patient {n // 2}" for n in range(several.n_obs)]
    donors = deal_donors(several, 0.2)
    assert (np.sum(donors, axis=0) == 1).all()
    groups = [set(several.obs["patient"][part]) for part in donors]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])


def test_every_group_has_both_origins_of_every_type(samples):
    for part in deal_donors(samples, 0.2):
        assert len(samples.obs[part].groupby(["cancer_type", "is_line"])) == 6


def test_the_final_donors_are_those_of_one_split_and_nobody_else(samples):
    _, test = split_both_origins(samples, 0.2, SPLIT_SEED)
    assert set(samples.obs_names[final_donors(samples, 0.2)]) == set(test.obs_names)
    donors = deal_donors(samples, 0.2)
    assert np.array_equal(donors.test, final_donors(samples, 0.2))
    assert np.array_equal(donors.known, ~donors.test)


def test_fresh_donors_chose_nothing_and_were_not_scored_before(samples):
    first = deal_donors(samples, 0.2)
    dealt = [deal_fresh_donors(samples, 0.2, seed) for seed in (1, 1, 2)]
    for fresh in dealt:
        assert not (fresh.test & ~first.train).any() and (np.sum(fresh, axis=0) == 1).all()
        assert abs(int(fresh.test.sum()) - int(first.test.sum())) <= 6  # one a type and origin
        assert len(samples.obs[fresh.test].groupby(["cancer_type", "is_line"])) == 6
    assert np.array_equal(dealt[0].test, dealt[1].test)
    assert not np.array_equal(dealt[0].test, dealt[2].test)


def test_where_most_donors_are_scored_some_that_only_trained_still_do(samples):
    fresh = deal_fresh_donors(samples, 0.5, 1)
    assert (fresh.train & deal_donors(samples, 0.5).train).any()
