import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold
from xgboost import XGBClassifier

from helpers.coembedding.benchmarks import cohort_accuracy as cohort_accuracy_module
from helpers.coembedding.benchmarks.cohort_accuracy import (
    COLUMNS,
    N_ROUNDS,
    SETTINGS,
    cohort_accuracy,
    modality_accuracy,
    standard_error,
    transfer_accuracy,
)
from helpers.coembedding.benchmarks.stratified_parts import stratified_parts


def clusters(n=150, n_types=3, gap=4.0, seed=0):
    rng = np.random.default_rng(seed)
    types = np.arange(n) % n_types
    z = gap * np.eye(n_types)[types] + rng.normal(size=(n, n_types))
    return z, np.array([*"abcdefgh"])[types], np.array([f"p{i}" for i in range(n)])


def test_clusters_are_told_and_shuffled_labels_are_not():
    z, types, patient = clusters()
    table = cohort_accuracy(z, types, patient)
    assert list(table) == COLUMNS and len(table) == 5
    assert table["accuracy"].mean() > 0.9
    assert table["majority"].mean() == pytest.approx(1 / 3, abs=0.05)
    assert table["n_test"].sum() == 150
    shuffled = cohort_accuracy(z, types, patient, shuffled=True)
    assert abs(shuffled["accuracy"].mean() - 1 / 3) < 0.12


def test_the_majority_is_that_of_the_training_patients():
    """Types of nearly one size, so that the commonest of a test fold is often another one."""
    rng = np.random.default_rng(3)
    types, patient = rng.permutation([*"a" * 34, *"b" * 33, *"c" * 33]), np.arange(100).astype(str)
    z = rng.normal(size=(100, 2))
    table = cohort_accuracy(z, types, patient)
    codes = np.unique(types, return_inverse=True)[1]
    for row, (train, test) in zip(
        table.itertuples(), stratified_parts(codes, patient, 5, 0), strict=True
    ):
        commonest = np.bincount(codes[train]).argmax()
        assert row.majority == pytest.approx((codes[test] == commonest).mean())
    commonest = [np.bincount(codes[test]).max() / len(test)
                 for _, test in stratified_parts(codes, patient, 5, 0)]  # fmt: skip
    assert (table["majority"] < np.array(commonest) - 1e-9).any()


def test_replicates_of_a_patient_never_part():
    rng = np.random.default_rng(0)
    z = np.repeat(rng.normal(size=(60, 4)), 3, axis=0)
    patient = np.repeat([f"p{i}" for i in range(60)], 3)
    types = np.repeat(rng.choice([*"ab"], 60), 3)
    leaky = cohort_accuracy(z, types, [f"s{i}" for i in range(180)])["accuracy"].mean()
    honest = cohort_accuracy(z, types, patient)["accuracy"].mean()
    assert leaky > 0.9
    assert abs(honest - 0.5) < 0.15


def test_small_classes_are_left_out_and_said():
    z, types, patient = clusters()
    types = types.astype(object)
    types[:4] = "rare"
    table = cohort_accuracy(z, types, patient)
    assert table.attrs == {"left_out": ["rare"], "n_classes": 3}
    assert table["n_test"].sum() == 146


def test_it_repeats_itself_and_seeds_differ():
    z, types, patient = clusters(gap=1.0)
    first, again, other = (
        cohort_accuracy(z, types, patient, seed=seed)["accuracy"].tolist() for seed in (0, 0, 1)
    )
    assert first == again != other


def test_modalities_that_are_apart_are_told_and_mixed_ones_are_not():
    z, _, patient = clusters(120)
    other = clusters(120, seed=1)[0]
    mixed = modality_accuracy(z, other, patient, patient)["balanced_accuracy"].mean()
    apart = modality_accuracy(z, other + 5, patient, patient)["balanced_accuracy"].mean()
    assert abs(mixed - 0.5) < 0.12 and apart > 0.95
    copies = modality_accuracy(z, z, patient, patient)["balanced_accuracy"].mean()
    assert copies == pytest.approx(0.5), "both modalities of a patient are in one fold"


def test_a_shared_space_transfers_and_a_mirrored_one_does_not():
    z, types, _ = clusters()
    other, other_types, _ = clusters(seed=1)
    assert transfer_accuracy(z, types, other, other_types)["accuracy"] > 0.9
    assert transfer_accuracy(z, types, -other, other_types)["accuracy"] < 0.6
    assert transfer_accuracy(z, types, other, ["x"] * 150)["accuracy"] == 0
    assert transfer_accuracy(z, ["a"] * 150, other, other_types)["accuracy"] == pytest.approx(1 / 3)


def test_the_standard_error_is_the_textbooks():
    mean, error = standard_error([1.0, 2.0, 4.0, np.nan])
    assert mean == pytest.approx(7 / 3)
    assert error == pytest.approx(np.std([1, 2, 4], ddof=1) / 3**0.5)
    assert np.isnan(standard_error([1.0])[1]) and np.isnan(standard_error([])[0])


def test_bad_input_is_named():
    z, types, patient = clusters(20)
    with pytest.raises(ValueError, match="two classes of 5 or more patients"):
        cohort_accuracy(z, ["a"] * 20, patient)
    with pytest.raises(ValueError, match="20 samples, `patient` has 19"):
        cohort_accuracy(z, types, patient[1:])
    with pytest.raises(ValueError, match="got 3 and 2 dimensions"):
        modality_accuracy(z, z[:, :2], patient, patient)


@pytest.mark.parametrize("n_types", [2, 3])
def test_what_is_called_and_scored_is_xgboosts_and_scikit_learns(n_types):
    z, types, patient = clusters(n_types=n_types, gap=1.5)
    found = cohort_accuracy(z, types, patient)
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    y = np.unique(types, return_inverse=True)[1]
    for row, (train, test) in zip(found.itertuples(), folds.split(z, y, patient), strict=True):
        model = XGBClassifier(n_estimators=N_ROUNDS, **SETTINGS, random_state=0, n_jobs=1)
        called = model.fit(z[train], y[train]).predict(z[test])
        assert row.accuracy == accuracy_score(y[test], called)
        assert row.balanced_accuracy == pytest.approx(balanced_accuracy_score(y[test], called))


def test_shuffled_labels_go_to_whole_patients():
    """Labels dealt sample by sample would be easier to miss, and chance would look lower."""
    patients = np.repeat([f"P{i}" for i in range(40)], 3)
    names = np.repeat(np.array(["a", "b"])[np.arange(40) % 2], 3)
    shuffled = cohort_accuracy_module._permuted_over_patients(names, patients, 0)
    by_patient = shuffled.reshape(40, 3)
    assert (by_patient == by_patient[:, :1]).all() and (shuffled != names).any()
    assert sorted(by_patient[:, 0]) == sorted(names[::3])
