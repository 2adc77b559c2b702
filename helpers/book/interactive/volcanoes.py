"""Features that differ between groups: difference against certainty, with a search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.book.interactive.packed_columns import rounded

MAX_Q = 0.05  # as in the picture


def describe_volcano(table: pd.DataFrame, threshold: float = 0.0) -> dict[str, Any]:
    """What a volcano needs: `table` has feature, difference, p, q and, for several, cluster.

    `threshold`: a feature whose |difference| is smaller is grey however sure it is. A p of 0 stands
    at the height of the smallest that is not.
    """
    parts = table.groupby("cluster", sort=False) if "cluster" in table else [("", table)]
    return {
        "max_q": MAX_Q,
        "threshold": float(threshold),
        "groups": [_group(str(name), rows) for name, rows in parts],
    }


def _group(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    rows = rows.dropna(subset=["difference", "p"]).sort_values("p", kind="stable")
    p = rows["p"].to_numpy(float)
    height = -np.log10(np.clip(p, p[p > 0].min(initial=1.0), None))
    return {
        "name": name,
        "features": rows["feature"].astype(str).tolist(),
        "difference": rounded(rows["difference"]),
        "height": rounded(height),
        "q": rounded(rows["q"], 3),
    }
