"""Five folds that never part a patient, stratified by label, made once for all embeddings."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import StratifiedGroupKFold

Parts = tuple[tuple[np.ndarray, np.ndarray], ...]


def stratified_parts(labels: ArrayLike, patients: ArrayLike, n_folds: int, seed: int) -> Parts:
    """(training rows, test rows) of each fold of `StratifiedGroupKFold`; not to be written to.

    `labels`, `patients`: one a sample. Every embedding of a split is scored in the same folds, so
    those that were asked for last are kept.
    """
    codes = np.unique(labels, return_inverse=True)[1]
    return _parts(tuple(codes.tolist()), tuple(map(str, patients)), n_folds, seed)


@lru_cache(maxsize=32)
def _parts(codes: tuple[int, ...], patients: tuple[str, ...], n_folds: int, seed: int) -> Parts:
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return tuple(folds.split(np.zeros(len(codes)), np.array(codes), np.array(patients)))
