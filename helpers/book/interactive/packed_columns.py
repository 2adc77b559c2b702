"""A table as little and inert JSON: what a browser gets to draw."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.figures.palette import EXTRA_COLOURS, NEUTRAL, cancer_colours

MOST_LEVELS = 60  # values of a column by which samples can be coloured
MOST_COLOURED = len(EXTRA_COLOURS)  # of levels that have no colour of their own; the rest are grey
UNKNOWN = "unknown"  # is grey, as in the pictures
DIGITS = 4


def packed_column(values: pd.Series, name: str = "") -> dict[str, Any]:
    """One column: {"name", "kind"} and, by kind, what is needed to draw and to show it.

    "number": `values` to four digits, None where there is none. "group": `levels`, sorted, their
    `colours`, and `codes`, the place of each row's level, −1 where there is none. "text": `values`,
    None where there is none; what has too many levels to be a colour.
    """
    name = name or str(values.name)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return {"name": name, "kind": "number", "values": rounded(values)}
    known = values.notna() & (values.astype(str) != "")
    texts = values.astype(str)
    counts = texts[known].value_counts()
    if len(counts) > min(MOST_LEVELS, max(2, len(values) / 2)):
        kept = [text if is_known else None for text, is_known in zip(texts, known, strict=True)]
        return {"name": name, "kind": "text", "values": kept}
    levels = sorted(counts.index)
    place = {level: code for code, level in enumerate(levels)}
    codes = [place[text] if ok else -1 for text, ok in zip(texts, known, strict=True)]
    colours = level_colours(levels, counts.to_dict())
    return {"name": name, "kind": "group", "levels": levels, "colours": colours, "codes": codes}


def level_colours(levels: Sequence[str], counts: dict[str, int] | None = None) -> list[str]:
    """A colour a level, a cancer type's its own; of many, the rarer ones are grey."""
    colours = cancer_colours(levels)
    extra = [level for level in levels if colours[level] in EXTRA_COLOURS]
    extra.sort(key=lambda level: -(counts or {}).get(level, 0))
    rest = set(extra[MOST_COLOURED:])
    return [NEUTRAL if level in {*rest, UNKNOWN} else colours[level] for level in levels]


def rounded(values: Sequence[float], digits: int = DIGITS) -> list[float | int | None]:
    """Numbers to `digits` significant digits; None where one is missing or not finite."""
    numbers = np.asarray(values, dtype=float)
    return [_short(float(f"{value:.{digits}g}")) for value in numbers]


def _short(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def script_of(figure: str, description: dict[str, Any]) -> str:
    """The file that hands `description` to the page: JSON in a call, ASCII, without `<`.

    Names of samples and genes come from others' files: they stay strings wherever this is read.
    """
    options = {"separators": (",", ":"), "allow_nan": False}
    text = json.dumps([figure, description], **options).replace("<", "\\u003c")
    return f"lookCloser.take(...{text});\n"
