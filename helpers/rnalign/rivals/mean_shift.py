"""Tumours moved by a constant: the simplest alignment, and the one that others must beat.

On the shared genes of DepMap 23Q2 and TCGA, centring the genes of each source alone lifts the
25-nearest-tumour match of cell lines from .53 to .69.
"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.rnalign.origins import as_samples, as_types


class MeanShift:
    """Tumours + (mean of the lines − mean of the tumours), gene by gene; lines stay as they are.

    The overall shift is the mean of the shifts of the types that both sides share, so that a type
    common among the tumours only does not count as a difference of origin. With `per_type` each
    type has its own shift, which tells the tumours' types to the result: a control for methods
    that are told them too. A type with fewer than `min_samples` tumours or lines, or not seen in
    `fit`, takes the overall shift.

    Attributes:
        shift: the overall shift, one value a gene, in the unit of x.
        type_shifts: type → its own shift, for the types that both sides share.
    """

    def __init__(self, per_type: bool = False, min_samples: int = 3) -> None:
        self.per_type, self.min_samples = per_type, min_samples

    def fit(self, x: ArrayLike, is_line: ArrayLike, cancer_type: ArrayLike) -> "MeanShift":
        """Learn the shifts from samples × genes of both origins.

        Raises:
            ValueError: NaN, unequal lengths, or no type with `min_samples` on both sides.
        """
        x, is_line = as_samples(x, is_line, needs_both=True)
        types = as_types(cancer_type, len(x))
        self.type_shifts = {
            str(name): x[(types == name) & is_line].mean(axis=0)
            - x[(types == name) & ~is_line].mean(axis=0)
            for name in np.unique(types)
            if self._is_shared(is_line[types == name])
        }
        if not self.type_shifts:
            raise ValueError(
                f"no cancer type has {self.min_samples} tumours and {self.min_samples} lines, so "
                "no shift can be told from a difference of types. Check the names of the types, "
                "or lower `min_samples`."
            )
        self.shift = np.mean(list(self.type_shifts.values()), axis=0)
        return self

    def _is_shared(self, is_line: np.ndarray) -> bool:
        return min(is_line.sum(), (~is_line).sum()) >= self.min_samples

    def transform(self, x: ArrayLike, is_line: ArrayLike, cancer_type: ArrayLike) -> np.ndarray:
        """Shifted copy of `x`, same rows, genes and number type; may hold samples not in `fit`."""
        x, is_line = as_samples(x, is_line)
        types = as_types(cancer_type, len(x))
        aligned = x.copy()
        aligned[~is_line] += self.shift.astype(x.dtype)
        if self.per_type:
            for name, shift in self.type_shifts.items():
                rows = ~is_line & (types == name)
                aligned[rows] = x[rows] + shift.astype(x.dtype)
        return aligned
