import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.missing_words import (
    as_numbers,
    counted,
    is_missing_word,
    missing_words,
)

MISSING = ["NA", "n/a", " nan ", "[Not Available]", "not_reported", "'--", "", "None", "<NA>", "-"]


@pytest.mark.parametrize("word", MISSING)
def test_what_says_that_nothing_is_known(word):
    assert is_missing_word(word)


@pytest.mark.parametrize("word", ["BRCA", "0", "normal", "NAT", "N", "other", 0, 1.5, None])
def test_what_does_not(word):
    assert not is_missing_word(word)


def test_numbers_kept_as_text():
    values, is_unread = as_numbers(pd.Series(["12", " 3.5", "NA", None, "high", 7, ""]))
    np.testing.assert_array_equal(values, [12, 3.5, np.nan, np.nan, np.nan, 7, np.nan])
    assert is_unread.tolist() == [False, False, False, False, True, False, False]
    values, is_unread = as_numbers(pd.Series(["1", "2"], dtype="category"))
    assert values.tolist() == [1, 2] and not is_unread.any()


def test_words_and_counts_of_a_column():
    column = pd.Series(["NA", "A", "A", None, "n/a"])
    assert missing_words(column) == ["NA", "n/a"] and missing_words(pd.Series([1.0, 2])) == []
    assert counted(column.dropna(), 1) == "'A' (2) and 2 others"
