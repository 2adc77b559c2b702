"""How long a patient was followed and whether they died, in whatever words that is written."""

import re

import numpy as np
import pandas as pd

from helpers.cohorts.reading.missing_words import as_numbers, counted, is_missing_word

_DIED = re.compile(
    r"(dead|died|deceased)( (of|from|by|due|with|without)\b.*)?|death|expired|"
    r"event|yes|true|y|t|dod"
)
_CENSORED = re.compile(
    r"(alive|living)( (with|without|and|or|at)\b.*)?|censored|no event|lost to follow ?up|"
    r"no|false|n|f|awd|ned"
)
_TO_NUMBERS = (
    'import pandas as pd; e = pd.to_numeric(adata.obs["os_event"].astype(str), errors="coerce"); '
)
_MENDED_TIME = (
    'import pandas as pd; adata.obs["os_time"] = '
    'pd.to_numeric(adata.obs["os_time"].astype(str), errors="coerce")'
)
_LONGEST_IN_YEARS, _LONGEST_IN_MONTHS = 40, 400


def read_follow_up(obs: pd.DataFrame, path: object) -> list[str]:
    """Make obs["os_time"] days and obs["os_event"] 1 (died) or 0, NaN unknown, in place; notes.

    Raises:
        ValueError: events that can be read in two ways (1 and 2) or not at all, or a time that is
            no number; with the line that says what is meant.
    """
    notes = []
    if "os_time" in obs:
        notes += _read_times(obs, path)
    if "os_event" in obs:
        notes += _read_events(obs, path)
    present = [name for name in ("os_time", "os_event") if name in obs]
    if len(present) == 1:
        (absent,) = {"os_time", "os_event"} - set(present)
        notes.append(f"obs has {present[0]} and no {absent}: no survival.")
    return notes


def event_of(value: object) -> float:
    """1 died, 0 censored, of a number or a word such as "1:DECEASED" or "Alive"; NaN if neither."""
    if isinstance(value, bool | np.bool_):
        return float(value)
    word = re.sub(r"[\s_-]+", " ", str(value)).strip().casefold()
    coded = re.fullmatch(r"([01]) ?: ?(.+)", word)
    if coded:  # cBioPortal's; the number must say what the word says
        said = event_of(coded[2])
        return said if said == float(coded[1]) else np.nan
    if _DIED.fullmatch(word):
        return 1.0
    return 0.0 if _CENSORED.fullmatch(word) else np.nan


def _read_times(obs: pd.DataFrame, path: object) -> list[str]:
    values, is_unread = as_numbers(obs["os_time"])
    if is_unread.any():
        sample = obs.index[is_unread][0]
        raise ValueError(
            f'obs["os_time"] of {path} must be days; sample {sample} has '
            f"{obs['os_time'][sample]!r} ({int(is_unread.sum())} of {len(obs)} samples have no "
            f"number). Make them missing with: {_MENDED_TIME}"
        )
    notes, n_missing = [], int(values.isna().sum())
    if n_missing:
        notes.append(f"obs['os_time'] is missing for {n_missing} of {len(obs)} samples: not in "
                     "survival.")  # fmt: skip
    is_wrong = (values <= 0) | np.isinf(values)
    if is_wrong.any() and (is_wrong | values.isna()).all():
        raise ValueError(
            f'obs["os_time"] of {path} must be days above 0; no sample has any (the largest is '
            f"{values.max():g}). Give the survival times, or go without survival: "
            'adata.obs = adata.obs.drop(columns="os_time")'
        )
    if is_wrong.any():
        notes.append(f"obs['os_time'] is not above 0 days for {int(is_wrong.sum())} of {len(obs)} "
                     "samples: not in survival.")  # fmt: skip
    obs["os_time"] = values.mask(is_wrong)
    return notes + _unit_of_time(obs["os_time"].max())


def _unit_of_time(longest: float) -> list[str]:
    if not longest <= _LONGEST_IN_MONTHS:
        return []
    unit, n_days = ("years", 365.25) if longest <= _LONGEST_IN_YEARS else ("months", 30.44)
    return [
        f"obs['os_time'] is at most {longest:g}, taken to be days. If it is {unit}: "
        f'adata.obs["os_time"] *= {n_days}.'
    ]


def _read_events(obs: pd.DataFrame, path: object) -> list[str]:
    column = obs["os_event"].astype(object)
    values, _ = as_numbers(column)
    is_word = column.map(lambda v: isinstance(v, str | bool | np.bool_)) & ~column.map(_is_number)
    is_blank = column.isna() | column.map(lambda v: is_missing_word(v) or str(v).strip() == "")
    is_word &= ~is_blank
    said = column[is_word].map(event_of).astype(float)
    _check_words(column[is_word][said.isna()], path)
    values = values.mask(is_word, said)
    _check_events(values.dropna(), path)
    obs["os_event"] = values
    notes = []
    if is_word.any():
        died, alive = (column[is_word][said == value] for value in (1, 0))
        read = [f"{counted(words)} as {what}" for words, what in ((died, "died"),
                (alive, "censored")) if len(words)]  # fmt: skip
        notes.append(f"obs['os_event'] in words: read {', '.join(read)}.")
    n_missing = int(values.isna().sum())
    if n_missing:
        notes.append(f"obs['os_event'] is missing for {n_missing} of {len(obs)} samples: not in "
                     "survival.")  # fmt: skip
    return notes


def _is_number(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\s*[-+]?\d+(\.\d*)?\s*", value))


def _check_words(unread: pd.Series, path: object) -> None:
    if len(unread):
        words = {str(word): None for word in unread.unique()[:4]}
        raise ValueError(
            f'obs["os_event"] of {path} must be 1 (died) or 0 (censored), or words such as Dead '
            f"and Alive; it has {counted(unread)}. Say which are 1, 0 or None with: "
            f'adata.obs["os_event"] = adata.obs["os_event"].astype(str).replace({words})'
        )


def _check_events(values: pd.Series, path: object) -> None:
    found = sorted(values.unique())
    if set(found) <= {0, 1}:
        return
    named = ", ".join(f"{value:g}" for value in found[:6])
    if set(found) <= {1, 2}:
        raise ValueError(
            f'obs["os_event"] of {path} must be 1 (died) or 0 (censored); it has {named}, which '
            "can be read in two ways. If 2 is died and 1 censored, as in R: "
            f'{_TO_NUMBERS}adata.obs["os_event"] = e - 1. If 1 is died and 2 censored: '
            f'{_TO_NUMBERS}adata.obs["os_event"] = 2 - e'
        )
    raise ValueError(
        f'obs["os_event"] of {path} must be 1 (died) or 0 (censored); it has {named}. Make '
        f"those that are neither missing with: {_TO_NUMBERS}"
        'adata.obs["os_event"] = e.where(e.isin([0, 1]))'
    )
