"""The purity of tumours that come without one, read off their expression."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold

_FEWEST_KNOWN = 50  # tumours of known purity from which a regression is tried
_PENALTIES = np.logspace(1, 5, 9)
_LOWEST = 0.05
_WORTH_IT = 0.95


class FilledPurity(NamedTuple):
    """Purity of every tumour in [0, 1], and how that of those without one was found.

    is_filled: bool a tumour. error, median_error: mean absolute error of the estimate, and of the
    type's median, for tumours of known purity in turn held out; NaN where it was not tried.
    """

    purity: np.ndarray
    is_filled: np.ndarray
    method: str
    error: float
    median_error: float


def fill_purity(
    x: ArrayLike, cancer_type: ArrayLike, purity: ArrayLike, patient: ArrayLike
) -> FilledPurity:
    """Missing purities by ridge regression on expression within types, or the type's median.

    The regression is of purity minus its type's median on genes minus their type's mean, over the
    tumours of known purity. It is taken where there are fifty of these or more, and where in five
    folds of patients its error is a twentieth below that of the type's median; else that median is.

    `x`: tumours × genes, log scale. `purity`: 0–1, NaN where not known. `patient`: who a tumour is
    of.

    Raises:
        ValueError: no tumour has a known purity.
    """
    x, types = np.asarray(x, float), np.asarray(cancer_type, str)
    share, patients = np.asarray(purity, float), np.asarray(patient, str)
    known = np.isfinite(share)
    if not known.any():
        raise ValueError(
            "one tumour or more must have a known purity, so that others can be estimated; none of "
            f'{len(share)} has. Give obs["purity"]'
        )
    if known.all():
        return FilledPurity(share, ~known, "known", np.nan, np.nan)
    errors = _held_out_errors(x[known], types[known], share[known], patients[known])
    is_better = errors[0] < _WORTH_IT * errors[1]
    method = "ridge regression" if is_better else "median of the type"
    estimate = _estimates(x[known], types[known], share[known], x[~known], types[~known])
    filled = share.copy()
    filled[~known] = estimate[0 if is_better else 1]
    return FilledPurity(filled, ~known, method, *errors)


def _held_out_errors(
    x: np.ndarray, types: np.ndarray, share: np.ndarray, patients: np.ndarray
) -> tuple[float, float]:
    """Mean absolute errors of the regression and of the type's median; NaN with too few tumours."""
    if len(share) < _FEWEST_KNOWN or len(set(patients)) < _FEWEST_KNOWN:
        return np.nan, np.nan
    errors = np.zeros((2, len(share)))
    for train, test in GroupKFold(5).split(x, groups=patients):
        found = _estimates(x[train], types[train], share[train], x[test], types[test])
        errors[:, test] = np.abs(np.stack(found) - share[test])
    ridge, median = errors.mean(axis=1)
    return float(ridge), float(median)


def _estimates(
    x: np.ndarray, types: np.ndarray, share: np.ndarray, new_x: np.ndarray, new_types: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Purity of new tumours by regression and by the median of their type."""
    medians, means = pd.Series(share).groupby(types).median(), pd.DataFrame(x).groupby(types).mean()
    median = medians.reindex(new_types).fillna(np.median(share)).to_numpy()
    centre = means.reindex(new_types).fillna(pd.Series(x.mean(axis=0))).to_numpy()
    deviation = x - means.loc[types].to_numpy()
    scale = np.maximum(deviation.std(axis=0), 1e-9)
    ridge = RidgeCV(_PENALTIES).fit(deviation / scale, share - medians[types].to_numpy())
    return np.clip(median + ridge.predict((new_x - centre) / scale), _LOWEST, 1.0), median
