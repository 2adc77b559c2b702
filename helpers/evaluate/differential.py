"""Which features differ between clusters: limma's moderated t, and what clustering did to its p.

Clusters made of the same values as are then tested differ even where there are none (double
dipping; Gao, Bien & Witten 2022, JASA 119:332), so p of `differential_by_cluster` rank features but
overstate. Assigning held-out patients does not help: they are assigned by the values that are
tested. `held_out_differential` assigns each patient from the other half of the features instead.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import digamma, polygamma
from scipy.stats import false_discovery_control, spearmanr
from scipy.stats import t as student

from helpers.evaluate.arrays import as_labels, as_matrix, column_names
from helpers.evaluate.assignment import predict_held_out

COLUMNS = ["feature", "difference", "t", "p", "q", "mean_in", "mean_out"]
_VALUES_AT_ONCE = 2**21  # float64 copies of as many, 16 MB, however large the matrix


def moderated_t(
    x: ArrayLike, is_member: ArrayLike, feature_names: Sequence[Hashable] | None = None
) -> pd.DataFrame:
    """Members against the others, a row per feature: limma's two-group test (Smyth 2004).

    t = difference / (s̃ √(1/n₁ + 1/n₂)) with the pooled variance s² drawn towards its prior s₀²
    as in `squeeze_variances`; two-sided p with d₀ + n − 2 degrees of freedom. Keep to the rows of
    two clusters to compare these. No trend of the variance with the mean is fitted.

    `x`: samples × features on a log or standardised scale, in whose unit difference, mean_in and
    mean_out are; `is_member`: one bool per sample. Names come from the columns of a DataFrame.

    Columns: feature, difference (positive: higher in members), t, p, q (Benjamini–Hochberg over
    the features), mean_in, mean_out. A feature without any variation has t 0 and p 1.

    Raises:
        ValueError: NaN, unequal samples, fewer than 2 members or others, or names that do not fit.
    """
    values = as_matrix(x, "x")
    inside = as_labels(is_member, "is_member", len(values)).astype(bool)
    rows = np.flatnonzero(inside), np.flatnonzero(~inside)

    def groups(columns: slice) -> tuple[np.ndarray, np.ndarray]:
        return values[rows[0], columns], values[rows[1], columns]

    return _moderated(groups, [len(group) for group in rows], _names(x, values, feature_names))


def moderated_t_between(
    members: ArrayLike, others: ArrayLike, feature_names: Sequence[Hashable] | None = None
) -> pd.DataFrame:
    """`moderated_t` of two matrices with the same features, which are not put into one.

    Names come from the columns of `members` if it is a DataFrame.

    Raises:
        ValueError: other features, or as `moderated_t`.
    """
    inside, outside = as_matrix(members, "members"), as_matrix(others, "others")
    if inside.shape[1] != outside.shape[1]:
        raise ValueError(
            f"`members` and `others` must have the same features; got {inside.shape[1]} and "
            f"{outside.shape[1]}. Give the columns that both have."
        )

    def groups(columns: slice) -> tuple[np.ndarray, np.ndarray]:
        return inside[:, columns], outside[:, columns]

    sizes = [len(inside), len(outside)]
    return _moderated(groups, sizes, _names(members, inside, feature_names))


def differential_by_cluster(
    x: ArrayLike,
    labels: ArrayLike,
    feature_names: Sequence[Hashable] | None = None,
    min_samples: int = 5,
) -> pd.DataFrame:
    """Each cluster against all other samples: `moderated_t` with a column cluster in front.

    q is Benjamini–Hochberg over the whole table, clusters × features. Clusters with fewer than
    `min_samples`, and those that leave fewer than 2 outside, are not tested (`.attrs["left_out"]`)
    but stay among the others; there may be no row. See the module's note: the clusters were made of
    these values, so p is optimistic.

    Raises:
        ValueError: as `moderated_t`.
    """
    values = as_matrix(x, "x")
    clusters = as_labels(labels, "labels", len(values))
    names, sizes = np.unique(clusters, return_counts=True)
    is_tested = (sizes >= min_samples) & (len(values) - sizes >= 2)
    features = _names(x, values, feature_names)
    tables = {name: moderated_t(values, clusters == name, features) for name in names[is_tested]}
    if tables:
        table = pd.concat(tables, names=["cluster"]).reset_index("cluster").reset_index(drop=True)
        table["q"] = false_discovery_control(table["p"])
    else:
        kinds = dict.fromkeys(COLUMNS[1:], float)
        table = pd.DataFrame(columns=["cluster", *COLUMNS]).astype(kinds)
    table.attrs["left_out"] = names[~is_tested].tolist()
    return table


def held_out_differential(
    x: ArrayLike,
    labels: ArrayLike,
    feature_names: Sequence[Hashable] | None = None,
    n_folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """`differential_by_cluster` whose clusters never saw the value that is tested.

    The features are halved at random. Each patient is assigned by one half (nearest centroid of
    the other folds' patients, `assignment.predict_held_out`) and the other half is tested, then
    the reverse. What is left is real co-variation of features; noise gives uniform p. It tests
    the clusters as far as half of the features can tell them, hence with less power.

    Same columns; `.attrs["agreement"]`: share of patients assigned to their own cluster.

    Raises:
        ValueError: one feature only, or as `differential_by_cluster`.
    """
    values = as_matrix(x, "x")
    names = np.asarray(_names(x, values, feature_names), dtype=object)
    if values.shape[1] < 2:
        raise ValueError("Halving needs 2 features or more; got 1. Give every feature measured.")
    order = np.random.default_rng(seed).permutation(values.shape[1])
    halves = np.array_split(order, 2)
    tables, agreement = [], []
    # Each half is tested once, in clusters that only the other half has made.
    for tested, seen in (halves, halves[::-1]):
        predicted = predict_held_out(values[:, seen], labels, n_folds, seed)
        agreement.append(float(np.mean(predicted == np.asarray(labels))))
        tables.append(differential_by_cluster(values[:, tested], predicted, names[tested]))
    # Back to the order of clusters and of the features as given, with one q over all of them.
    table = pd.concat(tables, ignore_index=True)
    rank = pd.Index(names).get_indexer(table["feature"])
    table = table.iloc[np.lexsort([rank, table["cluster"]])].reset_index(drop=True)
    table["q"] = false_discovery_control(table["p"]) if len(table) else table["p"]
    table.attrs = {"agreement": float(np.mean(agreement))}
    return table


def double_dipping(
    differential: pd.DataFrame, held_out: pd.DataFrame, q: float = 0.05
) -> pd.DataFrame:
    """What of each cluster's differences is left when clusters and tested values are kept apart.

    Index: cluster. Columns: n_found, n_held_out (features with q below `q`), n_both (of these in
    both and in the same direction), spearman of the two differences over features, in [−1, 1].
    """
    key = ["cluster", "feature"]
    both = differential.merge(held_out, on=key, suffixes=("", "_held_out"))
    rows = {}
    for cluster, part in both.groupby("cluster", sort=True):
        is_found, is_held_out = part["q"] < q, part["q_held_out"] < q
        is_same_way = np.sign(part["difference"]) == np.sign(part["difference_held_out"])
        n_both = int((is_found & is_held_out & is_same_way).sum())
        rho = spearmanr(part["difference"], part["difference_held_out"]).statistic
        rows[cluster] = [int(is_found.sum()), int(is_held_out.sum()), n_both, rho]
    columns = ["n_found", "n_held_out", "n_both", "spearman"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("cluster")


def squeeze_variances(variance: np.ndarray, n_free: int) -> np.ndarray:
    """Posterior means of genes' variances under a scaled inverse χ² prior fitted to all genes.

    Smyth (2004), section 6: s̃² = (d₀s₀² + d·s²)/(d₀ + d), with d = `n_free` degrees of freedom and
    the prior of `variance_prior`. If log s² varies no more than by chance, every gene gets s₀².
    """
    return _posterior_variance(variance, n_free, *variance_prior(variance, n_free))


def variance_prior(variance: np.ndarray, n_free: int) -> tuple[float, float]:
    """(d₀, s₀²): degrees of freedom and scale of the prior, from mean and variance of log s².

    d₀ is infinite if log s² varies no more than by chance, and 0 (no prior) with fewer than two
    variances above 0; zero variances stay out of the fit.
    """
    log_variance = np.log(variance[variance > 0])
    if len(log_variance) < 2:
        return 0.0, 0.0
    # log s² of a gene whose variance is σ²: mean log σ² + ψ(d/2) − log(d/2), variance ψ′(d/2).
    e = log_variance - digamma(n_free / 2) + np.log(n_free / 2)
    excess = e.var(ddof=1) - float(polygamma(1, n_free / 2))
    if excess <= 0:
        return float("inf"), float(np.exp(e.mean()))
    # What is left of the variance over genes is ψ′(d₀/2): that gives d₀, and the mean then s₀².
    half = _inverse_trigamma(excess)
    return 2 * half, float(np.exp(e.mean() + digamma(half) - np.log(half)))


def _moderated(
    groups: Callable[[slice], tuple[np.ndarray, np.ndarray]], sizes: list[int], names: list
) -> pd.DataFrame:
    """The table of `moderated_t`; `groups` gives some columns of both, of `sizes` samples."""
    n_in, n_out = sizes
    if min(sizes) < 2:
        raise ValueError(
            f"Both groups need 2 samples or more; got {n_in} members and {n_out} others. "
            "Leave so small a cluster out."
        )
    n_free = n_in + n_out - 2
    means, variance = _two_group_moments(groups, sizes, len(names))
    # Drawn towards the prior that all features together give.
    d0, s0 = variance_prior(variance, n_free)
    posterior = _posterior_variance(variance, n_free, d0, s0)
    # t has the prior's degrees of freedom on top of the data's own.
    error = np.sqrt(posterior * (1 / n_in + 1 / n_out))
    difference = means[0] - means[1]
    t = np.divide(difference, error, out=np.zeros_like(error), where=error > 0)
    p = 2 * student.sf(np.abs(t), d0 + n_free)
    q = false_discovery_control(p)
    return pd.DataFrame(dict(zip(COLUMNS, [names, difference, t, p, q, *means], strict=True)))


def _two_group_moments(
    groups: Callable[[slice], tuple[np.ndarray, np.ndarray]], sizes: list[int], n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """Means (group × feature) and pooled variances, a block of columns at a time."""
    n = sum(sizes)
    means, variance = np.empty((2, n_features)), np.empty(n_features)
    for columns in column_blocks(n, n_features):
        parts = [part.astype(float) for part in groups(columns)]
        raw = sum(np.square(part).sum(axis=0) for part in parts) / n
        # The pooled variance: each sample against its own group's mean, n − 2 degrees of freedom.
        for group, part in enumerate(parts):
            means[group, columns] = part.mean(axis=0)
            part -= means[group, columns]
        within = sum(np.square(part, out=part).sum(axis=0) for part in parts) / (n - 2)
        within[within < 1e-12 * raw] = 0  # constant but for rounding
        variance[columns] = within
    return means, variance


def column_blocks(n_samples: int, n_features: int) -> Iterator[slice]:
    """Slices of all features, so many at once that they hold about `_VALUES_AT_ONCE` values."""
    width = max(1, _VALUES_AT_ONCE // max(n_samples, 1))
    for start in range(0, n_features, width):
        yield slice(start, min(start + width, n_features))


def _posterior_variance(variance: np.ndarray, n_free: int, d0: float, s0: float) -> np.ndarray:
    """(d₀s₀² + d·s²)/(d₀ + d); an infinite prior leaves the data no say."""
    if np.isinf(d0):
        return np.full_like(variance, s0)
    return (d0 * s0 + n_free * variance) / (d0 + n_free)


def _inverse_trigamma(value: float) -> float:
    """The x > 0 with trigamma(x) = `value`, by Newton's method on 1/trigamma (Smyth 2004)."""
    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-8 * x:
            break
    return x


def _names(x: ArrayLike, values: np.ndarray, given: Sequence[Hashable] | None) -> list:
    names = column_names(x) if given is None else list(given)
    if len(names) != values.shape[1]:
        raise ValueError(
            f"`feature_names` must name every column: `x` has {values.shape[1]}, got {len(names)} "
            "names. Pass the names of the same features."
        )
    return names
