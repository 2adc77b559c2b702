"""Do cell lines lie among tumours of their own cancer type? The 25 nearest tumours vote.

Warren et al. (2020) and appendix A.6 of the RNAlign paper, with what they leave out: the rate that
chance alone gives each type, an interval, and a vote among equally many tumours of every type.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import proportion_confint

from helpers.evaluate.arrays import as_labels
from helpers.rnalign.origins import as_origins

LINES_AT_ONCE = 512  # whose correlations with all tumours are in memory


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
    truth = samples.cancer_type[asked]
    found = [
        _called(r, vote, names, truth[part], k)
        for part, r in _correlations(samples.x, np.flatnonzero(asked), tumours)
    ]
    called, share = (np.concatenate(parts) for parts in zip(*found, strict=True))
    table = pd.DataFrame({"cancer_type": truth, "called": called})
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
    chance = _majority_chances(tuple(n_tumours.values()), k, n_draws, seed)
    return pd.Series(chance, index=pd.Index([*n_tumours], name="cancer_type"), name="chance")


@cache
def _majority_chances(sizes: tuple[int, ...], k: int, n_draws: int, seed: int) -> np.ndarray:
    """Of types with so many tumours; asked for again by every method that is compared."""
    rng = np.random.default_rng(seed)
    votes = rng.multivariate_hypergeometric(sizes, min(k, sum(sizes)), size=n_draws)
    is_top = votes == votes.max(axis=1, keepdims=True)
    return (is_top / is_top.sum(axis=1, keepdims=True)).mean(axis=0)


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
    truth, rng = samples.cancer_type[asked], np.random.default_rng(seed)
    draws = [_equally_many(vote, n_each, rng) for _ in range(n_draws)]
    matched = np.empty((n_draws, len(asked)), dtype=bool)
    for part, r in _correlations(samples.x, asked, tumours):
        for draw, chosen in enumerate(draws):
            called = _called(r[:, chosen], vote[chosen], names, truth[part], k)[0]
            matched[draw, part] = called == truth[part]
    own_type, number = np.unique(truth, return_inverse=True)
    n_lines = np.bincount(number)
    rates = np.stack([np.bincount(number, hits) for hits in matched]) / n_lines
    index = pd.Index(own_type)
    table = pd.DataFrame({"n": n_lines, "matched": rates.mean(axis=0)}, index)
    table = table.assign(sd=rates.std(axis=0, ddof=1), chance=1 / len(names))
    table.attrs = {"k": k, "n_each": n_each}
    return table.rename_axis("cancer_type")


def _correlations(
    x: np.ndarray, lines: np.ndarray, tumours: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Pearson's r of some lines at a time (their places among `lines`) and of all tumours."""
    unit = _standardised(x)
    of_tumours = unit[tumours].T
    for start in range(0, len(lines), LINES_AT_ONCE):
        part = slice(start, start + LINES_AT_ONCE)
        yield part, unit[lines[part]] @ of_tumours


def _equally_many(vote: np.ndarray, n_each: int, rng: np.random.Generator) -> np.ndarray:
    """`n_each` tumours of every type, drawn: the first ones of each in a random order."""
    order = rng.permutation(len(vote))
    by_type = order[np.argsort(vote[order], kind="stable")]
    sizes = np.bincount(vote)
    rank = np.arange(len(vote)) - np.repeat(sizes.cumsum() - sizes, sizes)
    return by_type[rank < n_each]


def _standardised(x: np.ndarray) -> np.ndarray:
    """Samples centred over genes with unit length, so that a product of two is Pearson's r."""
    unit = x - x.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", unit, unit))
    flat = np.flatnonzero(length <= 1e-10 * np.maximum(x.max(axis=1), -x.min(axis=1)))
    if len(flat):
        raise ValueError(
            f"Correlation needs genes that differ; sample {flat[0]} of `x` has the same value in "
            "every gene. Drop it."
        )
    unit /= length[:, None]
    return unit


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
    cell = types + len(names) * np.arange(len(r))[:, None]
    shape = len(r), len(names)
    votes = np.bincount(cell.ravel(), minlength=len(r) * len(names)).reshape(shape)
    summed = np.bincount(cell.ravel(), closeness.ravel(), len(r) * len(names)).reshape(shape)
    called = names[(votes + summed / (4 * k)).argmax(axis=1)]  # |summed| ≤ k: only ties see it
    return called, (names[types] == truth[:, None]).mean(axis=1)
