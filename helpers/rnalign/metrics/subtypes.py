"""Whether an alignment keeps the subtypes within a cancer type, which it was never told."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import silhouette_score

from helpers.rnalign.metrics.delta_d import alignment_scores
from helpers.rnalign.origins import as_origins

MIN_SAMPLES = 3


def subtype_silhouettes(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    subtype: ArrayLike,
    types: Iterable[str] | None = None,
    min_samples: int = MIN_SAMPLES,
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


def subtype_scores(
    aligned: Mapping[str, ArrayLike],
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    subtype: ArrayLike,
    types: Iterable[str] | None = None,
    seed: int = 0,
    k: int = 25,
) -> pd.DataFrame:
    """Every metric of alignment with subtypes in place of cancer types; the paper's table 3.

    Arguments as in `alignment_scores` and `subtype_silhouettes`. Only samples whose subtype counts
    are looked at: a line's neighbours are tumours of known subtype, of all types.
    Index: method. Columns: silhouette (mean over types, higher is better) and those of
    `alignment_scores`, over subtypes. Empty where no type has two subtypes that count.

    Raises:
        ValueError: as the two.
    """
    lines, own_types = np.asarray(is_line, dtype=bool), np.asarray(cancer_type, dtype=str)
    names = np.asarray(subtype, dtype=str)
    silhouettes = {
        method: subtype_silhouettes(x, lines, own_types, names, types)["silhouette"].mean()
        for method, x in aligned.items()
    }
    counted = _counted(lines, own_types, names, types)
    if not counted:
        return pd.DataFrame()
    both = np.char.add(np.char.add(own_types, " "), names)
    rows = np.isin(both, counted)
    scores = alignment_scores(
        {method: np.asarray(x)[rows] for method, x in aligned.items()},
        lines[rows], both[rows], counted, seed=seed, k=k,
    )  # fmt: skip
    scores.attrs.clear()  # a table in there keeps pandas from concatenating
    scores.insert(0, "silhouette", pd.Series(silhouettes))
    return scores


def _counted(
    is_line: np.ndarray, own_types: np.ndarray, names: np.ndarray, types: Iterable[str] | None
) -> list[str]:
    """Names "type subtype" of the subtypes that count, of types that have two of them."""
    counted = []
    for cancer_type in sorted(set(own_types) if types is None else set(types)):
        rows = own_types == cancer_type
        subtypes = subtype_rows(names[rows], is_line[rows])
        counted += [f"{cancer_type} {name}" for name in subtypes] if len(subtypes) > 1 else []
    return counted


def subtype_rows(
    subtype: np.ndarray, is_line: np.ndarray, min_samples: int = MIN_SAMPLES
) -> list[str]:
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
    counted_rows = rows[np.isin(names[rows], counted)]
    if len(counted) < 2:
        return float("nan"), len(counted), len(counted_rows)
    silhouette = float(silhouette_score(samples.x[counted_rows], names[counted_rows]))
    return silhouette, len(counted), len(counted_rows)
