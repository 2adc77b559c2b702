import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from helpers.rnalign.rivals.linear_projection import LinearProjection, types_of_varying_purity


def columns(data, rows=slice(None)):
    return data.x[rows], data.is_line[rows], data.cancer_type[rows], data.purity[rows]


def test_each_types_slope_is_scipys(planted):
    model = LinearProjection().fit(*columns(planted))
    rows = (planted.cancer_type == "type 2") & ~planted.is_line
    for gene in (0, 50, 119):
        expected = linregress(planted.purity[rows], planted.x[rows, gene]).slope
        assert model.type_slopes["type 2"][gene] == pytest.approx(expected)


def test_the_pooled_slope_is_that_of_one_intercept_per_type(planted):
    model = LinearProjection().fit(*columns(planted))
    tumours = ~planted.is_line
    dummies = planted.cancer_type[tumours, None] == np.unique(planted.cancer_type)
    design = np.column_stack([planted.purity[tumours], dummies.astype(float)])
    expected = np.linalg.lstsq(design, planted.x[tumours], rcond=None)[0][0]
    np.testing.assert_allclose(model.slope, expected, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100))
def test_what_is_linear_in_purity_is_removed_and_the_rest_kept(seed):
    rng = np.random.default_rng(seed)
    purity, cancer = rng.uniform(0.1, 1, 40), rng.normal(size=(40, 6))
    stroma, no = rng.normal(size=6), np.zeros(40, bool)
    cancer -= np.outer(
        purity - purity.mean(),
        np.linalg.lstsq((purity - purity.mean())[:, None], cancer, rcond=None)[0][0],
    )
    x, types = cancer + np.outer(1 - purity, stroma), np.repeat("a", 40)
    projected = LinearProjection().fit(x, no, types, purity).transform(x, no, types, purity)
    np.testing.assert_allclose(projected, cancer, atol=1e-9)


def test_planted_stroma_is_removed_and_culture_is_not(planted):
    model = LinearProjection().fit(*columns(planted))
    projected = model.transform(*columns(planted))
    tumours = ~planted.is_line
    before = np.abs(planted.x - planted.cancer)[tumours].mean()
    assert np.abs(projected - planted.cancer)[tumours].mean() < 0.15 * before
    assert np.corrcoef(-model.slope, planted.stroma)[0, 1] > 0.99
    np.testing.assert_array_equal(projected[planted.is_line], planted.x[planted.is_line])


def test_pure_tumours_stay_where_they_are(planted):
    model = LinearProjection().fit(*columns(planted))
    x, is_line, types, _ = columns(planted)
    np.testing.assert_array_equal(model.transform(x, is_line, types, np.ones(len(x))), x)


def test_small_and_even_and_unseen_types_take_the_pooled_slope(planted):
    is_few = (planted.cancer_type == "type 0") & (np.arange(320) >= 19)
    planted.purity[planted.cancer_type == "type 1"] = 0.6 + 0.001 * (np.arange(80) % 2)
    model = LinearProjection().fit(*columns(planted, ~is_few))
    assert sorted(model.type_slopes) == ["type 2", "type 3"]
    for name in ("type 0", "type 1", "unseen"):
        moved = model.transform(np.zeros((1, 120)), [False], [name], [0.5])[0]
        np.testing.assert_allclose(moved, 0.5 * model.slope)


@pytest.mark.parametrize("filled_in", [0.7, 0.5, 0.1])
def test_a_type_of_one_purity_stays_as_it_is(planted, filled_in):
    is_even = (planted.cancer_type == "type 1") & ~planted.is_line
    planted.purity[is_even] = filled_in
    assert "type 1" not in types_of_varying_purity(*columns(planted)[1:])
    model = LinearProjection().fit(*columns(planted))
    projected = model.transform(*columns(planted))
    np.testing.assert_array_equal(projected[is_even], planted.x[is_even])
    assert np.abs(model.slope).max() < 100
    planted.purity[~planted.is_line] = filled_in
    with pytest.raises(ValueError, match="do not vary within any cancer type"):
        LinearProjection().fit(*columns(planted))


@pytest.mark.parametrize(
    ("purity", "message"),
    [
        (lambda p: p * 100, r"`purity` must lie in 0–1; sample 0 has"),
        (lambda p: np.where(np.arange(320) == 7, -0.1, p), "sample 7 has -0.1, and 1 of 320"),
        (lambda p: np.where(np.arange(320) == 7, np.nan, p), "`purity` must be complete; 1 of"),
        (lambda p: np.full(320, 0.5), "do not vary within any cancer type"),
    ],
)
def test_bad_purity_is_named(planted, purity, message):
    planted.purity = purity(planted.purity)
    with pytest.raises(ValueError, match=message):
        LinearProjection().fit(*columns(planted))
