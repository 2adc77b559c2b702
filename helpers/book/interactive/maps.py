"""Samples in a latent space: hover, colour by what is known, find one."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from helpers.book.interactive.packed_columns import packed_column, rounded

SHAPED = ("kind", "modality")  # facts that have shapes beside colours, where they are one of few
SHAPES = ("circle", "triangle", "square")  # the commonest kind first
FIRST = re.compile(r"(?P<space>.+) 1")


def describe_map(table: pd.DataFrame) -> dict[str, Any]:
    """What a map needs, of a recorded `sample_map`: a row a sample, "<space> 1" and "<space> 2".

    Rows are mixed, so that no group is drawn above another. `colour`: the column it starts with,
    the first that has levels. `shape`: the column of kinds, such as tumours and cell lines, "" for
    none; `shapes`: one a level of it.

    Raises:
        ValueError: the table has no sample or no space.
    """
    pairs = [found["space"] for name in table if (found := FIRST.fullmatch(str(name)))]
    spaces = [space for space in pairs if f"{space} 2" in table]
    if "sample" not in table or not spaces:
        raise ValueError(
            "a map's table must have a column `sample` and two numbered columns a space, as "
            f"`sample_map` makes them; got {list(table)}."
        )
    shapes = _shapes(table)
    table = table.sample(frac=1, random_state=0)
    places = [f"{space} {axis}" for space in spaces for axis in (1, 2)]
    facts = [packed_column(table[name]) for name in table.columns.drop(["sample", *places])]
    coloured = [fact["name"] for fact in facts if fact["kind"] == "group"]
    return {
        "samples": table["sample"].astype(str).tolist(),
        "spaces": [
            {"name": space, "x": rounded(table[f"{space} 1"]), "y": rounded(table[f"{space} 2"])}
            for space in spaces
        ],
        "facts": facts,
        "colour": coloured[0] if coloured else "",
        **shapes,
    }


def _shapes(table: pd.DataFrame) -> dict[str, Any]:
    """The shaped column and a shape a level, sorted: of levels as common the first row's first."""
    for name in filter(set(SHAPED).__contains__, table):
        kinds = table[name].dropna().astype(str)
        counts = kinds[kinds != ""].value_counts(sort=False)
        if 1 < len(counts) <= len(SHAPES):
            order = list(counts.sort_values(ascending=False, kind="stable").index)
            return {"shape": name, "shapes": [SHAPES[order.index(k)] for k in sorted(order)]}
    return {"shape": "", "shapes": []}
