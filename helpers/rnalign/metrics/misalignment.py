"""One number for how far an alignment is from what is wanted: the rule of the search."""

import numpy as np
import pandas as pd

KEPT = 0.5
"""r² within types above which more is not wanted: what tells samples apart is noise too."""
WORST = 1.0


def misalignment(scores: pd.DataFrame) -> pd.Series:
    """|relative ΔD| + ΔkBET + (1 − match) + 2·max(0, ½ − r²), a value a row; 0 is best.

    `scores`: a row a method with delta_d_relative, delta_kbet, match_mean and r2_kept. Each part is
    0 where nothing is left to wish for and counts as 1, its worst, where it is larger or missing:
    a collapsed decoder has no relative ΔD. The last is there because a decoder that makes all
    samples of a type alike mixes origins perfectly; it asks for the half of r² that the chapter's
    claim on §4.4 asks for, and not for more. Equal weights, fixed before any search was made.
    """
    parts = pd.DataFrame(
        {
            "distance": scores["delta_d_relative"].abs(),
            "mixing": scores["delta_kbet"].clip(lower=0),
            "match": 1 - scores["match_mean"],
            "kept": (KEPT - scores["r2_kept"]).clip(lower=0) / KEPT,
        }
    )
    return parts.replace([np.inf, -np.inf], np.nan).fillna(WORST).clip(upper=WORST).sum(axis=1)
