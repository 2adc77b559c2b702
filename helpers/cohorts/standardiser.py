"""Zero mean and unit variance per feature, learnt from training rows and frozen then."""

import numpy as np

_SMALLEST_SD = 1e-6  # of a feature; below it is constant


class Standardiser:
    """(x − mean) / SD per feature; a feature that is constant in training becomes 0 there.

    each: divide each feature by its own deviation; else all by one number, the root of their mean
        variance, so that principal components keep what they weigh.

    After `fit`: mean_ and scale_ (feature, float64).
    """

    def __init__(self, each: bool = True):
        self.each = each

    def fit(self, x: np.ndarray) -> "Standardiser":
        """Learn from training rows: sample × feature, finite."""
        return self.fit_moments(x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64))

    def fit_moments(self, mean: np.ndarray, deviation: np.ndarray) -> "Standardiser":
        """Learn from the features' means and standard deviations over the training rows."""
        self.mean_ = mean
        if not self.each:
            deviation = np.full_like(deviation, np.sqrt((deviation**2).mean()))
        self.scale_ = np.where(deviation > _SMALLEST_SD, deviation, 1.0)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """float32 sample × feature: standard deviations from the training mean."""
        return ((x - self.mean_) / self.scale_).astype(np.float32)

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """Float64, back in the unit of what was given to `transform`."""
        return np.asarray(scaled, np.float64) * self.scale_ + self.mean_
