"""Texts of an R workspace: whatever they are, all at once or one by one, they are the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohorts.r_files import Columns, Factor, read_r_columns, read_r_objects
from helpers.cohorts.r_texts import Texts
from tests.fixtures import r_workspaces as r

BEHIND = r.words(0x402, 1)  # what follows a vector starts with a byte of 0


def texts(*values):
    body = r.strings(*values)[8:]  # without the flags and the length of the vector
    return Texts(b"before" + body + BEHIND, 6, len(values)), 6 + len(body)


@pytest.mark.parametrize(
    "values",
    [
        ("a", "bc", "1.5"),
        ("x" * 31, "y" * 47, "z" * 127),
        ("long" * 40, "a"),
        ("long" * 100, "a"),
        ("", "a"),
        ("a", None),
        ("é", "ü"),
        (),
    ],
)
def test_every_kind_is_decoded_and_ends_where_it_ends(values):
    found, end = texts(*values)
    assert (list(found), len(found), found.end) == ([*values], len(values), end)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_characters="\0"))), max_size=20))
def test_any_texts(values):
    values = [
        value if value is None else value.encode("utf-8", "ignore").decode() for value in values
    ]
    found, end = texts(*values)
    assert (list(found), found.end) == (values, end)


@pytest.mark.parametrize(
    "words",
    [
        ("2.5", "N", "1e-05", "17"),
        ("2.5", "N", None, "17"),
        ("2.5", "N", "", "1" + "0" * 48),
        ("2.5", "a b", "7", "17"),
    ],
)
def test_only_the_chosen_need_to_be_numbers(words):
    found, _ = texts(*words)
    np.testing.assert_array_equal(found.numbers(np.array([3, 0])), [float(words[3]), 2.5])
    with pytest.raises(ValueError, match="could not convert"):
        found.numbers(np.array([1]))


def test_a_long_number_is_not_read_with_its_length(tmp_path):
    """48 digits: their number is the character "0"."""
    found, _ = texts("1" * 48, "2.5")
    assert found.numbers(np.array([0])).tolist() == [float("1" * 48)]


def test_a_frames_columns_are_undecoded(tmp_path):
    columns = {"kind": r.factor([2, 1, 2], ["a", "b"]), "x": r.reals(1, 2, 3)}
    path = tmp_path / "f.rda"
    path.write_bytes(r.workspace(r.pair("t", r.frame(columns, r.strings("r1", "r2", "r3")))))
    found = read_r_columns(path)
    assert isinstance(found, Columns) and list(found.columns) == ["kind", "x"]
    assert found.rows.tolist() == ["r1", "r2", "r3"]
    kind = found.columns["kind"]
    assert isinstance(kind, Factor) and kind.codes.tolist() == [2, 1, 2]
    assert kind.levels.decoded()[kind.codes - 1].tolist() == ["b", "a", "b"]
    assert read_r_objects(path)["t"]["kind"].tolist() == ["b", "a", "b"]


def test_a_workspace_of_something_else_has_no_columns(tmp_path):
    path = tmp_path / "f.rda"
    path.write_bytes(r.workspace(r.pair("x", r.reals(1)), r.pair("y", r.reals(2))))
    with pytest.raises(ValueError, match="must hold one data frame; it has x, y"):
        read_r_columns(path)
