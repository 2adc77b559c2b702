from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.proportion import proportion_confint

from helpers.rnalign.metrics.line_match import (
    balanced_match,
    majority_chance,
    match_lines,
    match_summary,
    match_table,
)


def naive_call(line, tumours, names, k):
    """The majority among the k tumours with the highest numpy correlation, ties by their sum."""
    r = np.array([np.corrcoef(line, tumour)[0, 1] for tumour in tumours])
    near = np.argsort(-r)[:k]
    votes = Counter(names[near])
    most = max(votes.values())
    tied = [name for name, count in votes.items() if count == most]
    return max(tied, key=lambda name: r[near][names[near] == name].sum()), near


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 12))
def test_calls_equal_a_loop_over_lines(seed, k):
    rng = np.random.default_rng(seed)
    x, names = rng.normal(size=(24, 6)), rng.choice(list("abc"), 24)
    is_line = np.arange(24) >= 14
    names[:3], names[-3:] = list("abc"), list("abc")
    matches = match_lines(x, is_line, names, k=k)
    assert list(matches.index) == list(range(14, 24))
    for row, found in matches.iterrows():
        called, near = naive_call(x[row], x[:14], names[:14], k)
        assert found["called"] == called
        assert found["share"] == pytest.approx((names[:14][near] == names[row]).mean())
        assert found["matched"] == (called == names[row])


def test_a_tie_goes_to_the_closer_tumours():
    x = np.array([[1, 2, 3, 4], [1, 2, 3, 4.2], [4, 1, 3, 2], [1, 2, 3, 4], [4, 1, 3, 2]], float)
    is_line = np.array([False, False, False, True, True])
    matches = match_lines(x, is_line, ["a", "a", "b", "b", "a"], k=2, types=["a", "b"])
    assert matches["called"].tolist() == ["a", "b"]
    tied = match_lines(x[[0, 2, 3, 4]], is_line[1:], ["a", "b", "a", "b"], k=2)
    assert tied["called"].tolist() == ["a", "b"]


def test_correlation_ignores_level_and_scale_of_a_sample(paired):
    x, is_line, names = paired(shift=1)
    rng = np.random.default_rng(0)
    other = x * rng.uniform(0.5, 2, (len(x), 1)) + rng.normal(size=(len(x), 1))
    first, second = match_lines(x, is_line, names), match_lines(other, is_line, names)
    pd.testing.assert_frame_equal(first, second)


def test_only_the_queried_lines_are_asked_and_all_tumours_vote(paired):
    x, is_line, names = paired()
    query = is_line & (np.arange(len(x)) % 2 == 0)
    matches = match_lines(x, is_line, names, types=["brain"], query=query)
    assert set(matches["cancer_type"]) == {"brain"}
    assert (matches.index % 2 == 0).all() and len(matches) == 10
    assert matches.attrs["n_tumours"] == {"brain": 40, "eye": 30, "kidney": 20}
    with pytest.raises(ValueError, match="No cell line is asked"):
        match_lines(x, is_line, names, query=~is_line)


def test_the_table_counts_with_wilson_intervals_and_chance(paired):
    x, is_line, names = paired(shift=3)
    matches = match_lines(x, is_line, names, k=5)
    table = match_table(matches)
    assert table["n"].to_dict() == {"brain": 20, "eye": 15, "kidney": 25}
    for name, row in table.iterrows():
        own = matches[matches["cancer_type"] == name]
        assert row["matched"] == own["matched"].mean()
        assert row["share"] == pytest.approx(own["share"].mean())
        expected = proportion_confint(own["matched"].sum(), len(own), method="wilson")
        assert (row["low"], row["high"]) == pytest.approx(expected)
        assert row["called"] == (matches["called"] == name).mean()
    summary = match_summary(table)
    assert summary["match"] == pytest.approx(matches["matched"].mean())
    assert summary["match_mean"] == pytest.approx(table["matched"].mean())
    assert summary["match_median"] == pytest.approx(table["matched"].median())


def test_chance_equals_the_hypergeometric_majority():
    chance = majority_chance({"many": 60, "few": 40}, k=25)
    expected = hypergeom(100, 60, 25).sf(12)
    assert chance["many"] == pytest.approx(expected, abs=0.01)
    assert chance.sum() == pytest.approx(1)
    even = majority_chance({"a": 30, "b": 30, "c": 30}, k=25)
    np.testing.assert_allclose(even, 1 / 3, atol=0.015)


def test_chance_is_what_permuted_tumour_labels_give(paired):
    x, is_line, names = paired()
    chance = majority_chance({"brain": 40, "eye": 30, "kidney": 20}, k=25)
    rng, calls = np.random.default_rng(0), []
    for _ in range(60):
        shuffled = names.copy()
        shuffled[~is_line] = rng.permutation(names[~is_line])
        calls.append(match_lines(x, is_line, shuffled)["called"])
    rate = pd.concat(calls).value_counts(normalize=True)
    # The planted error: a type with most tumours seems to match by its number alone.
    assert rate["brain"] > 0.6 > 3 * rate["kidney"]
    np.testing.assert_allclose(rate[chance.index], chance, atol=0.06)


def test_equally_many_tumours_leave_no_type_ahead():
    rng = np.random.default_rng(0)
    names = np.repeat(["common", "rare", "common", "rare"], [200, 30, 60, 60])
    is_line = np.arange(350) >= 230
    x = rng.normal(size=(350, 20))
    plain = match_table(match_lines(x, is_line, names))
    assert plain.loc["common", "matched"] > 0.95 and plain.loc["rare", "matched"] < 0.05
    fair = balanced_match(x, is_line, names)
    assert fair.attrs == {"k": 25, "n_each": 30}
    assert fair["matched"].between(0.3, 0.7).all()
    assert (fair["chance"] == 0.5).all() and (fair["sd"] > 0).all()
    assert fair["n"].to_dict() == {"common": 60, "rare": 60}
    again = balanced_match(x, is_line, names)
    pd.testing.assert_frame_equal(fair, again)
    assert not fair.equals(balanced_match(x, is_line, names, seed=1))


def test_equal_sizes_need_no_draw(paired):
    x, is_line, names = paired(shift=1, n_tumours=(30, 30, 30))
    fair = balanced_match(x, is_line, names, n_draws=3)
    plain = match_table(match_lines(x, is_line, names))
    np.testing.assert_allclose(fair["matched"], plain["matched"])
    assert (fair["sd"] == 0).all()


def test_k_beyond_the_tumours_and_flat_samples_are_refused(paired):
    x, is_line, names = paired()
    with pytest.raises(ValueError, match="got 91 for 90 tumours"):
        match_lines(x, is_line, names, k=91)
    x[7] = 3
    with pytest.raises(ValueError, match="sample 7 of `x` has the same value"):
        match_lines(x, is_line, names)
