"""One tumour in hand: its nearest cell lines beside lines of other types, and their drugs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.book.interactive.packed_columns import rounded

NULL = ("others_min", "others_q05", "others_q50", "others_q95")
ABOUT = ("line_name", "cancer_type", "disease", "disease_subtype", "subtype")
MOST_DRUGS = 12


def describe_line_finder(
    nearest: pd.DataFrame, ranked: pd.DataFrame | None, drugs: pd.DataFrame | None
) -> dict[str, Any]:
    """What the finder needs.

    `nearest`: a row a tumour × rank, with line, line_type, distance, p, and quantiles of the
    distances to lines of other types (the null). `ranked`: what is known of each line. `drugs`: a
    row a group of tumours × drug, most sensitive first; they are those of the group's lines, since
    drugs are not computed for every tumour.
    """
    lines = list(dict.fromkeys(nearest["line"].astype(str)))
    place = {line: code for code, line in enumerate(lines)}
    tumours = []
    for name, rows in nearest.sort_values("rank").groupby("tumour", sort=False):
        first = rows.iloc[0]
        tumours.append(
            {
                "name": str(name),
                "type": str(first["cancer_type"]),
                "lines": [place[str(line)] for line in rows["line"]],
                "distance": rounded(rows["distance"]),
                "p": rounded(rows["p"], 3),
                "null": rounded([first.get(column, float("nan")) for column in NULL]),
            }
        )
    tumours.sort(key=lambda tumour: (tumour["type"], tumour["name"]))
    return {
        "tumours": tumours,
        "lines": _about(nearest, ranked, lines),
        "drugs": _of_groups(drugs) if drugs is not None else {},
    }


def _about(
    nearest: pd.DataFrame, ranked: pd.DataFrame | None, lines: list[str]
) -> list[dict[str, str]]:
    """What is known of each line, as text; its type at the least."""
    types = nearest.drop_duplicates("line").set_index("line")["line_type"]
    about = [{"id": line, "cancer_type": str(types[line])} for line in lines]
    if ranked is None:
        return about
    known = ranked.drop_duplicates("line").set_index("line")
    for one in about:
        row: Mapping[str, Any] = known.loc[one["id"]] if one["id"] in known.index else {}
        texts = {name: row.get(name) for name in ABOUT}
        one |= {name: str(text) for name, text in texts.items() if pd.notna(text) and text != ""}
    return about


def _of_groups(drugs: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    numbers = [name for name in ("n", "difference", "p", "fdr") if name in drugs]
    return {
        str(group): [
            {"drug": str(drug)} | dict(zip(numbers, rounded(values, 3), strict=True))
            for drug, values in zip(rows["drug"], rows[numbers].to_numpy(float), strict=True)
        ]
        for group, rows in drugs.groupby("tumours", sort=False)
        for rows in [rows.head(MOST_DRUGS)]
    }
