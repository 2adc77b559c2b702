"""Subtype silhouettes: kept, erased, hidden by the origin, and what does not count."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from helpers.evaluate.subtypes import subtype_rows, subtype_silhouettes


def samples(n=40, shift=0.0, effect=4.0, seed=0):
    rng = np.random.default_rng(seed)
    subtype = np.tile(["a", "b"], n)
    is_line = np.repeat([False, True], n)
    x = rng.normal(size=(2 * n, 6))
    x[:, 0] += effect * (subtype == "b")
    x[:, 1] += shift * is_line
    return x, is_line, np.repeat("gut", 2 * n), subtype


def test_it_is_scikit_learns_silhouette_of_the_known_subtypes():
    x, line, kind, subtype = samples()
    subtype[:4] = ""
    table = subtype_silhouettes(x, line, kind, subtype)
    expected = silhouette_score(x[4:], subtype[4:])
    assert table.loc["gut", "silhouette"] == pytest.approx(expected)
    assert table.loc["gut", "n_samples"] == 76


def test_erased_subtypes_and_a_shift_of_origin_both_lower_it():
    kept = subtype_silhouettes(*samples()).loc["gut", "silhouette"]
    erased = subtype_silhouettes(*samples(effect=0.0)).loc["gut", "silhouette"]
    shifted = subtype_silhouettes(*samples(shift=20.0)).loc["gut", "silhouette"]
    assert kept > 0.2 > shifted
    assert abs(erased) < 0.05


def test_subtypes_of_one_origin_alone_do_not_count():
    x, line, kind, subtype = samples()
    subtype[line] = "a"
    assert subtype_rows(subtype, line) == ["a"]
    table = subtype_silhouettes(x, line, kind, subtype)
    assert np.isnan(table.loc["gut", "silhouette"])
    assert table.loc["gut", "n_subtypes"] == 1


def test_unequal_lengths_are_refused():
    x, line, kind, subtype = samples()
    with pytest.raises(ValueError, match="`subtype` must have one value per sample"):
        subtype_silhouettes(x, line, kind, subtype[1:])
