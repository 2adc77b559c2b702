"""Where a sample comes from: what every metric of alignment checks of tumours and cell lines."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics.pairwise import euclidean_distances

from helpers.evaluate.arrays import as_labels, as_matrix


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
        ValueError: misaligned or missing input, one sample type only, a type in `types` with
            fewer samples on a side, or no type with both.
    """
    matrix = as_matrix(x, "x").astype(float)
    lines = as_labels(is_line, "is_line", len(matrix)).astype(bool)
    names = as_labels(cancer_type, "cancer_type", len(matrix)).astype(str)
    if lines.all() or not lines.any():
        only = "cell lines" if lines.all() else "tumours"
        raise ValueError(
            f"Alignment is scored between tumours and cell lines; all {len(lines)} samples are "
            f"{only}. Check `is_line`."
        )
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
    return Origins(matrix, lines, names, scored)


def _counts(names: np.ndarray, is_line: np.ndarray, name: str) -> tuple[int, int]:
    inside = names == name
    return int((inside & ~is_line).sum()), int((inside & is_line).sum())


def distances(x: np.ndarray) -> np.ndarray:
    """Euclidean distances between samples, samples × samples; centred first for precision."""
    return euclidean_distances(x - x.mean(axis=0))
