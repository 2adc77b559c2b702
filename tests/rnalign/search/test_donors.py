"""Who is trained on, who chooses, who is scored."""

import numpy as np

from helpers.rnalign.samples import split_both_origins
from helpers.rnalign.search.donors import SPLIT_SEED, deal_donors, final_donors


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
