"""What is left of the samples: a decoder can align by making everyone of a type alike.

Paper 4 says that its model does not force a mixing (§4.4) and has no number for it. These are ours.
What tells samples of one type and origin apart is biology and noise, so 1 is not what to hope for;
how much of it survives stands beside how well the origins mix. A shift per type keeps all of it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.rnalign.origins import Origins, as_origins


def retention(
    before: ArrayLike,
    after: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
) -> pd.DataFrame:
    """How much of what tells samples of one type and origin apart is left, a row a type.

    `before`, `after`: samples × genes of the same rows, as they came and aligned. Both are centred
    on the means of each type's tumours and of its lines.
    Index: cancer_type. Columns: variance_kept, Σ after² / Σ before² (1 keeps the variance, 0 makes
    a type's samples alike, above 1 spreads them); r2_kept, squared correlation of the two over all
    samples and genes (what is left is the samples' own, at any scale; NaN where all coincide).
    Both columns are NaN where `after` has other axes than genes, such as latents.

    Raises:
        ValueError: as `delta_d`, or another number of samples.
    """
    samples = as_origins(before, is_line, cancer_type, types)
    aligned = as_origins(after, is_line, cancer_type, samples.types)
    rows = {name: _kept(samples, aligned, name) for name in samples.types}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["variance_kept", "r2_kept"])
    return table.rename_axis("cancer_type")


def shrunken(
    before: ArrayLike,
    after: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
) -> np.ndarray:
    """`before`, with its samples as much alike within each type and origin as `after` has them.

    A control: what any smoother of that strength gains or loses under a metric, without aligning
    anything. Each sample goes towards the mean of its type and origin until the variance around
    that mean is `after`'s; samples of types that are not in `types` (None: all that can be) stay.
    float32, samples × genes.

    Raises:
        ValueError: as `retention`.
    """
    kept = retention(before, after, is_line, cancer_type, types)["variance_kept"]
    samples = as_origins(before, is_line, cancer_type, kept.index)
    x = samples.x.astype(np.float32)
    for name, share in kept.items():
        for side in (False, True):
            rows = samples.rows(name, side)
            mean = x[rows].mean(axis=0, dtype=np.float64)
            x[rows] = mean + np.sqrt(share) * (x[rows] - mean)
    return x


def _kept(before: Origins, after: Origins, name: str) -> tuple[float, float]:
    """variance_kept and r2_kept of a type."""
    if before.x.shape != after.x.shape:
        return np.nan, np.nan
    own, left, shared = 0.0, 0.0, 0.0
    for side in (False, True):
        rows = before.rows(name, side)
        a, b = (x[rows] - x[rows].mean(axis=0) for x in (before.x, after.x))
        own, left, shared = own + (a * a).sum(), left + (b * b).sum(), shared + (a * b).sum()
    if own == 0:
        return np.nan, np.nan
    return left / own, shared**2 / (own * left) if left > 0 else np.nan
