"""Preprocessing: what is fitted on training rows, against statsmodels and against leaks."""

import tracemalloc

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.stats import median_abs_deviation

from helpers.cohorts import preprocess
from helpers.cohorts.batch_shift import batch_shifts
from helpers.cohorts.preprocess import Preprocessor


def _batched_cohort(seed=0, n=240, n_features=6):
    """Two types and three machines, unevenly mixed, with a shift per machine."""
    rng = np.random.default_rng(seed)
    cancer_type = rng.choice(["A", "B"], n)
    shares = {"A": [0.7, 0.2, 0.1], "B": [0.1, 0.3, 0.6]}
    batch = np.array([rng.choice(["m1", "m2", "m3"], p=shares[t]) for t in cancer_type])
    x = rng.normal(6, 1, (n, n_features)) + 2 * (cancer_type == "A")[:, None]
    x += np.array([{"m1": 0, "m2": 1.5, "m3": -1}[b] for b in batch])[:, None]
    obs = pd.DataFrame({"cancer_type": cancer_type, "batch": batch}, [f"s{i}" for i in range(n)])
    var = pd.DataFrame(index=[f"g{i}" for i in range(n_features)])
    return anndata.AnnData(x.astype(np.float32), obs, var)


def test_training_rows_are_standardised():
    z = Preprocessor().fit_transform(_batched_cohort())
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-5)


def test_the_shift_goes_and_the_types_difference_stays():
    cohort = _batched_cohort(n=2000)
    z = Preprocessor().fit_transform(cohort)
    is_a = (cohort.obs["cancer_type"] == "A").to_numpy()
    for batch in ("m2", "m3"):
        within = [(cohort.obs["batch"] == b).to_numpy() & is_a for b in ("m1", batch)]
        assert abs(z[within[0]].mean() - z[within[1]].mean()) < 0.1
    uncorrected = Preprocessor(batch_correction=False).fit_transform(cohort)
    assert z[is_a].mean() - z[~is_a].mean() > 1.2
    assert not np.allclose(z, uncorrected)


def test_the_mean_expression_stays():
    cohort = _batched_cohort()
    processor = Preprocessor().fit(cohort)
    np.testing.assert_allclose(processor.mean_, np.asarray(cohort.X).mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("batch", [None, "one machine"])
def test_without_batches_nothing_is_removed(batch):
    cohort = _batched_cohort()
    del cohort.obs["batch"]
    plain = Preprocessor(batch_correction=False).fit_transform(cohort)
    if batch:
        cohort.obs["batch"] = batch
    np.testing.assert_array_equal(Preprocessor().fit_transform(cohort), plain)


def test_test_rows_change_nothing_in_the_fit():
    cohort = _batched_cohort()
    train, test = cohort[:160].copy(), cohort[160:].copy()
    first = Preprocessor(n_features=4).fit(train)
    z = first.transform(test)
    test.X = np.asarray(test.X) * 100
    first.transform(test)
    again = Preprocessor(n_features=4).fit(train)
    assert list(first.feature_names) == list(again.feature_names)
    for name in ("mean_", "scale_"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    single = np.vstack([first.transform(cohort[i : i + 1]) for i in range(160, cohort.n_obs)])
    np.testing.assert_allclose(single, z, atol=1e-6)


def test_cancer_type_of_test_samples_is_not_used():
    cohort = _batched_cohort()
    processor = Preprocessor().fit(cohort)
    blind = cohort.copy()
    del blind.obs["cancer_type"]
    np.testing.assert_array_equal(processor.transform(blind), processor.transform(cohort))


def test_an_unseen_batch_is_not_shifted_and_warned_of():
    cohort = _batched_cohort()
    processor = Preprocessor().fit(cohort)
    new = cohort[:2].copy()
    new.obs["batch"] = "m9"
    with pytest.warns(UserWarning, match="batch m9 had no training sample") as warned:
        z = processor.transform(new)
    assert warned[0].filename == __file__, "it points at who asked"
    np.testing.assert_allclose(z, (new.X - processor.mean_) / processor.scale_, rtol=1e-5)


def test_features_must_be_expressed_and_vary():
    cohort = _batched_cohort()
    x = np.array(cohort.X)
    x[:, 0], x[:, 1] = 0.0, 5.0  # not expressed; constant
    x[:, 2] = 0.0
    x[:5, 2] = 40.0  # mean above 0.5, but in 2 % of the samples
    cohort.X = x
    assert list(Preprocessor().fit(cohort).feature_names) == ["g3", "g4", "g5"]
    assert "g2" in Preprocessor(min_fraction=0.01).fit(cohort).feature_names


@pytest.mark.parametrize("rank_by", ["mad", "variance"])
def test_the_most_variable_features_in_their_order(rank_by):
    cohort = _batched_cohort()
    cohort.X = np.asarray(cohort.X) * np.array([1, 5, 1, 3, 1, 4], dtype=np.float32)
    processor = Preprocessor(n_features=3, rank_by=rank_by).fit(cohort)
    assert list(processor.feature_names) == ["g1", "g3", "g5"]


def test_mad_agrees_with_scipy():
    from scipy.stats import median_abs_deviation

    from helpers.cohorts.preprocess import _SPREAD

    x = np.random.default_rng(0).gamma(2, 1, (50, 7))
    np.testing.assert_allclose(_SPREAD["mad"](x), median_abs_deviation(x))


def test_nothing_expressed():
    cohort = _batched_cohort()
    cohort.X = np.asarray(cohort.X) - 100
    with pytest.raises(ValueError, match=r"no feature varies.*Lower min_mean, or"):
        Preprocessor().fit(cohort)


def test_z_scores_are_not_filtered_by_their_mean():
    cohort = _batched_cohort()
    x = np.asarray(cohort.X)
    cohort.X = (x - x.mean(axis=0)) / x.std(axis=0)
    cohort.X[:, 0] = 0
    assert list(Preprocessor().fit(cohort).feature_names) == list(cohort.var_names[1:])


def test_features_that_are_not_there():
    cohort = _batched_cohort()
    with pytest.raises(ValueError, match="lacks 2, such as g0"):
        Preprocessor().fit(cohort).transform(cohort[:, 2:].copy())


def test_features_in_another_order():
    cohort = _batched_cohort()
    processor = Preprocessor().fit(cohort)
    shuffled = cohort[:, ::-1].copy()
    np.testing.assert_array_equal(processor.transform(shuffled), processor.transform(cohort))


def test_unknown_ranking():
    with pytest.raises(ValueError, match="must be one of mad, variance; got 'range'"):
        Preprocessor(rank_by="range")


@pytest.mark.real
def test_the_machines_effect_is_removed_from_held_out_patients(tcga_mirna):
    """The shift between machines, refitted on held-out patients, falls to less than half."""
    from helpers.cohorts.sample_selection import select_tumours
    from helpers.cohorts.splits import split_by_patient

    train, test = split_by_patient(select_tumours(tcga_mirna), seed=0)
    left = []
    for correct in (False, True):
        z = Preprocessor(batch_correction=correct).fit(train).transform(test)
        shifts = batch_shifts(z, test.obs["cancer_type"], test.obs["batch"])
        left.append(np.sqrt((shifts.diff().iloc[1] ** 2).mean()))
    assert left[1] < 0.5 * left[0]


@pytest.mark.parametrize("n", [8, 9])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_median_absolute_deviation_is_scipys(n, kind, monkeypatch):
    monkeypatch.setattr(preprocess, "_COLUMNS_AT_ONCE", 3)
    x = np.random.default_rng(0).gamma(2, 1, (n, 7)).astype(kind)
    x[:, 2] = 1.0
    expected = median_abs_deviation(x.astype(np.float64), axis=0)
    np.testing.assert_array_equal(preprocess._SPREAD["mad"](x), expected)


@pytest.mark.parametrize("rank_by", ["mad", "variance"])
def test_fitting_makes_no_copy_of_all_features(rank_by, monkeypatch):
    monkeypatch.setattr(preprocess, "GROUP_BYTES", 2**22)
    x = np.random.default_rng(0).gamma(3, 1, (2000, 9000)).astype(np.float32)
    obs = pd.DataFrame({"cancer_type": "A"}, [f"s{i}" for i in range(len(x))])
    cohort = anndata.AnnData(x, obs)
    scaling = Preprocessor(n_features=100, rank_by=rank_by, batch_correction=False)
    tracemalloc.start()
    scaling.fit(cohort)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    spread = _SPREADS[rank_by](x)
    assert set(scaling.feature_names) == set(cohort.var_names[np.argsort(-spread)[:100]])
    assert peak < 0.8 * x.nbytes, f"{peak / x.nbytes:.1f} × the expression"


_SPREADS = {
    "mad": lambda x: median_abs_deviation(x, axis=0),
    "variance": lambda x: x.var(axis=0, dtype=np.float64),
}
