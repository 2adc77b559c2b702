"""Competing endogenous RNAs: microRNAs, the RNAs they repress in a cluster, and the hubs.

RNAs that share microRNAs compete for them (Salmena et al. 2011, Cell 146:353). What is drawn is
evidence for repression, not proof: an experiment supports the pair, both members differ in the
cluster, and over patients of the same group the RNA falls as the microRNA rises. The last is taken
within groups, since two features that differ between groups correlate over both of them anyway.
"""

from collections.abc import Collection, Hashable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, hypergeom
from scipy.stats import t as student

from helpers.evaluate.arrays import as_labels, as_matrix, column_names
from helpers.evaluate.differential import moderated_t

PAIR = ["microRNA", "gene"]
MAX_Q = 0.05  # of a correlation


def rank_pairs(
    x_mirna: pd.DataFrame,
    x_gene: pd.DataFrame,
    supported: Mapping[Hashable, Collection[Hashable]] | None = None,
    labels: ArrayLike | None = None,
) -> pd.DataFrame:
    """Every microRNA–gene pair by how strongly the gene falls as the microRNA rises; first first.

    Pearson over samples, after the mean of each of `labels` is taken out of both; one-sided p for
    a negative correlation with n − groups − 1 degrees of freedom. Purity and other programs shared
    by many features correlate too: the order says more than the p.

    `x_mirna`, `x_gene`: samples × features, named by their columns, same samples. `supported`:
    microRNA feature → genes an experiment found it to target; None: all pairs.

    Columns: microRNA, gene, correlation in [−1, 1], p, q (Benjamini–Hochberg over these pairs).

    Raises:
        ValueError: unequal samples, NaN, or too few samples for the groups.
    """
    genes = as_matrix(x_gene, "x_gene").astype(float)
    mirnas = as_matrix(x_mirna, "x_mirna", len(genes)).astype(float)
    groups = np.zeros(len(genes)) if labels is None else as_labels(labels, "labels", len(genes))
    n_free = len(genes) - len(np.unique(groups)) - 1
    if n_free < 1:
        raise ValueError(
            f"{len(genes)} samples in {len(np.unique(groups))} groups leave no degree of freedom "
            "for a correlation. Use more samples or fewer groups."
        )
    # Columns of length 1 without the groups' means: their products are correlations within groups.
    r = _unit_within(mirnas, groups).T @ _unit_within(genes, groups)
    mask = _supported(column_names(x_mirna), column_names(x_gene), supported)
    rows, columns = np.nonzero(mask)
    r = np.clip(r[rows, columns], -1, 1)
    # t = r √(f / (1 − r²)) with f degrees of freedom; ±∞ at r = ±1, whose p is 0 or 1.
    with np.errstate(divide="ignore"):
        p = student.cdf(r * np.sqrt(n_free / (1 - r**2)), n_free)
    named = [np.asarray(column_names(x), object) for x in (x_mirna, x_gene)]
    table = pd.DataFrame({"microRNA": named[0][rows], "gene": named[1][columns], "correlation": r})
    table["p"] = p
    table["q"] = false_discovery_control(p) if len(p) else []
    return table.sort_values("correlation", kind="stable", ignore_index=True)


def regulation_pairs(
    x_mirna: pd.DataFrame,
    x_gene: pd.DataFrame,
    labels: ArrayLike,
    cluster: Hashable,
    supported: Mapping[Hashable, Collection[Hashable]],
    *,
    lncrnas: Collection[Hashable] = (),
    max_p: float = 0.01,
    within: Hashable | None = None,
) -> pd.DataFrame:
    """The supported pairs of which both members differ in a cluster and that anticorrelate.

    Both differ between `cluster` and the other samples given (keep to the rows of two clusters to
    compare these) by `moderated_t` with p below `max_p`, as in the paper; and the pair's
    `rank_pairs` q within the clusters, over the pairs left, is below 0.05. Stem-loops that are
    copies of one microRNA have the same targets: each counts.

    Args:
        x_mirna: samples × microRNAs, named by their columns.
        x_gene: the same samples × genes.
        labels: cluster of each sample.
        cluster: the one that is compared with the others.
        supported: microRNA → genes an experiment found it to target.
        lncrnas: genes that are long non-coding RNAs.
        max_p: of both differences.
        within: the cluster over whose samples the pair anticorrelates; None: over all given ones.

    Columns: those of `rank_pairs`, then kind ("lncRNA" if the gene is in `lncrnas`, else "gene"),
    difference_microRNA, difference_gene. `.attrs`: n_supported (pairs of measured features),
    n_differential (of these with both differing).

    Raises:
        ValueError: no sample of the cluster, or as `moderated_t` and `rank_pairs`.
    """
    groups = as_labels(labels, "labels", len(x_gene))
    tests = [moderated_t(x, groups == cluster).set_index("feature") for x in (x_mirna, x_gene)]
    differing = [list(test.index[test["p"] < max_p]) for test in tests]
    measured = _supported(column_names(x_mirna), column_names(x_gene), supported)
    counts = {"n_supported": int(measured.sum()), "n_differential": 0}
    table = pd.DataFrame(columns=[*PAIR, "correlation", "p", "q"])
    if all(differing):
        own = np.full(len(groups), True) if within is None else groups == within
        parts = x_mirna.loc[own, differing[0]], x_gene.loc[own, differing[1]]
        table = rank_pairs(*parts, supported, groups[own])
        counts["n_differential"] = len(table)
    table = table[table["q"] < MAX_Q].reset_index(drop=True)
    table["kind"] = np.where(table["gene"].isin(list(lncrnas)), "lncRNA", "gene")
    for name, test in zip(PAIR, tests, strict=True):
        table[f"difference_{name}"] = table[name].map(test["difference"]).astype(float)
    table.attrs = counts
    return table


def no_pairs() -> pd.DataFrame:
    """What `regulation_pairs` returns where nothing was looked at."""
    differences = [f"difference_{name}" for name in PAIR]
    table = pd.DataFrame(columns=[*PAIR, "correlation", "p", "q", "kind", *differences])
    table.attrs = {"n_supported": 0, "n_differential": 0}
    return table


def cerna_edges(pairs: pd.DataFrame, min_shared: int = 2) -> pd.DataFrame:
    """Genes that share microRNAs and so may compete for them, most shared first.

    p: chance that two genes with as many microRNAs of this network each share as many
    (hypergeometric, upper tail), q Benjamini–Hochberg over the gene pairs that share any.

    Columns: first, second, n_shared, p, q, microRNAs (sorted, separated by spaces); pairs with
    `min_shared` or more.
    """
    is_target = pd.crosstab(pairs["gene"], pairs["microRNA"]) > 0  # gene × microRNA
    # The product of the table with itself counts the microRNAs of both genes; its diagonal, of one.
    shared = is_target.to_numpy(int) @ is_target.to_numpy(int).T
    sizes, n_mirnas = np.diag(shared), is_target.shape[1]
    i, j = np.nonzero(np.triu(shared, k=1))  # every pair of genes once
    # One gene's microRNAs drawn from all of the network: how many fall among the other's?
    p = hypergeom.sf(shared[i, j] - 1, n_mirnas, sizes[i], sizes[j])
    names = is_target.index
    table = pd.DataFrame({"first": names[i], "second": names[j], "n_shared": shared[i, j], "p": p})
    table["q"] = false_discovery_control(p) if len(p) else []
    both = is_target.to_numpy()[i] & is_target.to_numpy()[j]
    table["microRNAs"] = [" ".join(map(str, is_target.columns[row])) for row in both]
    table = table[table["n_shared"] >= min_shared]
    return table.sort_values(["n_shared", "p"], ascending=[False, True], ignore_index=True)


def _supported(
    mirnas: list, genes: list, supported: Mapping[Hashable, Collection[Hashable]] | None
) -> np.ndarray:
    """Per microRNA × gene, whether the pair is to be looked at."""
    if supported is None:
        return np.ones((len(mirnas), len(genes)), bool)
    index = pd.Index(genes)
    rows = [index.isin(list(supported.get(name, ()))) for name in mirnas]
    return np.array(rows, bool).reshape(len(mirnas), len(genes))


def _unit_within(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Columns of length 1 without the groups' means; a constant column becomes 0."""
    frame = pd.DataFrame(values)
    centred = values - frame.groupby(groups).transform("mean").to_numpy()
    length = np.linalg.norm(centred, axis=0)
    is_flat = length <= 1e-9 * np.linalg.norm(values, axis=0)
    return np.where(is_flat, 0, centred / np.where(is_flat, 1, length))


def planted_first(ranked: pd.DataFrame, planted: Collection[tuple[Hashable, Hashable]]) -> float:
    """Share of planted (microRNA, gene) pairs among as many first-ranked ones, in [0, 1].

    `ranked`: as `rank_pairs` returns it. Pairs that it does not hold count as missed.

    Raises:
        ValueError: no pair was planted.
    """
    wanted = set(planted)
    if not wanted:
        raise ValueError("`planted` must name at least one (microRNA, gene) pair; got none.")
    first = ranked.head(len(wanted))
    return len(wanted & set(zip(first["microRNA"], first["gene"], strict=True))) / len(wanted)
