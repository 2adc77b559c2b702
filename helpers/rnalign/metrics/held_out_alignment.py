"""Alignment of samples no model was fitted on."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.rnalign.metrics.delta_d import delta_d, median_over_types
from helpers.rnalign.metrics.kbet import kbet, kbet_by_type
from helpers.rnalign.metrics.line_match import match_lines
from helpers.rnalign.metrics.misalignment import misalignment
from helpers.rnalign.metrics.pvca import pvca
from helpers.rnalign.metrics.retention import retention


def countable_types(
    is_line: ArrayLike, cancer_type: ArrayLike, is_test: ArrayLike, types: Iterable[str]
) -> list[str]:
    """Those of `types` with two held-out tumours and two held-out lines, in their order."""
    line, own_type = np.asarray(is_line, dtype=bool), np.asarray(cancer_type, dtype=str)
    test = np.asarray(is_test, dtype=bool)
    sizes = {
        name: [np.sum(test & side & (own_type == name)) for side in (line, ~line)] for name in types
    }
    return [name for name, of_sides in sizes.items() if min(of_sides) >= 2]


def held_out_scores(
    aligned: Mapping[str, ArrayLike],
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    is_test: ArrayLike,
    types: Iterable[str] | None = None,
    k: int = 25,
    seed: int = 0,
    before: ArrayLike | None = None,
) -> pd.DataFrame:
    """Metrics of held-out samples, a row a method.

    `aligned`: method → all samples × genes, aligned by a model fitted on those not in `is_test`.
    Columns: delta_d, delta_d_relative, pvca and delta_kbet among held-out samples (medians over
    types with two of each origin, delta_kbet over those with five; lower is better; NaN without
    one); match (share of held-out lines) and match_mean (over types): the majority type of the 25
    nearest of *all* tumours, which are a reference and not what is tested (higher is better);
    n_lines (held out); with `before`, the samples as they came, variance_kept and r2_kept (see
    `retention`) and `misalignment`. `seed` is that of ΔkBET's draws.

    Raises:
        ValueError: as the metrics; no type with two held-out samples of each origin.
    """
    line, own_type = np.asarray(is_line, dtype=bool), np.asarray(cancer_type, dtype=str)
    test = np.asarray(is_test, dtype=bool)
    wanted = sorted(set(own_type)) if types is None else [*types]
    counted = countable_types(line, own_type, test, wanted)
    if not counted:
        raise ValueError(
            "no cancer type has two held-out tumours and two held-out lines. Hold out more samples "
            "or leave small types out."
        )
    rows = {}
    for method, values in aligned.items():
        x = np.asarray(values)
        unseen = x[test], line[test], own_type[test]
        gaps = delta_d(*unseen, counted)
        mixing = kbet_by_type(kbet(*unseen, types=counted, seed=seed))
        matches = match_lines(x, line, own_type, k=k, types=wanted, query=test & line)
        rows[method] = {
            "delta_d": median_over_types(gaps, "delta_d"),
            "delta_d_relative": median_over_types(gaps, "relative"),
            "pvca": pvca(*unseen, types=counted)["origin"].median(),
            "delta_kbet": median_over_types(mixing, "delta"),
            "match": matches["matched"].mean(),
            "match_mean": matches.groupby("cancer_type")["matched"].mean().mean(),
            "n_lines": len(matches),
        }
        if before is not None:
            kept = retention(np.asarray(before)[test], *unseen, counted)
            rows[method] |= {name: median_over_types(kept, name) for name in kept}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    return table if before is None else table.assign(misalignment=misalignment(table))
