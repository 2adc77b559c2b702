"""Orders in words: only what the spread over seeds allows is said."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers.evaluate.wording import bullet_list, compare, counted, few_seeds, in_a_row

NUMBERS = st.integers(-1000, 1000).map(lambda n: n / 64)  # exact sums and differences
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6)
OPPOSITE = {
    "better than": "worse than",
    "worse than": "better than",
    "not to be told from": "not to be told from",
}


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ([0.9, 0.92, 0.91], [0.5, 0.51, 0.5], "better than"),
        ([0.5, 0.51, 0.5], [0.9, 0.92, 0.91], "worse than"),
        ([0.5, 0.9, 0.7], [0.9, 0.5, 0.7], "not to be told from"),
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "not to be told from"),
        ([0.9], [0.1], "not to be told from"),
        ([0.9, 0.9, 0.9], [0.1], "not to be told from"),
        ([0.9, 0.91, math.nan], [0.1, 0.12, 0.2], "not to be told from"),
        ([0.90, 0.91, 0.92, math.nan], [0.10, 0.12, 0.11, 0.9], "better than"),
        ([0.90, 0.91, 0.92, 0.91], [0.10, 0.12, 0.11], "better than"),
        ([0.90, 0.91, 0.92, 0.91], [0.10, 0.12], "not to be told from"),
        ([0.1, 0.9, 0.5], [0.4, 0.3, 0.35, 0.35], "not to be told from"),
    ],
)
def test_the_order_of_two_methods(a, b, order):
    assert compare(a, b).order == order
    assert compare(a, b, higher_is_better=False).order == OPPOSITE[order]


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=2))
def test_two_values_a_method_are_never_told_apart(pairs):
    a, b = zip(*pairs, strict=True)
    assert compare(a, b).order == "not to be told from"
    assert compare([*a, a[0]], b).order == compare(a, [*b, b[0]]).order == "not to be told from"


def test_three_values_a_method_are_told_apart():
    a, b = [0.9, 0.91, 0.92], [0.1, 0.12, 0.11]
    assert not compare(a[:2], b[:2]).is_told
    assert compare(a, b).order == "better than"
    assert compare(b, a).order == "worse than"


def test_the_same_seeds_are_compared_pair_by_pair():
    """Seeds that move both alike do not hide a difference that every one of them shows."""
    paired = compare([0.1, 0.5, 0.9], [0.0, 0.39, 0.81])
    assert paired.is_paired and paired.spread < 0.02 and paired.order == "better than"
    others = compare([0.1, 0.5, 0.9], [0.0, 0.39, 0.81, math.nan])
    assert not others.is_paired and others.order == "not to be told from"


def test_a_seed_that_one_method_lacks_is_left_out_of_both():
    found = compare([1.0, math.nan, 3.0], [0.0, 5.0, math.inf])
    assert (found.a, found.b) == ((1.0,), (0.0,))


def test_unequal_lengths_pool_their_variances():
    found = compare([1.0, 3.0], [0.0, 1.0, 2.0])
    assert found.spread == pytest.approx(math.sqrt(2 + 1))
    assert found.difference == 1.0


def test_a_single_seed_has_no_spread_and_says_nothing():
    found = compare([0.9], [0.1])
    assert math.isnan(found.spread) and not found.is_told
    assert found.numbers == "0.9 against 0.1, 1 seed only"


def test_numbers_are_means_with_their_spread():
    assert compare([0.9, 1.0], [0.5, 0.5]).numbers == "0.95 ± 0.071 against 0.5 ± 0, 2 seeds only"
    three = compare([0.9, 1.0, 0.95], [0.5, 0.5, 0.5])
    assert three.numbers == "0.95 ± 0.05 against 0.5 ± 0"


@pytest.mark.parametrize(("a", "b"), [([], [1.0]), ([math.nan], [1.0]), ([1.0, 2.0], [math.nan])])
def test_nothing_cannot_be_compared(a, b):
    with pytest.raises(ValueError, match="both methods must have a finite value"):
        compare(a, b)


@given(PAIRS)
def test_turning_the_two_round_turns_the_order_round(pairs):
    a, b = zip(*pairs, strict=True)
    there, back = compare(a, b), compare(b, a)
    assert back.order == OPPOSITE[there.order]
    assert there.difference == -back.difference


@given(PAIRS)
def test_less_is_better_turns_the_order_round(pairs):
    a, b = zip(*pairs, strict=True)
    assert compare(a, b, higher_is_better=False).order == OPPOSITE[compare(a, b).order]


@given(PAIRS)
def test_an_order_is_told_exactly_from_three_values_and_beyond_the_spread(pairs):
    """Exactly if there are three or more values and the difference is beyond its spread."""
    a, b = zip(*pairs, strict=True)
    found = compare(a, b)
    if len(pairs) < 3:
        assert found.order == "not to be told from"
        return
    spread = np.std(np.subtract(a, b), ddof=1)
    assume(abs(abs(found.difference) - spread) > 1e-9)
    assert found.is_told == (abs(found.difference) > spread)
    if found.is_told:
        assert (found.order == "better than") == (np.mean(a) > np.mean(b))


@given(PAIRS, st.integers(-100, 100))
def test_what_is_added_to_both_changes_nothing(pairs, shift):
    a, b = zip(*pairs, strict=True)
    found, moved = compare(a, b), compare(np.add(a, shift), np.add(b, shift))
    assume(len(pairs) < 3 or abs(abs(found.difference) - found.spread) > 1e-9)
    assert moved.order == found.order


def test_a_list_leaves_out_what_is_empty():
    assert bullet_list(["one", "", "two"]) == "- one\n- two"
    assert bullet_list([]) == ""


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        (["", ""], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["", "a", "", "b", "c", ""], "a, b and c"),
        (["a", ""], "a"),
    ],
)
def test_parts_in_a_row_leave_out_what_is_empty(parts, text):
    assert in_a_row(parts) == text


@pytest.mark.parametrize(("n", "text"), [(0, "0 seeds"), (1, "1 seed"), (1200, "1,200 seeds")])
def test_a_number_takes_its_noun_along(n, text):
    assert counted(n, "seed") == text


def test_few_seeds_are_said_and_three_are_enough():
    assert few_seeds(3) == few_seeds(5) == ""
    assert few_seeds(2) == "2 seeds: under three no order is told, whatever the numbers."
    assert few_seeds(1).startswith("1 seed: ")
