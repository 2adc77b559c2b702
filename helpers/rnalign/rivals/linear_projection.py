"""Linear Projection: each tumour read off a regression on purity, at purity 1.

After Yu et al. (2019, Nature Communications 10, 3574), who take tumour purity out of expression
by regression before they compare tumours with cell lines. It knows nothing of cell lines, so what
culture changes stays.
"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels
from helpers.rnalign.origins import as_samples, as_types

_SAME_PURITY = 1e-6  # difference of two purities (0–1) that is none


class LinearProjection:
    """x̂ = x + b·(1 − purity), where b is a gene's least-squares slope on purity; lines unchanged.

    Slopes are fitted within each cancer type over its tumours, with an intercept, on the log scale
    that x has. A type with fewer than `min_tumours` tumours, one whose purities have a standard
    deviation below `min_sd`, and one not seen in `fit` take the pooled slope: least squares over
    all tumours with one intercept a type. A tumour keeps its residual. A type whose tumours all
    have one purity, as where it was filled in, has nothing to regress on: it stays as it is.

    Attributes:
        slope: the pooled slope, one value a gene, in the unit of x per unit of purity.
        type_slopes: type → its own slope.
    """

    def __init__(self, min_tumours: int = 20, min_sd: float = 0.05) -> None:
        self.min_tumours, self.min_sd = min_tumours, min_sd

    def fit(
        self, x: ArrayLike, is_line: ArrayLike, cancer_type: ArrayLike, purity: ArrayLike
    ) -> "LinearProjection":
        """Learn the slopes from the tumours among samples × genes.

        Raises:
            ValueError: NaN, unequal lengths, purity outside 0–1, no tumours, or purities that do
                not vary within any type.
        """
        x, is_line = as_samples(x, is_line)
        purity = _as_purity(purity, len(x))
        types = as_types(cancer_type, len(x))
        parts = {str(name): ~is_line & (types == name) for name in np.unique(types[~is_line])}
        varying = types_of_varying_purity(is_line, types, purity)
        products = {name: _products(x[parts[name]], purity[parts[name]]) for name in varying}
        if not products:
            raise ValueError(
                "the tumours' purities do not vary within any cancer type, so no gene has a slope "
                f"on purity ({np.sum(~is_line)} tumours, {len(parts)} types)."
            )
        total = sum(squares for _, squares in products.values())
        self.slope = sum(cross for cross, _ in products.values()) / total
        self.type_slopes = {
            name: cross / squares
            for name, (cross, squares) in products.items()
            if parts[name].sum() >= self.min_tumours and purity[parts[name]].std() >= self.min_sd
        }
        filled_in = {name for name, rows in parts.items() if rows.sum() > 1} - set(varying)
        self.type_slopes |= dict.fromkeys(sorted(filled_in), np.zeros_like(self.slope))
        return self

    def transform(
        self, x: ArrayLike, is_line: ArrayLike, cancer_type: ArrayLike, purity: ArrayLike
    ) -> np.ndarray:
        """Projected copy of `x`, same rows, genes and number type; may hold samples not in `fit`.

        Raises:
            ValueError: NaN, unequal lengths, or purity outside 0–1.
        """
        x, is_line = as_samples(x, is_line)
        purity = _as_purity(purity, len(x))
        types = as_types(cancer_type, len(x))
        projected = x.copy()
        for name in np.unique(types[~is_line]):
            rows = ~is_line & (types == name)
            slope = self.type_slopes.get(str(name), self.slope)
            projected[rows] += np.outer(1 - purity[rows], slope).astype(x.dtype)
        return projected


def types_of_varying_purity(
    is_line: ArrayLike, cancer_type: ArrayLike, purity: ArrayLike
) -> list[str]:
    """Types whose tumours differ in purity by more than rounding; one value a sample each."""
    is_tumour, types = ~np.asarray(is_line, bool), np.asarray(cancer_type).astype(str)
    values = np.asarray(purity, float)
    of_type = {name: values[is_tumour & (types == name)] for name in np.unique(types[is_tumour])}
    return [str(name) for name, of_it in of_type.items() if np.ptp(of_it) > _SAME_PURITY]


def _products(x: np.ndarray, purity: np.ndarray) -> tuple[np.ndarray, float]:
    """Σ (purity − mean)·x for each gene, and Σ (purity − mean)²."""
    deviation = purity - purity.mean()
    return deviation @ x.astype(float), float(deviation @ deviation)


def _as_purity(purity: ArrayLike, n_samples: int) -> np.ndarray:
    purity = as_labels(purity, "purity", n_samples).astype(float)
    outside = np.flatnonzero((purity < 0) | (purity > 1))
    if len(outside):
        raise ValueError(
            f"`purity` must lie in 0–1; sample {outside[0]} has {purity[outside[0]]:g}, and "
            f"{len(outside)} of {n_samples} are outside. Divide percentages by 100."
        )
    return purity
