"""What age, sex and race explain of each peak beside the cancer type, learnt some peaks at a time.

`BatchEffect` for a matrix that is never in memory: a few numbers a peak and a few a sample are
kept, and any peaks of any samples are corrected with them.
"""

import numpy as np
import pandas as pd

from helpers.coembedding.donors.batch_effect import BatchEffect
from helpers.coembedding.donors.demographics import Demographics


class PeakDemographics:
    """x − (facts of the samples) · (coefficients of the peaks), both over training samples.

    obs: facts of all samples; those it lacks are not removed, see `Demographics`. train_rows:
    samples that are fitted on. n_peaks: peaks in all.

    Attributes: removed (columns of obs).
    """

    def __init__(self, obs: pd.DataFrame, train_rows: np.ndarray, n_peaks: int) -> None:
        people = Demographics().fit(obs.iloc[train_rows])
        self.removed = people.columns_
        self._rows, self._facts = train_rows, people.table(obs)
        design = "cancer_type" if "cancer_type" in obs else None
        self._effect = BatchEffect([*people.groups_], people.numbers_, design)
        self._of_sample = np.zeros((len(obs), 0), np.float32)  # sample × number
        self._n_peaks, self._of_peak = n_peaks, np.zeros((0, n_peaks), np.float32)

    def fit(self, values: np.ndarray, start: int) -> None:
        """Learn from peaks `start`, …: training row × peak."""
        if not self.removed:
            return
        self._effect.fit(values, self._facts.iloc[self._rows])
        if not len(self._of_peak):
            self._of_sample = self._effect.removed_matrix(self._facts).astype(np.float32)
            self._of_peak = np.zeros((self._of_sample.shape[1], self._n_peaks), np.float32)
        self._of_peak[:, start : start + values.shape[1]] = self._effect.coefficients_

    def corrected(self, values: np.ndarray, rows: np.ndarray, start: int) -> np.ndarray:
        """Peaks `start`, … of some samples (row × peak) without what was learnt; float32."""
        stop = start + values.shape[1]
        return values - self._of_sample[rows] @ self._of_peak[:, start:stop]
