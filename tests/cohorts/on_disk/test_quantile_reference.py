"""Quantile normalisation against pandas' ranks, and of blocks on disk against that in memory."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.on_disk import quantile_reference as module
from helpers.cohorts.on_disk.quantile_reference import (
    at_reference,
    normalised_rows,
    quantile_reference,
)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(module, "_VALUES_AT_ONCE", 100)


def matrix(kind, n_rows=37, n_columns=24):
    rng = np.random.default_rng(0)
    if kind == "ties":
        return rng.integers(0, 6, (n_rows, n_columns)).astype(np.float32)
    return rng.normal(size=(n_rows, n_columns)).astype(np.float32)


@pytest.mark.parametrize("kind", ["ties", "distinct"])
def test_values_are_the_reference_at_mean_ranks(kind):
    x = matrix(kind)
    reference = quantile_reference(x)
    np.testing.assert_allclose(reference, np.sort(x, axis=1).mean(axis=0), rtol=1e-6)
    ranks = pd.DataFrame(x).rank(axis=1) - 1
    expected = np.interp(ranks, np.arange(x.shape[1]), reference)
    np.testing.assert_allclose(at_reference(x, reference), expected, rtol=1e-6, atol=1e-7)


def test_distinct_values_get_the_very_reference():
    x, reference = matrix("distinct"), np.sort(np.random.default_rng(1).normal(size=24))
    values = np.sort(at_reference(x, reference), axis=1)
    np.testing.assert_array_equal(values, np.tile(reference.astype(np.float32), (len(x), 1)))
    np.testing.assert_allclose(at_reference(np.ones((2, 24)), reference), reference[11:13].mean())


@pytest.mark.parametrize("kind", ["ties", "distinct"])
def test_coembedding_normalises_alike(kind):
    from helpers.coembedding.donors.scaling import QuantileNormaliser

    x = matrix(kind)
    theirs = QuantileNormaliser().fit(x)
    np.testing.assert_allclose(quantile_reference(x), theirs.reference_, rtol=1e-12)
    np.testing.assert_array_equal(at_reference(x, theirs.reference_), theirs.transform(x))


def test_blocks_on_disk_are_normalised_when_they_are_asked_for():
    import dask.array

    asked = []

    def read(block):
        asked.append(len(block))
        return block

    x, columns = matrix("ties"), np.array([0, 3, 4, 9, 20])
    meta = np.empty((0, 0), np.float32)
    lazy = dask.array.from_array(x, chunks=(10, 24)).map_blocks(read, meta=meta)
    reference = quantile_reference(lazy, columns)
    np.testing.assert_array_equal(reference, quantile_reference(x, columns))
    asked.clear()
    found = normalised_rows(lazy, columns, reference)
    assert asked == [] and found.numblocks == (4, 1) and found.shape == (37, 5)
    expected = normalised_rows(x, columns, reference)
    np.testing.assert_array_equal(found.blocks[1].compute(), expected[10:20])
    assert asked == [10]
    np.testing.assert_array_equal(found[np.arange(37) % 2 > 0].compute(), expected[1::2])


def test_other_features_are_refused():
    with pytest.raises(ValueError, match="must have the 3 features of the reference; got 24"):
        at_reference(matrix("ties"), np.arange(3.0))
