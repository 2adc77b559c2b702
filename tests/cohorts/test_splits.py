import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohorts.splits import patient_folds, split_by_patient

PATIENTS = st.lists(  # (number of samples, cancer type) of each patient
    st.tuples(st.integers(1, 3), st.sampled_from("ABC")), min_size=12, max_size=60
).filter(lambda patients: all([t for _, t in patients].count(x) >= 4 for x in "ABC"))


def _rows(patients):
    return [
        (f"P{i}", cancer_type, "primary")
        for i, (n_samples, cancer_type) in enumerate(patients)
        for _ in range(n_samples)
    ]


@pytest.fixture(scope="module")
def rows_to_cohort():
    import anndata
    import pandas as pd

    def make(rows):
        obs = pd.DataFrame(rows, columns=["patient", "cancer_type", "sample_type"])
        obs.index = [f"s{i:03d}" for i in range(len(obs))]
        return anndata.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs)

    return make


@settings(deadline=None, max_examples=40)
@given(patients=PATIENTS, fraction=st.floats(0.05, 0.95), seed=st.integers(0, 2**32 - 1))
def test_no_patient_is_on_both_sides_and_every_type_is(rows_to_cohort, patients, fraction, seed):
    cohort = rows_to_cohort(_rows(patients))
    train, test = split_by_patient(cohort, fraction, seed)
    assert not set(train.obs["patient"]) & set(test.obs["patient"])
    assert sorted([*train.obs_names, *test.obs_names]) == sorted(cohort.obs_names)
    for part in (train, test):
        assert set(part.obs["cancer_type"]) == set("ABC")
    n_of_type = cohort.obs.drop_duplicates("patient")["cancer_type"].value_counts()
    n_tested = test.obs.drop_duplicates("patient")["cancer_type"].value_counts()
    assert (abs(n_tested - fraction * n_of_type) <= 1).all()


@settings(deadline=None, max_examples=40)
@given(patients=PATIENTS, n_folds=st.integers(2, 4), seed=st.integers(0, 2**32 - 1))
def test_folds_test_each_row_once_and_part_no_patient(rows_to_cohort, patients, n_folds, seed):
    obs = rows_to_cohort(_rows(patients)).obs
    folds = patient_folds(obs, n_folds, seed)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(len(obs)))
    n_patients = []
    for train, test in folds:
        assert not set(obs["patient"].iloc[train]) & set(obs["patient"].iloc[test])
        assert len(train) + len(test) == len(obs)
        assert set(obs["cancer_type"].iloc[test]) == set("ABC")
        n_patients.append(obs["patient"].iloc[test].nunique())
    assert max(n_patients) - min(n_patients) <= 1


def test_the_seed_decides(make_cohort):
    cohort = make_cohort([(f"P{i}", "AB"[i % 2], "primary") for i in range(40)])
    names = [tuple(split_by_patient(cohort, seed=seed)[1].obs_names) for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]


def test_the_order_of_rows_does_not_matter(make_cohort):
    cohort = make_cohort([(f"P{i}", "AB"[i % 2], "primary") for i in range(40)])
    reversed_cohort = cohort[::-1].copy()
    tested = [set(split_by_patient(c, seed=3)[1].obs_names) for c in (cohort, reversed_cohort)]
    assert tested[0] == tested[1]


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_impossible_fractions(make_cohort, fraction):
    cohort = make_cohort([("P0", "A", "primary"), ("P1", "A", "primary")])
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_by_patient(cohort, fraction)


def test_a_type_with_one_patient_cannot_be_split(make_cohort):
    rows = [("P0", "A", "primary"), ("P1", "A", "primary"), ("P2", "B", "primary")]
    with pytest.raises(ValueError, match=r"2 or more patients.*B has 1"):
        split_by_patient(make_cohort(rows))


def test_more_folds_than_patients(make_cohort):
    obs = make_cohort([(f"P{i}", "A", "primary") for i in range(3)]).obs
    with pytest.raises(ValueError, match=r"4 or more patients.*A has 3"):
        patient_folds(obs, 4)
    with pytest.raises(ValueError, match="2 or more; got 1"):
        patient_folds(obs, 1)
