"""Stage, sex and age in the spellings of GDC, Xena, cBioPortal and hospitals."""

import re

import numpy as np
import pandas as pd

from helpers.cohorts.reading.missing_words import as_numbers, counted, is_text

_READ_ALREADY = re.compile(r"(?:[Ss]tage\s+)?(0|IV|I{1,3})[ABCS]?\d?")
_STAGE = re.compile(
    r"(?:ajcc )?(?:pathologic(?:al)? |clinical |tumou?r )?(?:stage )?[pc]?"
    r"(?P<number>0|iv|i{1,3}|[1-4])(?:\.0)? ?(?P<letter>[abcs]?)(?P<digit>\d?)(?: nos)?"
)
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_MALE, _FEMALE = {"m", "male", "man", "boy", "xy"}, {"f", "female", "w", "woman", "girl", "xx"}
_AT_LEAST = re.compile(r"(?:[><]=?|[≥≤])?\s*(\d+(?:\.\d+)?)\s*(?:\+|years?|y)?")
_OLDEST = 120  # years


def read_clinical_words(obs: pd.DataFrame) -> list[str]:
    """Put obs["stage"], ["sex"] and ["age"] (years) into our words, in place; notes."""
    readers = {"stage": _read_stage, "sex": _read_sex, "age": _read_age}
    return [note for name, read in readers.items() if name in obs for note in read(obs)]


def stage_word(value: object) -> str | None:
    """AJCC stage as "Stage IIA" of any spelling ("stage iia", "2a", 2); None if it is none."""
    text = str(value).strip()
    if _READ_ALREADY.fullmatch(text):
        return text
    found = _STAGE.fullmatch(re.sub(r"[\s_:-]+", " ", text.casefold()).strip())
    if not found:
        return None
    number = _ROMAN.get(found["number"], found["number"].upper())
    return f"Stage {number}{found['letter'].upper()}{found['digit']}"


def _read_stage(obs: pd.DataFrame) -> list[str]:
    if not is_text(obs["stage"]):
        values = pd.to_numeric(obs["stage"].astype(object), errors="coerce").astype(float)
        is_wrong = values.notna() & ~values.between(0, 4)
        obs["stage"] = values.mask(is_wrong)
        return _not_read("stage", values[is_wrong], "0 to IV")
    column = obs["stage"].astype(object)
    is_known = column.notna() & (column.map(lambda value: str(value).strip()) != "")
    words = column[is_known].map(stage_word)
    is_read = words.notna()
    changed = column[is_known][is_read & (words != column[is_known])]
    obs["stage"] = column.mask(is_known & words.reindex(obs.index).notna(), words)
    notes = _not_read("stage", column[is_known][~is_read], "0 to IV")
    if len(changed):
        first = changed.iloc[0]
        notes.append(f"obs['stage']: {len(changed)} such as {first!r} read as {stage_word(first)}.")
    return notes


def _read_sex(obs: pd.DataFrame) -> list[str]:
    column = obs["sex"].astype(object)
    plain = column.map(lambda value: str(value).strip().casefold())
    is_blank = column.isna() | (plain == "")
    of_sex = plain.isin(_MALE | _FEMALE)
    written = plain.map(lambda word: "male" if word in _MALE else "female")
    obs["sex"] = column.mask(of_sex, written)
    return _not_read("sex", column[~of_sex & ~is_blank], "male and female")


def _read_age(obs: pd.DataFrame) -> list[str]:
    column = obs["age"].astype(object)
    values, is_unread = as_numbers(column)
    limits = column[is_unread].map(lambda value: _AT_LEAST.fullmatch(str(value).strip()))
    is_limit = limits.map(bool).reindex(obs.index, fill_value=False).astype(bool)
    values[is_limit] = limits[is_limit].map(lambda match: float(match[1]))
    notes = _not_read("age", column[is_unread & ~is_limit], "a number of years")
    if is_limit.any():
        notes.append(f"obs['age']: {counted(column[is_limit])} read as that number of years.")
    typical = values.abs().median()
    if typical > 3 * _OLDEST:
        values = values.abs() / 365.25
        notes.append(f"obs['age'] has a median of {typical:,.0f}: read as days, turned into years.")
    is_wrong = values.notna() & ~values.between(0, _OLDEST)
    obs["age"] = values.mask(is_wrong, np.nan)
    return notes + _not_read("age", values[is_wrong], f"0 to {_OLDEST} years")


def _not_read(name: str, unread: pd.Series, rule: str) -> list[str]:
    if unread.empty:
        return []
    return [f"obs['{name}']: {counted(unread)} cannot be read as {rule}: not used as {name}."]
