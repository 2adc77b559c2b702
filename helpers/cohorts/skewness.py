"""Ways to undo the skew of linear expression, each learnt per gene from training rows.

A way has `fit(x)` (row × gene, finite) that returns itself, and is then called on any rows of the
same genes. None of them changes the order of a gene's values.
"""

import numpy as np
from scipy.stats import norm, rankdata

N_ROBUST_SD = 3.0  # `Clip`: values further than that from the median are brought back
_OFFSETS = (1e-2, 1e3)  # bounds of the offset of `ShiftedLog`, in typical values of the gene
_BISECTIONS = 30
_SD_OF_MAD = 1.4826  # a normal's standard deviation in median absolute deviations


class ShiftedLog:
    """log(z − min z + c), min and c per gene; c is where the training rows have no skew.

    A z-score of linear expression is (x − m) / s, so z − min z is the expression up to a factor and
    the smallest value. c plays the part of the 1 in log2(RPM+1): of what size it should be cannot
    be known without s, and bisection finds the c at which the third central moment is 0, between
    1/100 and 1,000 times the gene's median above the minimum. Skewness rises with c. A value below
    the training minimum counts as the minimum.
    """

    def fit(self, x: np.ndarray) -> "ShiftedLog":
        """Learn the minimum and the offset of each gene."""
        self.floor_ = x.min(axis=0)
        above = x - self.floor_
        # Bisection on log c of all genes at once: too right-skewed, c is too large.
        low, high = (np.log(bound * _typical(above)) for bound in _OFFSETS)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            is_right_skewed = _third_moment(np.log(above + np.exp(middle))) > 0
            high = np.where(is_right_skewed, middle, high)
            low = np.where(is_right_skewed, low, middle)
        self.offset_ = np.exp((low + high) / 2)
        return self

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Natural logarithms, row × gene."""
        return np.log(np.maximum(x - self.floor_, 0) + self.offset_)


class RankNormal:
    """Normal scores of the ranks: the training rows' quantiles are put where a normal's are.

    Equal values share their mean rank. Between training values the score is interpolated; beyond
    them it is that of the smallest or largest.
    """

    def fit(self, x: np.ndarray) -> "RankNormal":
        """Learn the quantiles of each gene."""
        scores = norm.ppf((rankdata(x, axis=0) - 0.5) / len(x))  # Hazen's positions: never 0 or 1
        order = np.argsort(x, axis=0, kind="stable")
        self.values_ = np.take_along_axis(x, order, axis=0)
        self.scores_ = np.take_along_axis(scores, order, axis=0)
        return self

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Normal scores, row × gene."""
        columns = zip(x.T, self.values_.T, self.scores_.T, strict=True)
        return np.column_stack([np.interp(new, known, score) for new, known, score in columns])


class Clip:
    """Values beyond median ± 3 robust standard deviations brought back to there.

    Robust, since the deviation itself follows the outliers: one value of 36,893 among 940 makes a
    deviation of 1,200. Robust SD = 1.4826 · median absolute deviation; where more than half of the
    rows are equal and that is 0, the deviation of the values that are not the median takes its
    place.
    """

    def fit(self, x: np.ndarray) -> "Clip":
        """Learn the bounds of each gene."""
        centre = np.median(x, axis=0)
        distance = np.abs(x - centre)
        spread = _SD_OF_MAD * np.median(distance, axis=0)
        spread = np.where(spread > 0, spread, _SD_OF_MAD * _typical(distance))
        self.low_, self.high_ = centre - N_ROBUST_SD * spread, centre + N_ROBUST_SD * spread
        return self

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The values within the bounds, row × gene."""
        return np.clip(x, self.low_, self.high_)


class Unchanged:
    """Values as they come: they are on a log scale already."""

    def fit(self, x: np.ndarray) -> "Unchanged":
        """Nothing to learn."""
        return self

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """`x` itself."""
        return x


def _typical(above: np.ndarray) -> np.ndarray:
    """Median of each gene's values above 0; 1 where it has none."""
    return np.array([np.median(column[column > 0]) if column.any() else 1.0 for column in above.T])


def _third_moment(x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=0)
    return np.einsum("ij,ij,ij->j", centred, centred, centred)
