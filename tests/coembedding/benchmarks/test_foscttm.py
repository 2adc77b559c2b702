import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.coembedding.benchmarks import foscttm as module
from helpers.coembedding.benchmarks.foscttm import (
    donor_foscttm,
    foscttm,
    foscttm_inside,
    nearest_type_rate,
    shuffled_foscttm,
)


def naive(a, b):
    shares = []
    for i in range(len(a)):
        own = np.linalg.norm(a[i] - b[i])
        others = [np.linalg.norm(a[i] - b[j]) for j in range(len(b)) if j != i]
        shares.append(np.mean([1.0 if d < own else 0.5 if d == own else 0.0 for d in others]))
    return np.array(shares)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 30), noise=st.floats(0, 3))
def test_it_equals_a_loop(seed, n, noise):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, 3))
    b = a + noise * rng.normal(size=(n, 3))
    np.testing.assert_allclose(donor_foscttm(a, b), naive(a, b))
    found = foscttm(a, b)
    assert found["a_to_b"] == pytest.approx(naive(a, b).mean())
    assert found["b_to_a"] == pytest.approx(naive(b, a).mean())
    assert found["mean"] == pytest.approx((found["a_to_b"] + found["b_to_a"]) / 2)


def test_blocks_do_not_show(monkeypatch):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(25, 4)), rng.normal(size=(25, 4))
    whole = donor_foscttm(a, b)
    monkeypatch.setattr(module, "N_ROWS", 7)
    np.testing.assert_array_equal(donor_foscttm(a, b), whole)


def test_known_values():
    z = np.random.default_rng(0).normal(size=(30, 4))
    assert foscttm(z, z)["mean"] == 0
    line = np.arange(10.0)[:, None]
    assert donor_foscttm(line[:2], -line[:2]).tolist() == [0, 1]
    assert foscttm(line * 0, line * 0)["mean"] == 0.5, "a collapsed embedding is at chance"


def test_shuffles_are_at_chance_or_at_what_the_type_gives():
    rng = np.random.default_rng(0)
    types = rng.choice([*"abcd"], 200)
    centre = {name: 10 * rng.normal(size=5) for name in "abcd"}
    a = np.stack([centre[name] for name in types]) + rng.normal(size=(200, 5))
    b = a + 0.1 * rng.normal(size=a.shape)
    assert foscttm(a, b)["mean"] < 0.01
    assert shuffled_foscttm(a, b) == pytest.approx(0.5, abs=0.03)
    within = shuffled_foscttm(a, b, types)
    assert within == pytest.approx(0.5 * np.mean([(types == t).mean() for t in types]), abs=0.02)
    only_type = np.stack([centre[name] for name in types]) + rng.normal(size=(200, 5))
    gain = shuffled_foscttm(only_type, b, types) - foscttm(only_type, b)["mean"]
    assert abs(gain) < 0.03, "knowing the type is not knowing the donor"


def test_the_nearest_of_the_other_modality_and_its_type():
    query, target = np.array([[0.0], [1.0], [5.0]]), np.array([[0.1], [4.9], [9.0]])
    found = nearest_type_rate(query, target, [*"aab"], [*"abb"])
    assert found["rate"] == 1 and found["balanced"] == 1
    assert found["chance"] == pytest.approx((1 / 3 + 1 / 3 + 2 / 3) / 3)
    swapped = nearest_type_rate(query, target, [*"aab"], [*"cab"])
    assert swapped == {"rate": 0.0, "balanced": 0.0, "chance": pytest.approx(1 / 3)}


def test_bad_input_is_named():
    z = np.eye(4)
    with pytest.raises(ValueError, match="two or more shared donors"):
        foscttm(z[:1], z[:1])
    with pytest.raises(ValueError, match="two or more shared donors"):
        foscttm(np.zeros((0, 4)), np.zeros((0, 4)))
    with pytest.raises(ValueError, match=r"shapes \(4, 4\) and \(3, 4\)"):
        foscttm(z, z[:3])
    with pytest.raises(ValueError, match="got 4 and 3 dimensions"):
        foscttm(z, z[:, :3])
    with pytest.raises(ValueError, match="1 of 16 values are NaN"):
        foscttm(np.where(z * [1, 0, 0, 0], np.nan, z), z)


def test_inside_a_label_only_its_donors_count():
    rng = np.random.default_rng(0)
    labels = np.repeat(["a", "b", "few"], [40, 20, 3])
    centre = np.repeat([0.0, 50.0, 100.0], [40, 20, 3])[:, None]
    z, other = (centre + rng.normal(size=(63, 4)) for _ in range(2))
    assert foscttm(z, other)["mean"] < 0.3  # the label is found
    assert foscttm_inside(z, other, labels) == pytest.approx(0.5, abs=0.1)  # the donor is not
    assert foscttm_inside(z, z, labels) == 0
    parts = [foscttm(z[labels == name], other[labels == name])["mean"] for name in "ab"]
    assert foscttm_inside(z, other, labels) == pytest.approx((40 * parts[0] + 20 * parts[1]) / 60)
    assert np.isnan(foscttm_inside(z, other, labels, min_donors=50))
