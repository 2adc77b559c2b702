"""Where samples come from: what every method and metric checks of tumours and cell lines."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics.pairwise import euclidean_distances

from helpers.evaluate.arrays import as_labels, as_matrix


def as_samples(
    x: ArrayLike, is_line: ArrayLike, *, needs_both: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """`x` (samples × genes, log scale) as a matrix and `is_line` as one bool per sample, checked.

    Raises:
        ValueError: NaN, unequal lengths, `is_line` not bool, or, with `needs_both`, only one of
            tumours and cell lines.
    """
    x = as_matrix(x, "x")
    is_line = as_labels(is_line, "is_line", len(x))
    if is_line.dtype != bool:
        raise ValueError(
            f"`is_line` must be bool, True for cell lines; got {is_line.dtype}. "
            'Use `(obs["sample_type"] == "cell line").to_numpy()`.'
        )
    if needs_both and is_line.all() | (~is_line).all():
        raise ValueError(
            f"an alignment needs tumours and cell lines; got {np.sum(~is_line)} tumours and "
            f"{np.sum(is_line)} lines. Check `is_line`."
        )
    return x, is_line


def as_types(cancer_type: ArrayLike, n_samples: int) -> np.ndarray:
    """One cancer type per sample as strings, checked to be complete.

    Raises:
        ValueError: another number of labels, or a missing one.
    """
    return as_labels(cancer_type, "cancer_type", n_samples).astype(str)


class Origins(NamedTuple):
    """Checked samples: `x` float64, `is_line` and `cancer_type` per sample, `types` to score."""

    x: np.ndarray
    is_line: np.ndarray
    cancer_type: np.ndarray
    types: list[str]

    def rows(self, cancer_type: str, is_line: bool) -> np.ndarray:
        """Rows of the tumours or of the lines of one type."""
        return np.flatnonzero((self.cancer_type == cancer_type) & (self.is_line == is_line))


def as_origins(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
    min_each: int = 2,
) -> Origins:
    """Checked tumours and lines; `types` to score, sorted.

    `x`: samples × genes, log2 scale. `is_line`: bool per sample. `types`: None takes every type
    with at least `min_each` tumours and `min_each` lines.

    Raises:
        ValueError: as `as_samples` and `as_types`; one sample type only, a type in `types` with
            fewer samples on a side, or no type with both.
    """
    matrix, lines = as_samples(x, is_line, needs_both=True)
    names = as_types(cancer_type, len(matrix))
    wanted = sorted(set(names) if types is None else {str(name) for name in types})
    counts = {name: _counts(names, lines, name) for name in wanted}
    short = {name: n for name, n in counts.items() if min(n) < min_each}
    if types is not None and short:
        name, (n_tumours, n_lines) = next(iter(short.items()))
        raise ValueError(
            f"A type is scored from {min_each} tumours and {min_each} lines; {name!r} has "
            f"{n_tumours} tumours and {n_lines} lines. Leave it out of `types`."
        )
    scored = [name for name in wanted if name not in short]
    if not scored:
        raise ValueError(
            f"No cancer type has {min_each} tumours and {min_each} lines; types: {wanted[:8]}. "
            "Tumours and lines must share the names in `cancer_type`."
        )
    return Origins(matrix.astype(float), lines, names, scored)


def _counts(names: np.ndarray, is_line: np.ndarray, name: str) -> tuple[int, int]:
    inside = names == name
    return int((inside & ~is_line).sum()), int((inside & is_line).sum())


def distances(x: np.ndarray) -> np.ndarray:
    """Euclidean distances between samples, samples × samples; centred first for precision."""
    return euclidean_distances(x - x.mean(axis=0))
