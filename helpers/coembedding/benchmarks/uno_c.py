"""Uno's C-statistic: concordance of survival that censoring does not bias."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels


def censoring_survival(time: ArrayLike, event: ArrayLike, at: ArrayLike) -> np.ndarray:
    """Kaplan–Meier estimate of P(censored at t or later) at each time of `at`, in [0, 1].

    G(t−), the left limit: at a time where some die and some are censored, the dead were still
    under observation, so censoring counts as later.
    """
    order = np.argsort(time, kind="stable")
    times, is_censored = np.asarray(time, float)[order], ~np.asarray(event, bool)[order]
    unique, first, counts = np.unique(times, return_index=True, return_counts=True)
    n_censored = np.add.reduceat(is_censored, first, dtype=float)
    # Deaths at t leave before the censored at t are counted.
    n_at_risk = len(times) - first - (counts - n_censored)
    hazard = np.divide(n_censored, n_at_risk, out=np.zeros(len(unique)), where=n_at_risk > 0)
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    return survival[np.searchsorted(unique, np.asarray(at, float), side="left")]


def uno_c(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    tau: float,
    train_time: ArrayLike,
    train_event: ArrayLike,
) -> float:
    """Uno's C up to `tau`, in [0, 1]; higher is better, 0.5 is chance.

    Σ δᵢ G(Tᵢ)⁻² 1(Tᵢ < Tⱼ, Tᵢ < τ) 1(gᵢ > gⱼ) / Σ δᵢ G(Tᵢ)⁻² 1(Tᵢ < Tⱼ, Tᵢ < τ) over pairs, for
    risk g, with G the censoring survival of the *training* samples (Uno et al. 2011). Equal risks
    count half. `time` in days, `event` 1 for a death. Without censoring and with τ beyond the last
    death it is Harrell's C. τ keeps the tail out, where G nears 0 and single patients decide.

    Raises:
        ValueError: no death before τ with a later sample, G = 0 there, or lengths that differ.
    """
    scores = as_labels(risk, "risk").astype(float)
    times = as_labels(time, "time", len(scores)).astype(float)
    is_case = as_labels(event, "event", len(scores)).astype(bool) & (times < tau)
    later = times[None, :] > times[is_case, None]
    if not later.any():
        raise ValueError(
            f"Uno's C needs a death before tau = {tau:g} with a sample followed longer; there is "
            f"none among {len(times)}. Raise tau or add samples."
        )
    g = censoring_survival(train_time, train_event, times[is_case])
    if (g[later.any(axis=1)] <= 0).any():
        raise ValueError(
            f"every training sample is censored before tau = {tau:g}, so its deaths have no "
            "weight. Lower tau."
        )
    gap = scores[is_case, None] - scores[None, :]
    agree = np.where(gap > 0, 1.0, np.where(gap == 0, 0.5, 0.0))
    weight = np.divide(1, g**2, out=np.zeros_like(g), where=g > 0)[:, None] * later
    return float((weight * agree).sum() / weight.sum())
