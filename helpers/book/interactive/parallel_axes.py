"""A sweep's runs: a line a run across parameters and metrics; chosen, sorted and coloured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.book.interactive.packed_columns import rounded

MOST_METRICS, MOST_SHOWN = 24, 8
LOG_FROM = 50  # largest over smallest, from which a positive parameter's axis is logarithmic


def describe_runs(
    table: pd.DataFrame, varied: list[str], metrics: list[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """What parallel axes need, of a sweep's finished runs.

    `varied`: parameters and labels, `metrics`: numbers, both columns of `table`, the ranked one
    among them. `about`: `metric`, the one that ranks ("" for none), and `is_least`, whether less of
    it is better. The axes shown first are those that the page's own table has.
    """
    inputs = [name for name in varied if len(table[name].dropna().unique()) > 1]
    outputs = [name for name in metrics if table[name].notna().any()]
    shown = [*inputs, *outputs][: max(MOST_SHOWN, len(inputs) + 1)]
    return {
        "runs": [str(name) for name in table["run_id"]],
        "axes": [
            *(_axis(table[name], is_input=True) for name in inputs),
            *(_axis(table[name], is_input=False) for name in outputs[:MOST_METRICS]),
        ],
        "shown": shown,
        "metric": about.get("metric") or (outputs[0] if outputs else ""),
        "is_least": bool(about.get("is_least")),
    }


def _axis(values: pd.Series, *, is_input: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {"name": str(values.name), "is_input": is_input}
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return axis | {"kind": "number", "values": rounded(values), "is_log": _is_log(values)}
    levels = list(dict.fromkeys(str(value) for value in values))
    codes = [levels.index(str(value)) for value in values]
    return axis | {"kind": "group", "levels": levels, "codes": codes}


def _is_log(values: pd.Series) -> bool:
    known = values.dropna().to_numpy(float)
    known = known[np.isfinite(known)]
    return bool(len(known) and known.min() > 0 and known.max() / known.min() >= LOG_FROM)
