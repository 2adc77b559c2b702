"""Cox's proportional hazards with a ridge penalty, by Newton's method.

Own code, as lifelines spends most of a fit on checks, baselines and confidence intervals that a
held-out score does not read: of CPU time 23 ms for 100 patients × 10 covariates and 83 ms for 800 ×
64, here 0.4 and 4 ms.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

N_STEPS = 100  # of Newton's method; five to ten are usual
TOLERANCE = 1e-9  # of its decrement, in units of the log likelihood; one more step squares it
FARTHEST = 50.0  # coefficient of a standardised covariate that only separation reaches


@dataclass(frozen=True)
class CoxModel:
    """mean: of the training covariates. coefficients: log hazard ratio per unit of each."""

    mean: np.ndarray
    coefficients: np.ndarray

    def log_risk(self, x: np.ndarray) -> np.ndarray:
        """Log partial hazard of each row of `x`, patients × covariates; 0 at the training mean."""
        return (x - self.mean) @ self.coefficients


def fit_cox(x: np.ndarray, time: np.ndarray, is_death: np.ndarray, penalizer: float) -> CoxModel:
    """Maximum of Efron's partial likelihood less n · `penalizer` · ‖β‖² / 2.

    As lifelines' `CoxPHFitter(penalizer)`: β are coefficients of covariates scaled to SD 1, n is
    the number of patients.

    Args:
        x: patients × covariates.
        time: of death or end of follow-up, one a patient.
        is_death: one bool a patient.
        penalizer: 0 or more.

    Raises:
        ValueError: NaN, no death, or a covariate that is constant.
        ArithmeticError: no maximum was found: the covariates part those who die from the others, or
            one follows from the rest.
    """
    scale = x.std(axis=0, ddof=1) if len(x) > 1 else np.zeros(x.shape[1])
    if not (np.isfinite(x).all() and np.isfinite(time).all()):
        raise ValueError("Covariates and times must be finite.")
    if not is_death.any():
        raise ValueError("Nobody dies in training.")
    if (scale == 0).any():
        raise ValueError(f"{int((scale == 0).sum())} covariates do not vary.")
    mean = x.mean(axis=0)
    # Those at risk longest first: the risk set of a time is a first part of this order.
    order = np.argsort(-time, kind="stable")
    ties = _Ties.of(time[order], is_death[order])
    beta = _maximum((x[order] - mean) / scale, ties, len(x) * penalizer)
    return CoxModel(mean, beta / scale)


def cox_score_test(
    tested: np.ndarray, known: np.ndarray, time: np.ndarray, is_death: np.ndarray
) -> tuple[float, int, float]:
    """Do `tested` covariates tell survival beyond `known` ones: χ², degrees of freedom, p.

    Rao's test at the unpenalised Cox model of `known` alone (Efron's ties), where groups without a
    death, which have no hazard ratio, need none. Without `known` and ties it is the log-rank test.

    `tested`, `known`: patients × covariates, `known` maybe without a column. `time`, `is_death`:
    as in `fit_cox`. NaN and 0 where `tested` adds nothing to be tested, as for a single group.

    Raises:
        ValueError, ArithmeticError: as `fit_cox` of `known`.
    """
    beta = np.zeros(known.shape[1] + tested.shape[1])
    if known.shape[1]:
        beta[: known.shape[1]] = fit_cox(known, time, is_death, 0.0).coefficients
    x = np.hstack([known, tested])
    scale = x.std(axis=0)
    scale[scale == 0] = 1.0
    order = np.argsort(-time, kind="stable")
    ties = _Ties.of(time[order], is_death[order])
    z = ((x - x.mean(axis=0)) / scale)[order]
    _, gradient, information = _likelihood(z, ties, 0.0, beta * scale)
    old, new = slice(None, known.shape[1]), slice(known.shape[1], None)
    # What is left of the new covariates' information once the old ones are known.
    shared = np.linalg.solve(information[old, old], information[old, new])
    left = information[new, new] - information[new, old] @ shared
    df = int(np.linalg.matrix_rank(left, tol=1e-9 * len(x), hermitian=True))
    if df == 0:
        return float("nan"), 0, float("nan")
    score = gradient[new]
    statistic = float(score @ np.linalg.pinv(left, rcond=1e-9, hermitian=True) @ score)
    return statistic, df, float(chi2.sf(statistic, df))


@dataclass(frozen=True)
class _Ties:
    """Deaths in falling time; of each death, its time's risk set and the deaths of its time."""

    deaths: np.ndarray  # patients who die
    group: np.ndarray  # of each death: number of its time
    at_risk: np.ndarray  # of each time with deaths: how many are at risk
    fraction: np.ndarray  # of each death: Efron's l / m, l = 0 … m − 1 of the m deaths of a time
    first_at_risk: np.ndarray  # of each patient: number of the first time, from the latest, in
    # whose risk set it is

    @classmethod
    def of(cls, time: np.ndarray, is_death: np.ndarray) -> "_Ties":
        """`time` falls."""
        deaths = np.flatnonzero(is_death)
        times, first, group, size = np.unique(
            -time[deaths], return_index=True, return_inverse=True, return_counts=True
        )
        at_risk = np.searchsorted(-time, times, side="right")
        fraction = (np.arange(len(deaths)) - first[group]) / size[group]
        return cls(deaths, group, at_risk, fraction, np.searchsorted(times, -time))


def _maximum(x: np.ndarray, ties: _Ties, ridge: float) -> np.ndarray:
    beta = np.zeros(x.shape[1])
    value, gradient, information = _likelihood(x, ties, ridge, beta)
    for _ in range(N_STEPS):
        step = np.linalg.solve(information, gradient)
        decrement = gradient @ step / 2
        if not np.isfinite(decrement) or decrement < -TOLERANCE:
            break
        if decrement < TOLERANCE:
            return beta + step
        # The function is concave: half as far, until it rises.
        length = 1.0
        while True:
            moved = beta + length * step
            found = _likelihood(x, ties, ridge, moved)
            if found[0] >= value - TOLERANCE or length < 1e-6:
                break
            length /= 2
        beta, (value, gradient, information) = moved, found
        if np.abs(beta).max() > FARTHEST:
            break
    raise ArithmeticError("The partial likelihood has no maximum that could be found.")


def _likelihood(
    x: np.ndarray, ties: _Ties, ridge: float, beta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Penalised log partial likelihood, its gradient, and minus its Hessian.

    No array is larger than patients × covariates: Σ over deaths of second moments of their risk
    sets is Σ over patients of x xᵀ, weighted by how often they are in one.
    """
    log_risk = x @ beta
    shift = log_risk.max()
    risk = np.exp(log_risk - shift)  # × e^shift cancels but in the value
    risk_x = risk[:, None] * x
    # Sums over the risk set and over the deaths of each time with deaths.
    at_risk = np.cumsum(risk)[ties.at_risk - 1]
    at_risk_x = np.cumsum(risk_x, axis=0)[ties.at_risk - 1]
    starts = np.flatnonzero(np.diff(ties.group, prepend=-1))
    tied = np.add.reduceat(risk[ties.deaths], starts)
    tied_x = np.add.reduceat(risk_x[ties.deaths], starts, axis=0)
    # Efron: the l-th of m tied deaths leaves l / m of them out of the risk set.
    group, fraction = ties.group, ties.fraction
    total = at_risk[group] - fraction * tied[group]
    mean = (at_risk_x[group] - fraction[:, None] * tied_x[group]) / total[:, None]
    value = log_risk[ties.deaths].sum() - np.log(total).sum() - len(total) * shift
    gradient = (x[ties.deaths] - mean).sum(axis=0)
    # Hazard of each time, summed over the times at which a patient is at risk, less what its own
    # time leaves out.
    hazard = np.add.reduceat(1 / total, starts)
    left_out = np.add.reduceat(fraction / total, starts)
    summed = np.concatenate([np.cumsum(hazard[::-1])[::-1], [0.0]])
    weight = summed[ties.first_at_risk]
    weight[ties.deaths] -= left_out[group]
    information = (risk_x * weight[:, None]).T @ x - mean.T @ mean
    value -= ridge * (beta @ beta) / 2
    return value, gradient - ridge * beta, information + ridge * np.eye(len(beta))
