"""Do the clusters differ in how long their patients live? Times in days, event 1 is a death."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import false_discovery_control

from helpers.evaluate.arrays import as_labels
from helpers.evaluate.assignment import assign_to_clusters


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


def kaplan_meier_table(time: ArrayLike, event: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Survival of each group, a row per distinct time (days), with its start at 0.

    Columns: label, time, at_risk (just before), events, censored, survival in [0, 1] (Kaplan &
    Meier 1958), lower, upper (95 %, exponential Greenwood as in lifelines).

    Raises:
        ValueError: as `check_survival`.
    """
    from lifelines import KaplanMeierFitter

    days, died = check_survival(time, event)
    groups = as_labels(labels, "labels", len(days))
    tables = []
    for name in np.unique(groups):
        rows = groups == name
        fitted = KaplanMeierFitter().fit(days[rows], died[rows])
        counts = fitted.event_table[["at_risk", "observed", "censored"]]
        limits = fitted.confidence_interval_.set_axis(["lower", "upper"], axis=1)
        table = counts.assign(survival=fitted.survival_function_.iloc[:, 0]).join(limits)
        table = table.rename(columns={"observed": "events"}).rename_axis("time").reset_index()
        tables.append(table.assign(label=name))
    columns = ["label", "time", "at_risk", "events", "censored", "survival", "lower", "upper"]
    return pd.concat(tables, ignore_index=True)[columns]


def number_at_risk(
    time: ArrayLike, event: ArrayLike, labels: ArrayLike, times: Sequence[float]
) -> pd.DataFrame:
    """Patients still followed at each of `times` (days), groups × times: neither dead nor censored.

    Raises:
        ValueError: as `check_survival`.
    """
    days, _ = check_survival(time, event)
    groups = as_labels(labels, "labels", len(days))
    rows = {
        name: [(days[groups == name] >= at).sum() for at in times] for name in np.unique(groups)
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(times)).rename_axis("label")


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
    found = table.chi2(groups) * (1 - 1e-9)
    n_above = sum(table.chi2(rng.permutation(groups)) >= found for _ in range(n_permutations))
    return (1 + n_above) / (1 + n_permutations)


def held_out_logrank(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    labels: ArrayLike,
    is_train: ArrayLike,
) -> LogRank:
    """Log-rank test among held-out patients, assigned to the training patients' clusters.

    Clusters, their number or a seed may have been chosen for survival on training patients; the
    labels of the others are not read but predicted (`assignment.assign_to_clusters`, columns of
    `x`: latents or expression).

    Raises:
        ValueError: no training or no held-out patient, or as `check_survival`.
    """
    days, died = check_survival(time, event)
    values, groups = np.asarray(x), as_labels(labels, "labels", len(days))
    rows = np.asarray(is_train, dtype=bool)
    if not 0 < rows.sum() < len(rows):
        raise ValueError(
            "training and held-out patients are both needed; "
            f"{rows.sum()} of {len(rows)} are for training. Hold some out in `is_train`."
        )
    predicted = assign_to_clusters(values[rows], groups[rows], values[~rows])
    return logrank(days[~rows], died[~rows], predicted)


def logrank_table(
    time: ArrayLike,
    event: ArrayLike,
    groupings: Mapping[tuple[str, int], ArrayLike],
    n_permutations: int = 1000,
) -> pd.DataFrame:
    """Log-rank test of several groupings of the same patients.

    `groupings`: (name, seed) → a label per patient; the seed is also that of the permutations.
    Columns: grouping, seed, chi2, df, logrank_p, permutation_p.

    Raises:
        ValueError: as `check_survival`.
    """
    rows = []
    for (name, seed), labels in groupings.items():
        test = logrank(time, event, labels)
        permuted = permutation_logrank(time, event, labels, n_permutations, seed)
        rows.append((name, seed, test.chi2, test.df, test.p, permuted))
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
    covariance, summed over the times of death.
    """

    def __init__(self, days: np.ndarray, died: np.ndarray) -> None:
        times, self.at = np.unique(days[died], return_inverse=True)
        self.died = died
        self.n_followed = np.searchsorted(times, days, side="right")  # times of death lived to
        self.n_times = len(times)
        self.deaths = np.bincount(self.at).astype(float)

    def chi2(self, groups: np.ndarray) -> float:
        names, number = np.unique(groups, return_inverse=True)
        left = np.zeros((self.n_times + 1, len(names)))
        np.add.at(left, (self.n_followed, number), 1)
        at_risk = left[::-1].cumsum(axis=0)[::-1][1:]  # times × groups
        total = at_risk.sum(axis=1)
        share = at_risk / total[:, None]
        observed = np.bincount(number[self.died], minlength=len(names))
        excess = observed - self.deaths @ share
        weight = self.deaths * (total - self.deaths) / np.maximum(total - 1, 1)
        covariance = np.diag(weight @ share) - (share * weight[:, None]).T @ share
        return float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
