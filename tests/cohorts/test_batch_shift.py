"""The shift between batches, against statsmodels and against what it must leave alone."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.batch_shift import BatchShift, batch_shifts, warn_of_unseen


@pytest.fixture
def batched():
    """(x, obs) of two types on three machines, unevenly mixed, with a shift per machine."""
    rng = np.random.default_rng(0)
    cancer_type = rng.choice(["A", "B"], 240)
    shares = {"A": [0.7, 0.2, 0.1], "B": [0.1, 0.3, 0.6]}
    batch = np.array([rng.choice(["m1", "m2", "m3"], p=shares[t]) for t in cancer_type])
    x = rng.normal(6, 1, (240, 6)) + 2 * (cancer_type == "A")[:, None]
    x += np.array([{"m1": 0, "m2": 1.5, "m3": -1}[b] for b in batch])[:, None]
    return x, pd.DataFrame({"cancer_type": cancer_type, "batch": batch})


def test_shifts_are_those_of_the_joint_regression(batched):
    import statsmodels.formula.api as smf

    x, obs = batched
    shifts = batch_shifts(x, obs["cancer_type"], obs["batch"])
    n = obs["batch"].value_counts()
    for j in range(x.shape[1]):
        fit = smf.ols("x ~ C(cancer_type) + C(batch)", obs.assign(x=x[:, j])).fit()
        coefficient = pd.Series({b: fit.params.get(f"C(batch)[T.{b}]", 0.0) for b in n.index})
        centred = coefficient - np.average(coefficient, weights=n[coefficient.index])
        np.testing.assert_allclose(shifts[j], centred[shifts.index], atol=1e-9)


def test_a_batch_that_is_a_type_of_its_own_is_not_touched():
    x = np.vstack([np.full((10, 1), v) for v in (1.0, 3.0, 9.0)])
    cancer_type = pd.Series(["A"] * 20 + ["LAML"] * 10)
    batch = pd.Series(["m1"] * 10 + ["m2"] * 10 + ["m3"] * 10)
    shifts = batch_shifts(x, cancer_type, batch)
    np.testing.assert_allclose(shifts[0], [-1, 1, 0], atol=1e-9)


def test_a_batch_shared_through_other_types_is_corrected():
    """LAML is on m1 alone; m1's shift is known from type A."""
    x = np.vstack([np.full((10, 1), v) for v in (1.0, 3.0, 9.0)])
    cancer_type = pd.Series(["A"] * 20 + ["LAML"] * 10)
    batch = pd.Series(["m1"] * 10 + ["m2"] * 10 + ["m1"] * 10)
    shifts = batch_shifts(x, cancer_type, batch)
    assert shifts.loc["m2", 0] - shifts.loc["m1", 0] == pytest.approx(2)
    assert 20 * shifts.loc["m1", 0] + 10 * shifts.loc["m2", 0] == pytest.approx(0)


def test_a_batch_of_few_samples_keeps_its_signal(batched):
    x, obs = batched
    obs.loc[:2, "batch"] = "tiny"
    shift = BatchShift().fit(x, obs).shift_
    assert (shift.loc["tiny"] == 0).all()
    assert (shift.drop("tiny").abs().to_numpy() > 0).all()


def test_missing_batches_are_a_batch(batched):
    x, obs = batched
    obs.loc[::4, "batch"] = np.nan
    assert "unknown" in BatchShift().fit(x, obs).shift_.index


def test_only_the_features_that_are_said_to_shift_do(batched):
    x, obs = batched
    is_shifted = np.arange(6) < 2
    some, every = BatchShift().fit(x, obs, is_shifted).of(obs), BatchShift().fit(x, obs).of(obs)
    np.testing.assert_array_equal(some[:, :2], every[:, :2])
    assert (some[:, 2:] == 0).all()


@pytest.mark.parametrize("batch", [None, "one", ["few"] * 9 + ["many"] * 231])
def test_without_two_batches_to_compare_there_is_no_shift(batched, batch):
    x, obs = batched
    obs = obs.drop(columns="batch") if batch is None else obs.assign(batch=batch)
    assert BatchShift().fit(x, obs).of(obs) == 0.0


def test_each_row_gets_the_shift_of_its_batch_and_an_unseen_one_none(batched):
    x, obs = batched
    shift = BatchShift().fit(x, obs)
    new = pd.DataFrame({"batch": ["m2", "m9", "m1"]})
    with pytest.warns(UserWarning, match="batch m9 had no training sample"):
        found = shift.of(new)
    np.testing.assert_array_equal(found[[0, 2]], shift.shift_.loc[["m2", "m1"]])
    assert (found[1] == 0).all()
    with pytest.warns(UserWarning, match="batch unknown had no training sample"):
        assert (shift.of(new.drop(columns="batch")) == 0).all()


def test_what_was_seen_gives_no_warning(recwarn):
    warn_of_unseen("batch", ["a", "b"], ["b", "a", "c"])
    assert len(recwarn) == 0
