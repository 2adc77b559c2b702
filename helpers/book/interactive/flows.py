"""From known groups to found ones: bands as wide as the samples in them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.book.interactive.packed_columns import level_colours


def describe_flow(table: pd.DataFrame) -> dict[str, Any]:
    """What a flow needs: `table` has a row a band, with source, target and n.

    Sources stand in the table's order, targets in the alphabet's, as in the picture.
    """
    flow = table.assign(**{side: _named(table[side]) for side in ("source", "target")})
    flow = flow.groupby(["source", "target"], sort=False, as_index=False)["n"].sum()
    flow = flow[flow["n"] > 0]
    sources = list(dict.fromkeys(flow["source"]))
    targets = sorted(set(flow["target"]))
    return {
        "sources": _bars(flow, "source", sources),
        "targets": _bars(flow, "target", targets),
        "bands": [
            [sources.index(row.source), targets.index(row.target), int(row.n)]
            for row in flow.itertuples()
        ],
    }


def _named(values: pd.Series) -> pd.Series:
    return values.fillna("").astype(str).replace("", "unknown")


def _bars(flow: pd.DataFrame, side: str, names: list[str]) -> list[dict[str, Any]]:
    n = flow.groupby(side)["n"].sum()
    pairs = zip(names, level_colours(names), strict=True)
    return [{"name": name, "n": int(n[name]), "colour": colour} for name, colour in pairs]
