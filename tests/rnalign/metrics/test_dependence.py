import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

import helpers.rnalign.metrics.dependence as dependence
from helpers.rnalign.metrics.dependence import unbiased_distance_correlation


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 60), st.integers(1, 5), st.floats(0, 2))
def test_the_value_is_dcors(dcor, seed, n, d, strength):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    y = strength * x[:, :1] ** 2 + rng.normal(size=(n, 2))
    found = unbiased_distance_correlation(x, y)[0]
    assert found == pytest.approx(dcor.u_distance_correlation_sqr(x, y), abs=1e-9)


def test_blocks_do_not_matter(dcor, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 3)) + 1e3
    y = x + rng.normal(size=(100, 3))
    whole = unbiased_distance_correlation(x, y)[0]
    monkeypatch.setattr(dependence, "BLOCK", 7)
    assert unbiased_distance_correlation(x, y)[0] == pytest.approx(whole)
    assert whole == pytest.approx(dcor.u_distance_correlation_sqr(x, y), abs=1e-7)


@pytest.mark.parametrize("n", [3, 64, 100])
def test_a_product_in_another_order_is_that_of_the_matrix_laid_out(n):
    rng = np.random.default_rng(0)
    a, b, order = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.permutation(n)
    expected = (a * b[np.ix_(order, order)]).sum()
    assert dependence._permuted_product(a, b, order) == pytest.approx(expected)


def test_independence_has_no_floor(dcor):
    # The planted error: the biased form says .4 of 64 independent samples in 64 dimensions.
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(size=(64, 64)), rng.normal(size=(64, 10))) for _ in range(30)]
    values = [unbiased_distance_correlation(x, y)[0] for x, y in pairs]
    assert abs(np.mean(values)) < 0.01
    assert min(dcor.distance_correlation(x, y) for x, y in pairs) > 0.3


def test_special_cases():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 4))
    turned = -3 * x @ ortho_group.rvs(4, random_state=0) + 2
    assert unbiased_distance_correlation(x, turned)[0] == pytest.approx(1)
    assert unbiased_distance_correlation(x, np.ones(50))[0] == 0
    assert unbiased_distance_correlation(np.full((50, 2), 1 / 3), x, n_permutations=9) == (0, 1)
    value, p = unbiased_distance_correlation(x[:, 0], x[:, 0] ** 2)
    assert value > 0.1 and np.isnan(p)
    assert value == pytest.approx(unbiased_distance_correlation(x[:, 0] ** 2, x[:, 0])[0])


def test_permutations_give_valid_p_values():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 2))
    dependent = unbiased_distance_correlation(x, x**2, n_permutations=99)
    assert dependent[1] == 0.01
    assert dependent == unbiased_distance_correlation(x, x**2, n_permutations=99)
    p = [
        unbiased_distance_correlation(x, rng.normal(size=(40, 2)), n_permutations=49)[1]
        for _ in range(60)
    ]
    assert 0.35 < np.mean(p) < 0.65 and min(p) >= 0.02


def test_the_p_value_is_that_of_permuting_dcors_value(dcor):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 2))
    y = 0.5 * x + rng.normal(size=(60, 2))
    value, p = unbiased_distance_correlation(x, y, n_permutations=199, seed=5)
    orders = np.random.default_rng(5)
    null = [
        dcor.u_distance_correlation_sqr(x, y[orders.permutation(60)], method="naive")
        for _ in range(199)
    ]
    assert p == (1 + np.sum(np.array(null) >= value)) / 200
    assert 0.05 < p < 0.5  # so that the comparison says something


def test_misfits_are_named():
    with pytest.raises(ValueError, match="needs 4 samples; got 3"):
        unbiased_distance_correlation(np.arange(3.0), np.arange(3.0))
    with pytest.raises(ValueError, match="`y` must have one row per sample: 5 samples"):
        unbiased_distance_correlation(np.arange(5.0), np.arange(6.0))


def test_of_many_samples_some_are_drawn_for_the_permutations(monkeypatch):
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(400, 2)), rng.normal(size=(400, 2))
    value, _ = unbiased_distance_correlation(x, x + noise)
    monkeypatch.setattr(dependence, "MOST_PERMUTED", 100)
    shapes = []
    product = dependence._permuted_product

    def spy(a, b, order):
        shapes.append((a.shape, b.shape))
        return product(a, b, order)

    monkeypatch.setattr(dependence, "_permuted_product", spy)
    found, p = unbiased_distance_correlation(x, x + noise, n_permutations=19)
    assert found == value and p == 0.05
    assert set(shapes) == {((100, 100), (100, 100))}
    assert unbiased_distance_correlation(x, noise, n_permutations=19)[1] > 0.05
