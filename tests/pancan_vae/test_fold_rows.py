"""A fold of a cohort whose values stay in a file equals that of the same cohort in memory."""

import tracemalloc

import numpy as np
import pytest

from helpers.cohorts.feature_sets import cohort_sets
from helpers.cohorts.on_disk.scaled_rows import ScaledRows
from helpers.cohorts.on_disk.stores import open_store
from helpers.pancan_vae.classifiers import space_comparison
from helpers.pancan_vae.classifiers.space_comparison import compare_classifiers
from helpers.pancan_vae.enrichment.hallmarks import read_latents
from helpers.pancan_vae.fold_rows import FoldRows, features_times
from helpers.pancan_vae.folds import prepare_fold, train_fold
from helpers.pancan_vae.neighbouring_settings import compare_settings, neighbouring_settings
from helpers.pancan_vae.sealed_folds import sealed_folds


def test_parts_are_rows_of_one_matrix():
    x = np.arange(12.0).reshape(6, 2)
    is_in = {"some": np.array([1, 0, 0, 1, 0, 0], bool), "all": np.ones(6, bool)}
    rows = FoldRows(x, is_in)
    np.testing.assert_array_equal(rows["some"], x[[0, 3]])
    assert rows["all"] is x and dict(rows).keys() == is_in.keys() and len(rows) == 2


@pytest.fixture(scope="module")
def lazy(small_pancan, tmp_path_factory):
    path = tmp_path_factory.mktemp("big") / "cohort.h5ad"
    small_pancan.write_h5ad(path)
    return open_store(path, lazy=True, n_rows=64)


@pytest.fixture(scope="module")
def both(small_pancan, lazy, inputs, recipe):
    """The first fold trained in memory, and again from a file."""
    folds = []
    for cohort in (small_pancan, lazy):
        split = sealed_folds(cohort, 0.2, 1)[0]
        folds.append(train_fold(prepare_fold(cohort, split, inputs, 7), recipe))
    return folds


def test_a_fold_on_disk_is_the_fold_in_memory(both):
    here, there = both
    assert here.fold.features == there.fold.features
    for part, x in here.fold.x.items():
        assert isinstance(there.fold.x[part], ScaledRows)
        np.testing.assert_allclose(np.asarray(there.fold.x[part]), x, atol=1e-4)
        assert there.fold.x[part].shape == x.shape
        assert (there.fold.types[part] == here.fold.types[part]).all()


def test_its_models_are_those_of_the_fold_in_memory(both):
    here, there = both
    assert there.history.best_epoch == here.history.best_epoch
    np.testing.assert_allclose(there.z["test"], here.z["test"], atol=0.01)
    r = np.corrcoef(there.components["test"].T, here.components["test"].T)
    n = len(r) // 2
    np.testing.assert_allclose(np.abs(np.diag(r[:n, n:])), 1, atol=1e-3)
    x = here.fold.x["train"]
    found = features_times(there.fold.x["train"], here.z["train"])
    np.testing.assert_allclose(found, x.T @ here.z["train"], rtol=1e-3, atol=0.1)
    assert there.directions["test"].shape == there.z["test"].shape


def test_what_needs_whole_profiles_reads_them_from_disk(both, small_pancan, inputs, monkeypatch):
    here, there = both
    scores = [compare_classifiers([run]).scores.set_index("variant") for run in both]
    assert scores[1].loc["raw", "accuracy"] == scores[0].loc["raw", "accuracy"]
    readings = [read_latents(run, inputs, cohort_sets(small_pancan), 0) for run in both]
    np.testing.assert_allclose(readings[1].x, readings[0].x, atol=1e-4)
    monkeypatch.setattr(space_comparison, "MOST_RAW", 100)
    few = compare_classifiers([there]).scores.set_index("variant")
    assert few.loc["raw", "n_train"] == 100 < few.loc["vae", "n_train"]
    in_memory = compare_classifiers([here]).scores.set_index("variant")
    assert in_memory.loc["raw", "n_train"] == in_memory.loc["vae", "n_train"]


def test_few_of_those_held_out_on_disk_are_tested(small_pancan, lazy, monkeypatch):
    monkeypatch.setattr("helpers.pancan_vae.sealed_folds.MOST_TESTED", 40)
    for whole, few in zip(
        sealed_folds(small_pancan, 0.2, 3), sealed_folds(lazy, 0.2, 3), strict=True
    ):
        assert list(few[0].obs_names) == list(whole[0].obs_names)
        assert set(few[1].obs_names) < set(whole[1].obs_names)
        assert 36 <= few[1].n_obs <= 44 and set(few[1].obs["cancer_type"]) == set(
            whole[1].obs["cancer_type"]
        )


def test_settings_are_compared_from_disk(both, recipe):
    tables = [
        compare_settings(run.fold, neighbouring_settings(recipe, 1), "BLOOD", 1, 0).table
        for run in both
    ]
    columns = ["n", "accuracy", "best epoch"]
    assert (tables[0][columns] == tables[1][columns]).all(axis=None)


def test_a_fold_holds_its_samples_once(small_pancan, inputs):
    tracemalloc.start()
    splits = sealed_folds(small_pancan, 0.2, 5)
    of_splits = tracemalloc.get_traced_memory()[0]
    assert of_splits < 0.3 * small_pancan.X.nbytes  # copies would be 5
    fold = prepare_fold(small_pancan, splits[0], inputs, 0)
    of_fold = tracemalloc.get_traced_memory()[0] - of_splits
    tracemalloc.stop()
    assert of_fold < 1.5 * fold.x["all"].nbytes  # a copy of every part would be 2.8
