"""What every alignment needs to know of its samples: a finite matrix, and who is a cell line."""

import numpy as np
from numpy.typing import ArrayLike

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
            f"{np.sum(is_line)} lines."
        )
    return x, is_line


def as_types(cancer_type: ArrayLike, n_samples: int) -> np.ndarray:
    """One cancer type per sample as strings, checked to be complete.

    Raises:
        ValueError: another number of labels, or a missing one.
    """
    return as_labels(cancer_type, "cancer_type", n_samples).astype(str)
