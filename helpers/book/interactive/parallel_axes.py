"""A sweep's runs: a line a run across parameters and metrics; chosen, sorted and coloured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.book.interactive.packed_columns import rounded

MOST_METRICS, MOST_INPUTS = 24, 5  # offered, and shown at first beside the metric that ranks
LOG_FROM = 100  # largest over smallest, from which a positive axis is logarithmic


def describe_runs(
    table: pd.DataFrame, varied: Sequence[str], metrics: Sequence[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """What parallel axes need, of a sweep's finished runs.

    `varied`: parameters and labels, `metrics`: numbers, both columns of `table`, the one that ranks
    or else the most telling first. `about`: `is_least`, whether less of the first metric is better;
    `drawn`, how a search drew a parameter. Of many parameters those are shown first whose ranks go
    most with the first metric's; `note` says so.
    """
    inputs = [name for name in varied if len(table[name].dropna().unique()) > 1]
    outputs = [name for name in metrics if table[name].notna().any()][:MOST_METRICS]
    first = _most_telling(table, inputs, outputs[0]) if outputs else inputs
    note = (
        f"Shown first: the {MOST_INPUTS} of {len(inputs)} parameters whose ranks go most with "
        f"those of {outputs[0]}. "
        if len(first) < len(inputs)
        else ""
    )
    drawn = about.get("drawn") or {}
    return {
        "runs": [str(name) for name in table["run_id"]],
        "axes": [
            *(_axis(table[name], drawn.get(name), is_input=True) for name in inputs),
            *(_axis(table[name], None, is_input=False) for name in outputs),
        ],
        "shown": [*first, *outputs[:1]] if len(first) > 2 else [*first, *outputs[:4]],
        "metric": outputs[0] if outputs else "",
        "is_least": bool(about.get("is_least")),
        "note": note,
    }


def _most_telling(table: pd.DataFrame, inputs: Sequence[str], metric: str) -> list[str]:
    """At most `MOST_INPUTS` of the inputs, in their order; what is no number comes first."""
    rank = table[metric].rank()
    strength = {
        name: abs(table[name].rank().corr(rank))
        if pd.api.types.is_numeric_dtype(table[name])
        else 2.0
        for name in inputs
    }
    strength = {name: 0.0 if np.isnan(value) else value for name, value in strength.items()}
    chosen = sorted(inputs, key=lambda name: -strength[name])[:MOST_INPUTS]
    return [name for name in inputs if name in chosen]


def _axis(values: pd.Series, drawn: Mapping[str, Any] | None, *, is_input: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {"name": str(values.name), "is_input": is_input}
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        is_log = any("log" in how for how in drawn) if drawn else _is_wide(values)
        return axis | {"kind": "number", "values": rounded(values), "is_log": is_log}
    levels = list(dict.fromkeys(str(value) for value in values))
    codes = [levels.index(str(value)) for value in values]
    return axis | {"kind": "group", "levels": levels, "codes": codes}


def _is_wide(values: pd.Series) -> bool:
    known = values.dropna().to_numpy(float)
    known = known[np.isfinite(known)]
    return bool(len(known) and known.min() > 0 and known.max() / known.min() >= LOG_FROM)
