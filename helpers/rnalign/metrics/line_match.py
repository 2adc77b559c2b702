"""Do cell lines lie among tumours of their own cancer type? The 25 nearest tumours vote.

Warren et al. (2020) and appendix A.6 of the RNAlign paper, with what they leave out: the rate that
chance alone gives each type, an interval, and a vote among equally many tumours of every type.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import proportion_confint

from helpers.evaluate.arrays import as_labels
from helpers.rnalign.origins import as_origins


def match_lines(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    k: int = 25,
    types: Iterable[str] | None = None,
    query: ArrayLike | None = None,
) -> pd.DataFrame:
    """What the k most correlated tumours call each line (Pearson over genes); a row per line.

    `types`: whose lines are asked (None: all types with tumours and lines); tumours of every type
    vote. `query`: bool per sample, to ask only some of those lines. The type of most neighbours
    is called; a tie goes to the higher summed correlation.
    Index: row of `x`. Columns: cancer_type, called, share (neighbours of its own type, in [0, 1]),
    matched. `.attrs`: k, n_tumours (type → candidates).

    Raises:
        ValueError: fewer than k tumours, a sample without variance over genes, or no line asked.
    """
    samples = as_origins(x, is_line, cancer_type, types, min_each=1)
    asked = samples.is_line & np.isin(samples.cancer_type, samples.types)
    if query is not None:
        asked &= as_labels(query, "query", len(asked)).astype(bool)
    if not asked.any():
        raise ValueError("No cell line is asked: `query` holds no line of the types. Widen it.")
    tumours = ~samples.is_line
    names, vote = np.unique(samples.cancer_type[tumours], return_inverse=True)
    unit = _standardised(samples.x)
    called, share = _called(
        unit[asked] @ unit[tumours].T, vote, names, samples.cancer_type[asked], k
    )
    table = pd.DataFrame({"cancer_type": samples.cancer_type[asked], "called": called})
    table["share"], table["matched"] = share, table["cancer_type"] == table["called"]
    table.index = pd.Index(np.flatnonzero(asked), name="row")
    table.attrs = {"k": k, "n_tumours": dict(zip(names, np.bincount(vote).tolist(), strict=True))}
    return table


def match_table(matches: pd.DataFrame, n_draws: int = 20_000, seed: int = 0) -> pd.DataFrame:
    """Share of lines matched per type, in [0, 1]; higher is better, with what chance gives.

    `matches`: of `match_lines`. `chance`: how often a type has most votes among k tumours drawn at
    random, by `n_draws` draws: common types win by their number. `called`: share of all lines that
    were called this type, the rate a match would have if calls ignored the line.
    Index: cancer_type. Columns: n, matched, low, high (Wilson 95 %), chance, called, share.
    """
    groups = matches.groupby("cancer_type")
    table = groups["matched"].agg(n="size", matched="mean")
    hits = groups["matched"].sum()
    table["low"], table["high"] = proportion_confint(hits, table["n"], method="wilson")
    chance = majority_chance(matches.attrs["n_tumours"], matches.attrs["k"], n_draws, seed)
    table["chance"] = chance.reindex(table.index)
    table["called"] = matches["called"].value_counts(normalize=True).reindex(table.index).fillna(0)
    table["share"] = groups["share"].mean()
    return table


def match_summary(table: pd.DataFrame) -> dict[str, float]:
    """Match over all lines, and its mean (balanced accuracy) and median over types, with chance.

    `table`: of `match_table`. All in [0, 1]; higher is better.
    """
    return {
        "match": float(np.average(table["matched"], weights=table["n"])),
        "match_mean": float(table["matched"].mean()),
        "match_median": float(table["matched"].median()),
        "chance": float(np.average(table["chance"], weights=table["n"])),
        "chance_mean": float(table["chance"].mean()),
    }


def majority_chance(
    n_tumours: dict[str, int], k: int, n_draws: int = 20_000, seed: int = 0
) -> pd.Series:
    """Probability that each type has most votes among k random tumours; ties are shared equally.

    This is the match of a line whose neighbours have nothing to do with its type, the same as with
    permuted tumour labels. Simulated: multivariate hypergeometric, error below .004.
    """
    sizes = np.array([*n_tumours.values()])
    rng = np.random.default_rng(seed)
    votes = rng.multivariate_hypergeometric(sizes, min(k, sizes.sum()), size=n_draws)
    is_top = votes == votes.max(axis=1, keepdims=True)
    chance = (is_top / is_top.sum(axis=1, keepdims=True)).mean(axis=0)
    return pd.Series(chance, index=pd.Index([*n_tumours], name="cancer_type"), name="chance")


def balanced_match(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    k: int = 25,
    types: Iterable[str] | None = None,
    n_draws: int = 20,
    seed: int = 0,
) -> pd.DataFrame:
    """`match_lines` among equally many tumours of each type, mean over `n_draws` random choices.

    As many tumours of each type vote as the rarest type has, and k is no more than that, so that
    every type could fill all neighbours; chance is 1 / number of tumour types.
    Index: cancer_type. Columns: n (lines), matched, sd (over draws), chance. `.attrs`: k, n_each.

    Raises:
        ValueError: as `match_lines`.
    """
    samples = as_origins(x, is_line, cancer_type, types, min_each=1)
    tumours = np.flatnonzero(~samples.is_line)
    asked = np.flatnonzero(samples.is_line & np.isin(samples.cancer_type, samples.types))
    names, vote = np.unique(samples.cancer_type[tumours], return_inverse=True)
    n_each = int(np.bincount(vote).min())
    k = min(k, n_each)
    unit, truth = _standardised(samples.x), samples.cancer_type[asked]
    r = unit[asked] @ unit[tumours].T
    rng, draws = np.random.default_rng(seed), []
    for _ in range(n_draws):
        # The first n_each of every type in a random order: a tumour's rank is its place among
        # those of its type.
        order = rng.permutation(len(tumours))
        rank = pd.Series(vote[order]).groupby(vote[order]).cumcount().to_numpy()
        chosen = order[rank < n_each]
        matched = _called(r[:, chosen], vote[chosen], names, truth, k)[0] == truth
        draws.append(pd.Series(matched).groupby(truth).mean())
    rates = pd.concat(draws, axis=1)
    table = pd.DataFrame({"n": pd.Series(truth).value_counts(), "matched": rates.mean(axis=1)})
    table = table.assign(sd=rates.std(axis=1, ddof=1), chance=1 / len(names)).sort_index()
    table.attrs = {"k": k, "n_each": n_each}
    return table.rename_axis("cancer_type")


def _standardised(x: np.ndarray) -> np.ndarray:
    """Samples centred over genes with unit length, so that a product of two is Pearson's r."""
    centred = x - x.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1)
    flat = np.flatnonzero(length <= 1e-10 * np.abs(x).max(axis=1))
    if len(flat):
        raise ValueError(
            f"Correlation needs genes that differ; sample {flat[0]} of `x` has the same value in "
            "every gene. Drop it."
        )
    return centred / length[:, None]


def _called(
    r: np.ndarray, vote: np.ndarray, names: np.ndarray, truth: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The type most of the k nearest tumours have, and the share of them with the true type."""
    if not 1 <= k <= r.shape[1]:
        raise ValueError(
            f"`k` must be from 1 to the number of tumours; got {k} for {r.shape[1]} tumours. "
            "Lower k."
        )
    # The k nearest tumours of each line, in no order, with their types and correlations.
    near = np.argpartition(-r, k - 1, axis=1)[:, :k]
    types, closeness = vote[near], np.take_along_axis(r, near, axis=1)
    # Votes, and summed correlations, of every type: line × type.
    votes = np.stack([(types == i).sum(axis=1) for i in range(len(names))], axis=1)
    summed = np.stack([(closeness * (types == i)).sum(axis=1) for i in range(len(names))], axis=1)
    called = names[(votes + summed / (4 * k)).argmax(axis=1)]  # |summed| ≤ k: only ties see it
    return called, (names[types] == truth[:, None]).mean(axis=1)
