"""What an analysis hands back: tidy tables, and the metrics they imply.

An analysis of a paper's room returns one small frozen dataclass with two attributes, `tables`
(name → table, one row a method × seed × …) and `metrics` (key → number); a run's record keeps both
with one call, `record.add(result)`. `Found` is enough where there is nothing else to say. The
functions here make metrics of tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd


class Result(Protocol):
    """What every analysis's result has."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame | pd.Series]:
        """Tables by name, as they are written to tables/<name>.csv."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Numbers by key, `<section>.<metric>[.<variant>]`."""


@dataclass(frozen=True)
class Found:
    """A result that is nothing but its tables and metrics."""

    tables: Mapping[str, pd.DataFrame | pd.Series] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


def spread_metrics(key: str, values: Iterable[float]) -> dict[str, float]:
    """A number found once per seed as two metrics: mean as `key`, SD as `key_sd`.

    The SD is the sample's (n − 1), and is left out for a single value, which has none; missing
    values are left out, and where none is left so is the metric.
    """
    series = pd.Series(list(values), dtype=float).dropna()
    if series.empty:
        return {}
    found = {key: float(series.mean())}
    return found | ({f"{key}_sd": float(series.std())} if len(series) > 1 else {})


def table_metrics(
    table: pd.DataFrame, section: str, columns: Sequence[str], by: str
) -> dict[str, float]:
    """`<section>.<column>.<value of by>` and its `_sd` of every column, over the rows of a value.

    `table` has one row a `by` × seed; columns that are missing from it are left out.
    """
    return {
        name: number
        for column in columns
        if column in table
        for value, rows in table.groupby(by, sort=False)[column]
        for name, number in spread_metrics(f"{section}.{column}.{value}", rows).items()
    }


def mean_and_sd(values: Iterable[float], digits: int = 3) -> str:
    """`mean ± SD` over n values as text, one number if there is one, "–" if there is none."""
    series = pd.Series(list(values), dtype=float).dropna()
    if series.empty:
        return "–"
    if len(series) == 1:
        return f"{series.iloc[0]:.{digits}g}"
    mean, sd = series.mean(), series.std()
    is_rounding = sd <= 1e-12 * abs(mean)  # of equal values, by the arithmetic alone
    return f"{mean:.{digits}g} ± {0.0 if is_rounding else sd:.2g}"
