"""How numbers, sizes, durations, values and tables are written."""

import pytest

from helpers.runs.number_format import (
    counted,
    readable_bytes,
    readable_commit,
    readable_duration,
    readable_number,
    readable_spread,
    readable_value,
    table,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8.34, "8.3 s"), (42, "42 s"), (252.4, "4 min 12 s"), (59.9, "60 s"), (7300, "2 h 1 min")],
)
def test_durations(seconds, text):
    assert readable_duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(12, "12 bytes"), (319816, "320 kB"), (2.75e6, "2.8 MB"), (66e6, "66 MB"), (None, "not rec")],
)
def test_sizes(count, text):
    assert readable_bytes(count).startswith(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.94012, "0.940"), (27, "27"), (27.0, "27"), (12345, "12,345"), (1e-5, "1.0e-05"), (0, "0")],
)
def test_numbers(value, text):
    assert readable_number(value) == text


def test_a_cell_cannot_break_its_table():
    assert table(["a"], [["one | two\nthree"]]).splitlines()[2] == r"| one \| two three |"


def test_a_spread_is_two_numbers():
    assert readable_spread(0.94012, 0.0041) == "0.940 ± 0.004"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.000123456, "0.0001235"), (True, "true"), (None, ""), (float("nan"), ""), (7, "7")],
)
def test_values_of_parameters(value, text):
    assert readable_value(value) == text


@pytest.mark.parametrize(
    ("run", "text"),
    [
        ({"git_commit": "0a1b2c3d4e5f6", "git_dirty": False}, "0a1b2c3d4e"),
        ({"git_commit": "0a1b2c3d4e5f6", "git_dirty": True}, "0a1b2c3d4e with uncommitted changes"),
        ({"git_commit": None}, "not in a git repository"),
        ({}, "not in a git repository"),
    ],
)
def test_commits(run, text):
    assert readable_commit(run) == text


def test_one_thing_is_not_several():
    assert [counted(n, "file") for n in (0, 1, 1234)] == ["0 files", "1 file", "1,234 files"]
