"""removeBatchEffect: against the linear model it stands for, and frozen after training."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.coembedding.donors.batch_effect import BatchEffect


def simulate(seed=0, n=120, n_features=4):
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame(
        {
            "cancer_type": rng.choice(["A", "B", "C"], n),
            "batch": rng.choice(["x", "y", "z"], n, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["female", "male"], n),
            "age": rng.normal(60, 10, n),
        },
        index=[f"S{i}" for i in range(n)],
    )
    x = rng.normal(8, 1, (n, n_features))
    x += obs["cancer_type"].map({"A": 0, "B": 3, "C": -2}).to_numpy()[:, None]
    x += obs["batch"].map({"x": 0, "y": 1.5, "z": -1}).to_numpy()[:, None]
    x += 0.05 * obs["age"].to_numpy()[:, None]
    return x, obs


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_equals_the_linear_model_of_statsmodels(seed):
    x, obs = simulate(seed)
    found = BatchEffect(["batch", "sex"], ["age"]).fit(x, obs).transform(x, obs)
    # Sum-to-zero coding by hand: y and z against all, male against all; limma's contr.sum.
    sums = pd.DataFrame(index=obs.index)
    for column, (*levels, last) in {"batch": "xyz", "sex": ("female", "male")}.items():
        for level in levels:
            sums[level] = (obs[column] == level) * 1.0 - (obs[column] == last) * 1.0
    sums["age"] = obs["age"] - obs["age"].mean()
    design = pd.get_dummies(obs["cancer_type"]).astype(float).join(sums)
    for j in range(x.shape[1]):
        model = sm.OLS(x[:, j], design).fit()
        expected = x[:, j] - sums.to_numpy() @ model.params[sums.columns].to_numpy()
        np.testing.assert_allclose(found[:, j], expected, atol=1e-4)


def test_residuals_stay_and_batches_are_equal_beside_the_design():
    x, obs = simulate()
    found = BatchEffect(["batch"]).fit(x, obs).transform(x, obs).astype(float)
    design = pd.get_dummies(obs[["cancer_type", "batch"]]).to_numpy(float)
    kept = pd.get_dummies(obs["cancer_type"]).to_numpy(float)

    def residuals(matrix, y):
        return y - matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0]

    np.testing.assert_allclose(residuals(design, found), residuals(design, x), atol=1e-4)
    # Nothing is left that batches explain beside the cancer type.
    np.testing.assert_allclose(residuals(design, found), residuals(kept, found), atol=1e-4)


def test_in_a_balanced_design_batch_means_are_the_grand_mean():
    obs = pd.DataFrame({"batch": list("xxyy") * 5, "cancer_type": ["A", "B"] * 10})
    x = np.random.default_rng(0).normal(size=(20, 3)) + (obs["batch"] == "y").to_numpy()[:, None]
    found = BatchEffect().fit(x, obs).transform(x, obs)
    for batch in "xy":
        rows = (obs["batch"] == batch).to_numpy()
        np.testing.assert_allclose(found[rows].mean(axis=0), x.mean(axis=0), atol=1e-6)
    # The cancer types keep their difference.
    is_a = (obs["cancer_type"] == "A").to_numpy()
    difference = x[is_a].mean(axis=0) - x[~is_a].mean(axis=0)
    np.testing.assert_allclose(
        found[is_a].mean(axis=0) - found[~is_a].mean(axis=0), difference, atol=1e-6
    )


def test_test_samples_are_moved_by_training_coefficients_alone():
    x, obs = simulate(n=200)
    effect = BatchEffect(["batch"], ["age"]).fit(x[:150], obs[:150])
    alone = effect.transform(x[150:151], obs[150:151])
    np.testing.assert_array_equal(effect.transform(x[150:], obs[150:])[:1], alone)
    unlabelled = obs[150:].drop(columns="cancer_type")  # the design is not asked of new samples
    np.testing.assert_array_equal(effect.transform(x[150:], unlabelled)[:1], alone)


def test_a_shift_of_held_out_samples_is_mostly_gone():
    x, obs = simulate(n=400)
    effect = BatchEffect(["batch"]).fit(x[:250], obs[:250])
    rest = x[250:] - obs["cancer_type"][250:].map({"A": 0, "B": 3, "C": -2}).to_numpy()[:, None]
    after = rest + effect.transform(x[250:], obs[250:]) - x[250:]
    y, z = ((obs["batch"][250:] == batch).to_numpy() for batch in "yz")
    assert abs((rest[y] - rest[z].mean(axis=0)).mean()) > 2
    assert abs((after[y] - after[z].mean(axis=0)).mean()) < 0.3


def test_what_the_design_explains_is_left():
    x, obs = simulate()
    obs["plate"] = obs["cancer_type"].map({"A": "1", "B": "2", "C": "3"})
    effect = BatchEffect(["plate"]).fit(x, obs)
    assert effect.left_out_ == ["plate:1", "plate:2"]
    np.testing.assert_allclose(effect.transform(x, obs), x, rtol=1e-6)
    both = BatchEffect(["batch", "plate"]).fit(x, obs)
    assert both.left_out_ == ["plate:1", "plate:2"]
    np.testing.assert_allclose(
        both.transform(x, obs), BatchEffect(["batch"]).fit(x, obs).transform(x, obs), atol=1e-5
    )


def test_unknown_batches_and_ages_count_as_average():
    x, obs = simulate()
    effect = BatchEffect(["batch"], ["age"], design=None).fit(x, obs)
    new = pd.DataFrame({"batch": ["new"], "age": [np.nan]})
    with pytest.warns(UserWarning, match="batch new had no training sample"):
        found = effect.transform(x[:1], new)
    np.testing.assert_allclose(found, x[:1], rtol=1e-6)


def test_one_batch_changes_nothing():
    x, obs = simulate()
    obs["batch"] = "x"
    np.testing.assert_allclose(BatchEffect().fit(x, obs).transform(x, obs), x, rtol=1e-6)


def test_what_is_refused():
    x, obs = simulate()
    with pytest.raises(ValueError, match='obs must have "plate"'):
        BatchEffect(["plate"]).fit(x, obs)
    with pytest.raises(ValueError, match="must be fitted"):
        BatchEffect().transform(x, obs)
    with pytest.raises(ValueError, match=r"one row per sample of obs \(120\)"):
        BatchEffect().fit(x[:5], obs)
    x[3, 0] = np.nan
    with pytest.raises(ValueError, match="x must be finite"):
        BatchEffect().fit(x, obs)
