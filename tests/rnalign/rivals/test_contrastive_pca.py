import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.rnalign.rivals.contrastive_pca import (
    contrastive_components,
    covariance_difference,
    without_components,
)


def samples(seed, n_foreground=80, n_background=60, n_genes=25):
    rng = np.random.default_rng(seed)
    scales = rng.uniform(0.2, 3, (2, n_genes))
    mix = rng.normal(size=(2, n_genes, n_genes))
    return (
        rng.normal(size=(n_foreground, n_genes)) * scales[0] @ mix[0] + 4,
        rng.normal(size=(n_background, n_genes)) * scales[1] @ mix[1] - 2,
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), n_components=st.integers(1, 6))
def test_equals_the_dense_eigendecomposition(seed, n_components):
    foreground, background = samples(seed)
    dense = np.cov(foreground.T) - np.cov(background.T)
    values, vectors = np.linalg.eigh(dense)
    found, found_values = contrastive_components(foreground, background, n_components)
    np.testing.assert_allclose(found_values, values[::-1][:n_components], rtol=1e-4)
    np.testing.assert_allclose(found.T @ found, np.eye(n_components), atol=1e-6)
    for component in range(n_components):  # signs are arbitrary
        overlap = abs(found[:, component] @ vectors[:, -1 - component])
        assert overlap == pytest.approx(1, abs=1e-3)


def test_the_operator_is_the_difference_of_covariances():
    parts = [part - part.mean(axis=0) for part in samples(3)]
    operator = covariance_difference(*parts)
    np.testing.assert_allclose(
        operator @ np.eye(25), np.cov(parts[0].T) - np.cov(parts[1].T), atol=1e-10
    )


def test_finds_what_varies_in_the_foreground_alone():
    rng = np.random.default_rng(0)
    shared, stroma = np.linalg.qr(rng.normal(size=(50, 2)))[0].T
    noise = [rng.normal(0, 0.3, (n, 50)) for n in (300, 200)]
    both = [10 * np.outer(rng.normal(size=len(part)), shared) for part in noise]
    foreground = noise[0] + both[0] + 3 * np.outer(rng.normal(size=300), stroma)
    background = noise[1] + both[1] * (both[0].std() / both[1].std())
    vectors, values = contrastive_components(foreground.astype(np.float32), background, 1)
    assert abs(vectors[:, 0] @ stroma) > 0.9
    assert values[0] == pytest.approx(9, rel=0.3)


def test_single_precision_gives_the_same_components():
    foreground, background = samples(1)
    vectors, _ = contrastive_components(foreground, background, 4)
    single, _ = contrastive_components(
        foreground.astype(np.float32), background.astype(np.float32), 4
    )
    np.testing.assert_allclose(np.abs(np.sum(vectors * single, axis=0)), 1, atol=1e-3)


def test_removal_leaves_nothing_along_the_components_and_the_rest_alone():
    foreground, background = samples(2)
    vectors, _ = contrastive_components(foreground, background, 4)
    kept = without_components(foreground, vectors)
    np.testing.assert_allclose(kept @ vectors, 0, atol=1e-6)
    np.testing.assert_allclose(kept, without_components(kept, vectors), atol=1e-6)
    others = np.linalg.qr(np.column_stack([vectors, np.eye(25)]))[0][:, 4:]
    np.testing.assert_allclose(kept @ others, foreground @ others, atol=1e-5)


def test_memory_is_not_that_of_genes_by_genes():
    n_genes = 4000
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, n_genes)).astype(np.float32) for n in (60, 40)]
    tracemalloc.start()
    contrastive_components(*parts, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * n_genes**2 / 10


@pytest.mark.parametrize(
    ("foreground", "background", "n_components", "message"),
    [
        (np.ones((5, 3)), np.ones((5, 4)), 1, "must have the same genes; got 3 and 4"),
        (np.ones((1, 3)), np.ones((5, 3)), 1, "`foreground` must have at least 2 samples"),
        (np.ones((5, 3)), np.full((5, 3), np.nan), 1, "`background` must be finite; 15 of 15"),
        (np.ones((5, 3)), np.ones((5, 3)), 3, "must lie in 1 … 2"),
        (np.ones((5, 3)), np.ones((5, 3)), 0, "must lie in 1 … 2"),
    ],
)
def test_bad_input_is_named(foreground, background, n_components, message):
    with pytest.raises(ValueError, match=message):
        contrastive_components(foreground, background, n_components)
