"""Whether an alignment keeps the subtypes within a cancer type, which it was never told."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import silhouette_score

from helpers.evaluate.origin import as_origins


def subtype_silhouettes(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    subtype: ArrayLike,
    types: Iterable[str] | None = None,
    min_samples: int = 3,
) -> pd.DataFrame:
    """Silhouette of subtypes within each cancer type, in [−1, 1]; higher is better kept.

    Euclidean in `x` (samples × genes), tumours and lines together: subtypes count as kept only if
    a tumour is nearer to lines of its own subtype than to tumours of another. `subtype`: "" where
    it is not known. Only subtypes with `min_samples` tumours and as many lines count.

    Index: cancer_type. Columns: silhouette (NaN where fewer than two subtypes count), n_subtypes,
    n_samples.

    Raises:
        ValueError: parts of unequal length, or as `as_origins`.
    """
    samples = as_origins(x, is_line, cancer_type, types)
    names = np.asarray(subtype, dtype=str)
    if len(names) != len(samples.x):
        raise ValueError(
            f"`subtype` must have one value per sample: `x` has {len(samples.x)} rows, `subtype` "
            f'has {len(names)}. Give "" where a subtype is not known.'
        )
    table = {name: _one_type(samples, names, name, min_samples) for name in samples.types}
    columns = ["silhouette", "n_subtypes", "n_samples"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns).rename_axis("cancer_type")


def subtype_rows(subtype: np.ndarray, is_line: np.ndarray, min_samples: int = 3) -> list[str]:
    """Subtypes with `min_samples` tumours and `min_samples` lines, in alphabetical order."""
    counts = pd.crosstab(pd.Series(subtype), pd.Series(is_line)).reindex(columns=[False, True])
    enough = (counts.fillna(0) >= min_samples).all(axis=1)
    return [name for name in counts.index[enough] if name]


def _one_type(samples, names: np.ndarray, cancer_type: str, min_samples: int) -> tuple:
    tumours = samples.rows(cancer_type, is_line=False)
    lines = samples.rows(cancer_type, is_line=True)
    rows = np.concatenate([tumours, lines])
    origin = np.repeat([False, True], [len(tumours), len(lines)])
    counted = subtype_rows(names[rows], origin, min_samples)
    kept = rows[np.isin(names[rows], counted)]
    if len(counted) < 2:
        return float("nan"), len(counted), len(kept)
    return float(silhouette_score(samples.x[kept], names[kept])), len(counted), len(kept)
