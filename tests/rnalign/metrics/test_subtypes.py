"""Subtype silhouettes: kept, erased, hidden by the origin, and what does not count."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from helpers.rnalign.metrics.delta_d import alignment_scores
from helpers.rnalign.metrics.subtypes import subtype_rows, subtype_scores, subtype_silhouettes


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


# The paper's table 3


def two_types(n=60, **how):
    parts = [samples(n, **how, seed=seed) for seed in (0, 1)]
    x, line, _, subtype = (np.concatenate(both) for both in zip(*parts, strict=True))
    kind = np.repeat(["gut", "skin"], 2 * n)
    x[kind == "skin", 2] += 8
    return x, line, kind, subtype


def test_scores_are_those_of_alignment_with_subtypes_for_types():
    x, line, kind, subtype = two_types(shift=2.0)
    subtype[:5] = ""
    table = subtype_scores({"input": x, "half": x / 2}, line, kind, subtype)
    known = subtype != ""
    names = np.array([f"{a} {b}" for a, b in zip(kind, subtype, strict=True)])
    expected = alignment_scores({"input": x[known]}, line[known], names[known])
    for metric in expected:
        assert table.loc["input", metric] == pytest.approx(expected.loc["input", metric])
    silhouettes = subtype_silhouettes(x, line, kind, subtype)["silhouette"]
    assert table.loc["input", "silhouette"] == pytest.approx(silhouettes.mean())
    assert table.loc["half", "delta_d"] == pytest.approx(table.loc["input", "delta_d"] / 2)


def test_tables_of_several_seeds_go_into_one():
    x, line, kind, subtype = two_types()
    tables = [subtype_scores({"input": x}, line, kind, subtype, seed=s) for s in (0, 1)]
    assert len(pd.concat(tables)) == 2


def test_removing_the_shift_of_origin_shows_in_every_metric():
    x, line, kind, subtype = two_types(shift=6.0)
    moved = x.copy()
    moved[line, 1] -= 6.0
    table = subtype_scores({"input": x, "moved": moved}, line, kind, subtype)
    for metric in ("delta_d", "delta_d_relative", "pvca", "delta_kbet"):
        assert table.loc["moved", metric] < table.loc["input", metric]
    assert table.loc["moved", "silhouette"] > table.loc["input", "silhouette"]


def test_a_type_with_one_subtype_is_left_out_and_none_is_no_table():
    x, line, kind, subtype = two_types()
    subtype[kind == "skin"] = "a"
    scores = subtype_scores({"input": x}, line, kind, subtype)
    gut = [part[kind == "gut"] for part in (x, line, kind, subtype)]
    pd.testing.assert_frame_equal(scores, subtype_scores({"input": gut[0]}, *gut[1:]))
    subtype[:] = "a"
    assert subtype_scores({"input": x}, line, kind, subtype).empty
