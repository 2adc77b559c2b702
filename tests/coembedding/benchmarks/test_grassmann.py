import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import subspace_angles

from helpers.coembedding.benchmarks.grassmann import grassmann_distance, principal_angles


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.floats(0, np.pi / 2), min_size=1, max_size=5))
def test_planted_angles_are_found_whatever_spans_the_subspaces(seed, angles):
    rng, n = np.random.default_rng(seed), len(angles)
    axes = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    a = axes[:, :n]
    b = a * np.cos(angles) + axes[:, n : 2 * n] * np.sin(angles)  # each axis turned by its angle
    mixed = [x @ (np.eye(n) + 0.2 * rng.normal(size=(n, n)) / n) for x in (a, b)]
    np.testing.assert_allclose(principal_angles(*mixed), np.sort(angles), atol=1e-6)
    more = np.c_[mixed[1], axes[:, 15:18]]  # three axes that are in neither
    np.testing.assert_allclose(principal_angles(mixed[0], more), np.sort(angles), atol=1e-6)


@pytest.mark.parametrize("angle", [1e-7, 1e-3, 0.5, np.pi / 2 - 1e-7, np.pi / 2])
def test_small_and_large_angles_are_exact(angle):
    a = np.eye(5)[:, :2]
    b = np.stack([np.eye(5)[0], np.cos(angle) * np.eye(5)[1] + np.sin(angle) * np.eye(5)[2]], 1)
    np.testing.assert_allclose(principal_angles(a, b), [0, angle], atol=1e-12)


def one_hot(labels):
    return pd.get_dummies(pd.Series(labels)).to_numpy(float)


def test_an_embedding_of_the_labels_is_at_distance_0_and_its_complement_at_worst():
    labels = np.repeat(["a", "b", "c", "d"], 10)
    found = grassmann_distance(
        one_hot(labels) @ np.random.default_rng(0).normal(size=(4, 6)), labels
    )
    assert found["distance"] == pytest.approx(0, abs=1e-6)
    assert (found["n_angles"], found["rank_labels"], found["rank_embedding"]) == (3, 3, 3)
    centred = np.random.default_rng(1).normal(size=(40, 5))
    orthogonal = centred - one_hot(labels) @ np.linalg.lstsq(one_hot(labels), centred)[0]
    found = grassmann_distance(orthogonal, labels)
    assert found["distance"] == pytest.approx(found["worst"]) == pytest.approx(np.pi / 2 * 3**0.5)


def test_ranks_limit_the_angles_as_counted_independently():
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(60, 8)), rng.choice([*"abcdef"], 60)
    found = grassmann_distance(z, labels, n_angles=3)
    pcs = [
        np.linalg.svd(x - x.mean(0), full_matrices=False)[0][:, :3] for x in (z, one_hot(labels))
    ]
    assert found["n_angles"] == 3
    assert found["distance"] == pytest.approx(np.linalg.norm(subspace_angles(*pcs)))


def test_dimensions_alone_lower_the_distance_and_chance_shows_it():
    rng = np.random.default_rng(0)
    labels = rng.choice([*"abcd"], 100)
    noise = rng.normal(size=(100, 90))
    few, many = (grassmann_distance(noise[:, :n], labels) for n in (10, 90))
    assert many["distance"] < few["distance"]
    assert many["distance"] == pytest.approx(many["chance"], rel=0.15)
    informed = grassmann_distance(3 * one_hot(labels) + 0.5 * rng.normal(size=(100, 4)), labels)
    assert informed["distance"] < 0.6 * informed["chance"]


def test_scale_and_shift_change_nothing():
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(50, 5)), rng.choice([*"abc"], 50)
    moved = 7 * z @ np.linalg.qr(rng.normal(size=(5, 5)))[0] + 100
    expected = grassmann_distance(z, labels)["distance"]
    assert grassmann_distance(moved, labels)["distance"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("z", "labels", "options", "message"),
    [
        (np.eye(4), ["a"] * 4, {}, "two or more classes"),
        (np.ones((4, 2)), [*"aabb"], {}, "`z` spans nothing"),
        (np.eye(4), [*"aab"], {}, "4 samples, `labels` has 3"),
        (np.eye(4), [*"aabb"], {"n_angles": 0}, "at least 1; got 0"),
    ],
)
def test_bad_input_is_named(z, labels, options, message):
    with pytest.raises(ValueError, match=message):
        grassmann_distance(z, labels, **options)
