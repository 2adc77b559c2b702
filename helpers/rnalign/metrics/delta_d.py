"""How well tumours and cell lines are aligned: ΔD, and one table of every metric and method."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.rnalign.metrics.kbet import kbet, kbet_by_type
from helpers.rnalign.metrics.line_match import (
    balanced_match,
    match_lines,
    match_summary,
    match_table,
)
from helpers.rnalign.metrics.pvca import pvca
from helpers.rnalign.metrics.retention import retention
from helpers.rnalign.origins import as_origins, distances

MEDIANS = ("delta_d", "delta_d_relative", "pvca", "delta_kbet", "variance_kept", "r2_kept")


def delta_d(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
) -> pd.DataFrame:
    """How much farther a type's tumours are from its lines than from each other; lower is better.

    ΔD = D_inter − (D_tumour + D_line) / 2 in units of `x`: D are medians of the pairwise Euclidean
    distances between tumours and lines, within tumours and within lines (appendix A.3 of the
    RNAlign paper). The paper's formula is D_intra − D_inter, but its tables print positive numbers
    that shrink with better alignment, which is the sign used here; 0 is mixed, and a little below
    0 is possible. `relative` = ΔD / mean of the two D_intra: a decoder that shrinks all distances
    lowers ΔD but not this.

    Index: cancer_type. Columns: d_tumour, d_line, d_inter, delta_d, relative (NaN where all
    samples of each origin coincide), n_tumours, n_lines.

    Raises:
        ValueError: misaligned input, or a type with fewer than 2 tumours or 2 lines.
    """
    samples = as_origins(x, is_line, cancer_type, types)
    rows = {}
    for name in samples.types:
        tumours, lines = samples.rows(name, is_line=False), samples.rows(name, is_line=True)
        gaps = distances(samples.x[np.concatenate([tumours, lines])])
        n = len(tumours)
        within = [_median_pair(gaps[:n, :n]), _median_pair(gaps[n:, n:])]
        rows[name] = (*within, float(np.median(gaps[:n, n:])), n, len(lines))
    columns = ["d_tumour", "d_line", "d_inter", "n_tumours", "n_lines"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    intra = (table["d_tumour"] + table["d_line"]) / 2
    table.insert(3, "delta_d", table["d_inter"] - intra)
    table.insert(4, "relative", (table["delta_d"] / intra).where(intra > 0))
    return table.rename_axis("cancer_type")


def _median_pair(gaps: np.ndarray) -> float:
    return float(np.median(gaps[np.triu_indices(len(gaps), k=1)]))


def median_over_types(table: pd.DataFrame, column: str) -> float:
    """Median of a column over types, those without a value left out; NaN if none has one."""
    values = table[column].dropna()
    return float(values.median()) if len(values) else float("nan")


def alignment_scores(
    aligned: Mapping[str, ArrayLike] | Iterable[tuple[str, ArrayLike]],
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
    seed: int = 0,
    k: int = 25,
    before: ArrayLike | None = None,
) -> pd.DataFrame:
    """Every metric of every method, medians over types except for the matches.

    `aligned`: method → samples × genes with the rows of the input, or pairs of both, which may be
    made one after the other. `types`: scored ones. `before`: the samples as they came.
    Index: method. Columns: delta_d (units of x), delta_d_relative, pvca, delta_kbet: lower is
    better; match (share of all lines), match_mean and match_median (over types), match_balanced
    (equally many tumours of each type vote; mean over types), in [0, 1]: higher is better; with
    `before`, variance_kept and r2_kept (see `retention`).
    `.attrs["per_type"]`: the same long, with columns method, cancer_type, metric, value, n_lines.

    Raises:
        ValueError: no method, or as the metrics.
    """
    wanted = None if types is None else [*types]
    rows, long = {}, []
    for method, x in aligned.items() if isinstance(aligned, Mapping) else aligned:
        per_type, matches = _per_type(x, is_line, cancer_type, wanted, seed, k)
        if before is not None:
            per_type = per_type.join(retention(before, x, is_line, cancer_type, per_type.index))
        rows[method] = {
            **per_type[[name for name in MEDIANS if name in per_type]].median(),
            **{name: matches[name] for name in ("match", "match_mean", "match_median")},
            "match_balanced": float(per_type["match_balanced"].mean()),
        }
        tidy = per_type.reset_index().melt(["cancer_type", "n_lines"], var_name="metric")
        long.append(tidy.assign(method=method))
    if not rows:
        raise ValueError("`aligned` must hold at least one method → matrix; got none.")
    scores = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    columns = ["method", "cancer_type", "metric", "value", "n_lines"]
    scores.attrs["per_type"] = pd.concat(long, ignore_index=True)[columns]
    return scores


def spread_table(scores: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Mean ± SD over seeds as text, two decimals; a row a method in the order they come.

    `scores`: a row a method and seed, with the column method and `metrics`. One seed has no SD.
    """
    groups = scores.groupby("method", sort=False)[[*metrics]]
    mean, sd = groups.mean(), groups.std()
    text = {
        metric: [
            f"{m:.2f}" if np.isnan(s) else f"{m:.2f}\u00a0±\u00a0{s:.2f}"
            for m, s in zip(mean[metric], sd[metric], strict=True)
        ]
        for metric in metrics
    }
    return pd.DataFrame(text, index=mean.index)


def _per_type(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: list[str] | None,
    seed: int,
    k: int,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """All metrics of one matrix by type, and the summary of its matches."""
    samples = (x, is_line, cancer_type)
    distance = delta_d(*samples, types=types)
    types = [*distance.index]
    matches = match_table(match_lines(*samples, k=k, types=types), seed=seed)
    table = pd.DataFrame(
        {
            "delta_d": distance["delta_d"],
            "delta_d_relative": distance["relative"],
            "pvca": pvca(*samples, types=types)["origin"],
            "delta_kbet": kbet_by_type(kbet(*samples, types=types, seed=seed))["delta"],
            "match": matches["matched"],
            "match_balanced": balanced_match(*samples, k=k, types=types, seed=seed)["matched"],
            "n_lines": distance["n_lines"],
        }
    )
    return table.rename_axis("cancer_type"), match_summary(matches)
