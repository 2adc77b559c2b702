import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.sealed_folds import sealed_folds


@pytest.fixture(scope="module")
def cohort():
    obs = pd.DataFrame({"patient": [f"P{i // 2}" for i in range(240)]})
    obs["cancer_type"] = np.repeat(list("ABC"), [120, 90, 30])
    obs.index = [f"s{i:03d}" for i in range(240)]
    return anndata.AnnData(np.zeros((240, 1), dtype=np.float32), obs)


def patients(part):
    return set(part.obs["patient"])


@pytest.mark.parametrize(("fraction", "a_round"), [(0.2, 5), (0.5, 2), (0.25, 4)])
def test_a_round_tests_every_patient_once(cohort, fraction, a_round):
    folds = sealed_folds(cohort, fraction, a_round)
    tested = [patient for _, test in folds for patient in patients(test)]
    assert sorted(tested) == sorted(patients(cohort))
    for train, test in folds:
        assert not patients(train) & patients(test)
        assert patients(train) | patients(test) == patients(cohort)
        assert set(test.obs["cancer_type"]) == set("ABC")
        assert len(patients(test)) == pytest.approx(fraction * 120, abs=3)


def test_the_sealed_part_is_the_same_however_many_folds_are_asked_for(cohort):
    first = [patients(sealed_folds(cohort, 0.2, n)[0][1]) for n in (1, 3, 7)]
    assert first[0] == first[1] == first[2]
    shuffled = cohort[np.random.default_rng(0).permutation(cohort.n_obs)]
    assert patients(sealed_folds(shuffled, 0.2, 1)[0][1]) == first[0]


def test_a_second_round_is_dealt_anew(cohort):
    folds = sealed_folds(cohort, 0.2, 6)
    assert patients(folds[5][1]) != patients(folds[0][1])


@pytest.mark.parametrize("fraction", [0, 0.6, 1.0])
def test_fractions_that_leave_too_little_are_refused(cohort, fraction):
    with pytest.raises(ValueError, match=r"at most 0\.5"):
        sealed_folds(cohort, fraction, 2)
