import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.preprocessing import StandardScaler

from helpers.cohorts.standardiser import Standardiser

TABLES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=8),
    elements=st.floats(-100, 100).map(lambda value: round(value, 3)),
)


@given(TABLES)
def test_it_agrees_with_scikit_learn_and_can_be_undone(x):
    standardiser = Standardiser().fit(x)
    scaled = standardiser.transform(x)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(x), atol=1e-4)
    np.testing.assert_allclose(standardiser.undo(scaled), x, atol=1e-4)


def test_a_feature_that_is_constant_in_training_is_0_there_and_keeps_its_unit_elsewhere():
    standardiser = Standardiser().fit(np.full((5, 1), 3.0))
    assert standardiser.transform(np.array([[3.0], [5.0]])).ravel().tolist() == [0, 2]


def test_one_number_for_all_keeps_what_features_weigh():
    x = np.random.default_rng(0).normal(size=(50, 3)) * [1, 2, 5]
    common = Standardiser(each=False).fit(x)
    assert len(set(common.scale_)) == 1
    assert common.scale_[0] ** 2 == pytest.approx(x.var(axis=0).mean())
    ratio = common.transform(x).std(axis=0) / x.std(axis=0)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)


def test_deviations_of_float32_are_summed_in_float64():
    x = np.full((100_000, 1), 1e4, np.float32) + np.tile([[0.0], [1.0]], (50_000, 1))
    x = x.astype(np.float32)
    assert Standardiser().fit(x).mean_[0] == 1e4 + 0.5
    assert Standardiser().fit(x).scale_[0] == pytest.approx(0.5)
