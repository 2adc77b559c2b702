"""Cluster numbers are arbitrary: the same names for the same clusters, and who moves where."""

from string import ascii_uppercase

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from helpers.evaluate.arrays import as_labels


def letter_labels(labels: ArrayLike, subtype: ArrayLike | None = None) -> np.ndarray:
    """Clusters as letters by size: A the largest; of equal ones, the one that comes first.

    With `subtype` (a name a sample, "" where it is not known) A is the most mixed one, as the
    paper's A is: that of the highest entropy of known subtypes, of the clusters that have at least
    half as many of known subtype as the mean cluster. After Z come AA, AB, ….

    Raises:
        ValueError: parts of unequal length.
    """
    codes, names = pd.factorize(as_labels(labels, "labels"))
    order = np.argsort(-np.bincount(codes), kind="stable")
    if subtype is not None:
        true = as_labels(subtype, "subtype", len(codes)).astype(str)
        counts = pd.crosstab(codes, true).drop(columns="", errors="ignore")
        if counts.shape[1] > 1:
            n_known = counts.sum(axis=1)
            mixed = counts[n_known >= n_known.mean() / 2].apply(entropy, axis=1)
            first = mixed.idxmax()
            order = np.array([first, *order[order != first]])
    letters = np.empty(len(names), dtype=object)
    letters[order] = [_letter(number) for number in range(len(names))]
    return letters[codes].astype(str)


def most_alike(clusters: ArrayLike, subtype: ArrayLike | None, to: str = "A") -> str:
    """The cluster whose shares of known subtypes are nearest to those of cluster `to`.

    By the Jensen–Shannon distance; of equal ones the first. Only clusters count that have at least
    half as many samples of known subtype as the mean cluster. Without two known subtypes, or where
    no other cluster counts, the first other one; "" where there is none.

    Raises:
        ValueError: parts of unequal length.
    """
    names = as_labels(clusters, "clusters").astype(str)
    others = sorted(set(names) - {to})
    if subtype is not None:
        true = as_labels(subtype, "subtype", len(names)).astype(str)
        counts = pd.crosstab(names, true).drop(columns="", errors="ignore")
        n_known = counts.sum(axis=1)
        shares = counts.div(n_known, axis=0)[n_known >= max(1, n_known.mean() / 2)]
        if counts.shape[1] > 1 and to in shares.index and len(shares) > 1:
            rest = shares.drop(index=to)
            distance = [jensenshannon(row, shares.loc[to]) for row in rest.to_numpy()]
            return str(rest.index[int(np.argmin(distance))])
    return others[0] if others else ""


def match_labels(reference: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """`labels` under the names of the clusters of `reference` with which they share most samples.

    One to one and best in sum (Hungarian algorithm); strings. Clusters beyond those of `reference`
    get the next letters that it does not use, the largest first.

    Raises:
        ValueError: parts of unequal length.
    """
    target = as_labels(reference, "reference").astype(str)
    clusters = as_labels(labels, "labels", len(target))
    shared = pd.crosstab(pd.Series(clusters), pd.Series(target))
    # The one-to-one pairing of clusters and names that shares most samples in sum.
    rows, columns = linear_sum_assignment(shared.to_numpy(), maximize=True)
    names = dict(zip(shared.index[rows], shared.columns[columns], strict=True))
    taken = set(shared.columns)
    letters = (name for name in map(_letter, range(10**6)) if name not in taken)
    for cluster in pd.Series(clusters).value_counts().index:
        if cluster not in names:
            names[cluster] = next(letters)
    return np.array([names[cluster] for cluster in clusters])


def label_flow(source: ArrayLike, target: ArrayLike) -> pd.DataFrame:
    """Samples of each label of `source` in each of `target`. Columns: source, target, n, share.

    `share`: of the samples of that source. Pairs without a sample are left out. Sources and
    targets in alphabetical order.

    Raises:
        ValueError: parts of unequal length.
    """
    first = as_labels(source, "source").astype(str)
    second = as_labels(target, "target", len(first)).astype(str)
    pairs = pd.DataFrame({"source": first, "target": second})
    flow = pairs.groupby(["source", "target"], sort=True).size().rename("n").reset_index()
    return flow.assign(share=flow["n"] / flow.groupby("source")["n"].transform("sum"))


def _letter(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA, as the columns of a spreadsheet."""
    name = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        name, number = ascii_uppercase[rest] + name, number - 1
    return name
