"""What stands for a missing value in the files of the field, and numbers that are kept as text."""

import re

import pandas as pd

_WORDS = frozenset(
    {
        *("", "na", "n/a", "n.a.", "n.a", "#n/a", "#na", "nan", "<na>", "null", "none", "unk"),
        *("unknown", "missing", "not available", "not reported", "not applicable"),
        *("not evaluated", "not known", "not recorded", "not provided", "not collected"),
        *("not allowed to collect", "discrepancy", "-", "--", ".", "?"),
    }
)
_AROUND = re.compile(r"^[\s\[\]'\"]+|[\s\[\]'\"]+$")


def is_missing_word(value: object) -> bool:
    """Whether a text says that nothing is known: "NA", "[Not Available]", "not reported", "--"."""
    if not isinstance(value, str):
        return False
    return _AROUND.sub("", value).casefold().replace("_", " ") in _WORDS


def missing_words(column: pd.Series) -> list[str]:
    """Texts of a column that stand for a missing value, each once, in order of appearance."""
    if not is_text(column):
        return []
    return [value for value in column.dropna().unique() if is_missing_word(value)]


def is_text(column: pd.Series) -> bool:
    """Whether a column holds anything but numbers, such as text, categories or a mixture."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return not pd.api.types.is_numeric_dtype(column.cat.categories)
    is_number = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
    return not is_number


def as_numbers(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """(values as float, NaN where there is none; where that is not for want of a value).

    The second is True for a text that is neither a number nor stands for a missing value.
    """
    plain = column.astype(object)
    values = pd.to_numeric(plain, errors="coerce").astype(float)
    is_blank = plain.isna() | plain.map(lambda v: isinstance(v, str) and not v.strip())
    is_blank |= plain.map(is_missing_word)
    return values, values.isna() & ~is_blank.astype(bool)


def counted(values: pd.Series, n_named: int = 4) -> str:
    """The commonest values of a column and how often they occur: 'Dead' (63), 'Alive' (87)."""
    n = values.map(str).value_counts()
    named = ", ".join(f"{value!r} ({count})" for value, count in n.iloc[:n_named].items())
    return named + (f" and {len(n) - n_named} others" if len(n) > n_named else "")
