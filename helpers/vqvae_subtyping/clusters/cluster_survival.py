"""Do the clusters differ in how long their patients live? Times in days, event 1 is a death."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import false_discovery_control

from helpers.evaluate.arrays import as_labels


@dataclass(frozen=True)
class LogRank:
    """Log-rank test of all groups at once: χ², its degrees of freedom (groups − 1), and p."""

    chi2: float
    df: int
    p: float


def check_survival(
    time: ArrayLike, event: ArrayLike, patients: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """`time` and `event` as float and bool arrays, checked patient by patient.

    `patients`: names for the error; without them the index of `time`, or the row number.

    Raises:
        ValueError: unequal lengths, a time that is not above 0, or an event that is not 0 or 1.
    """
    if patients is None:
        patients = time.index if isinstance(time, pd.Series) else range(len(time))
    names = list(patients)
    days = np.asarray(time, dtype=float)
    died = np.asarray(event, dtype=float)
    if not len(days) == len(died) == len(names):
        raise ValueError(
            f"`time`, `event` and `patients` must have one value per patient: {len(days)}, "
            f"{len(died)} and {len(names)}. Align them on the patient first."
        )
    for bad, what in [
        (~(np.isfinite(days) & (days > 0)), "survival times must be above 0 days"),
        (~np.isin(died, [0, 1]), "events must be 0 (censored) or 1 (died)"),
    ]:
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            value = (days if "times" in what else died)[first]
            raise ValueError(
                f"{what[0].upper()}{what[1:]}; {bad.sum()} of {len(days)} are not, such as "
                f"{value:g} of patient {names[first]}. Drop such patients."
            )
    return days, died.astype(bool)


def logrank(time: ArrayLike, event: ArrayLike, labels: ArrayLike) -> LogRank:
    """Log-rank test that no group's hazard differs (Mantel 1966); p is NaN with one group.

    Raises:
        ValueError: as `check_survival`.
    """
    days, died = check_survival(time, event)
    groups = as_labels(labels, "labels", len(days))
    n_groups = len(np.unique(groups))
    if n_groups < 2 or not died.any():
        return LogRank(float("nan"), n_groups - 1, float("nan"))
    statistic = _Table(days, died).chi2(groups)
    return LogRank(statistic, n_groups - 1, float(chi2_distribution.sf(statistic, n_groups - 1)))


def permutation_logrank(
    time: ArrayLike,
    event: ArrayLike,
    labels: ArrayLike,
    n_permutations: int = 1000,
    seed: int = 0,
) -> float:
    """The p of the log-rank χ² among labels given to patients at random, in [1/(n + 1), 1].

    (1 + number of permutations with as large a χ²) / (1 + `n_permutations`). It needs no large
    groups, which the χ² distribution does, but supposes that censoring does not depend on the
    group. NaN with one group or no event.

    Raises:
        ValueError: as `check_survival`.
    """
    days, died = check_survival(time, event)
    groups = as_labels(labels, "labels", len(days))
    if len(np.unique(groups)) < 2 or not died.any():
        return float("nan")
    table, rng = _Table(days, died), np.random.default_rng(seed)
    observed = table.chi2(groups) * (1 - 1e-9)  # a permutation that changes nothing counts as large
    n_above = sum(table.chi2(rng.permutation(groups)) >= observed for _ in range(n_permutations))
    return (1 + n_above) / (1 + n_permutations)


def logrank_table(
    time: ArrayLike,
    event: ArrayLike,
    groupings: Mapping[tuple[str, int], ArrayLike],
    n_permutations: int = 1000,
) -> pd.DataFrame:
    """Log-rank test of several groupings of the same patients.

    `groupings`: (grouping, seed) → a label per patient; the seed is also that of the permutations.
    Columns: grouping, seed, chi2, df, logrank_p, permutation_p.

    Raises:
        ValueError: as `check_survival`.
    """
    rows = []
    for (grouping, seed), labels in groupings.items():
        test = logrank(time, event, labels)
        permuted = permutation_logrank(time, event, labels, n_permutations, seed)
        rows.append((grouping, seed, test.chi2, test.df, test.p, permuted))
    columns = ["grouping", "seed", "chi2", "df", "logrank_p", "permutation_p"]
    return pd.DataFrame(rows, columns=columns)


def adjust_over_cancers(p: Mapping[str, float] | pd.Series) -> pd.DataFrame:
    """Index cancer type; columns p and q, Benjamini–Hochberg over the cancers that have a p."""
    table = pd.Series(p, dtype=float).rename("p").rename_axis("cancer_type").to_frame()
    known = table["p"].notna()
    table["q"] = np.nan
    if known.any():
        table.loc[known, "q"] = false_discovery_control(table.loc[known, "p"])
    return table


class _Table:
    """Deaths and numbers at risk at each time of death, for one set of patients.

    chi2 = (O − E)ᵀ V⁻ (O − E): observed less expected deaths per group and their hypergeometric
    covariance, summed over the times of death. What does not depend on the groups is kept, so that
    a permutation of the labels costs little.
    """

    def __init__(self, days: np.ndarray, died: np.ndarray) -> None:
        times, at = np.unique(days[died], return_inverse=True)
        self.died = died
        # Of each patient, the number of times of death that he or she lived to see (own included).
        self.n_followed = np.searchsorted(times, days, side="right")
        self.n_times = len(times)
        self.deaths = np.bincount(at).astype(float)  # d_t, at each time

    def chi2(self, groups: np.ndarray) -> float:
        """The statistic of one grouping of the patients."""
        names, number = np.unique(groups, return_inverse=True)
        # How many of each group were followed through exactly so many times of death …
        left = np.zeros((self.n_times + 1, len(names)))
        np.add.at(left, (self.n_followed, number), 1)
        # … summed from the end: those followed through t or longer are at risk at t, n_tg.
        at_risk = left[::-1].cumsum(axis=0)[::-1][1:]  # times × groups
        total = at_risk.sum(axis=1)  # n_t
        share = at_risk / total[:, None]  # π_tg = n_tg / n_t
        # If no hazard differs, deaths fall on the groups as their shares: E_g = Σ_t d_t π_tg
        observed = np.bincount(number[self.died], minlength=len(names))
        excess = observed - self.deaths @ share
        # and have the covariance of draws without replacement,
        # V_gh = Σ_t d_t (n_t − d_t) / (n_t − 1) · π_tg (δ_gh − π_th); 0 where one is at risk.
        weight = self.deaths * (total - self.deaths) / np.maximum(total - 1, 1)
        covariance = np.diag(weight @ share) - (share * weight[:, None]).T @ share
        # The excesses sum to 0, so V is singular: its pseudo-inverse gives χ² of groups − 1.
        return float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
