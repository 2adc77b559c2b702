"""Do the tumours that a method calls nearest agree with a line in genes that it never saw?

A decoder that is told a type can write that type into every gene it decodes, and then a line lies
among its type whatever it is. It cannot write into genes that it does not decode.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix
from helpers.rnalign.metrics.line_ranks import unit_rows
from helpers.rnalign.origins import as_origins

_FEWEST_LINES = 3  # of a type, whose profiles are centred around each other
_DRAWS = 200


def marker_genes(x: ArrayLike, cancer_type: ArrayLike, n_each: int) -> np.ndarray:
    """Genes that tell a type of tumours from the others; one bool a gene.

    For each type the `n_each` genes of largest (mean of the type − mean of the other types' means)
    / SD within types. `x`: tumours × genes, log scale.
    """
    x, types = np.asarray(x, float), np.asarray(cancer_type, str)
    means = pd.DataFrame(x).groupby(types).mean()
    spread = np.sqrt(((x - means.loc[types].to_numpy()) ** 2).mean(axis=0))
    others = (means.sum() - means) / max(1, len(means) - 1)
    return _top_of_each((means - others).to_numpy() / np.maximum(spread, 1e-9), n_each)


def variable_genes(x: ArrayLike, cancer_type: ArrayLike, n_each: int) -> np.ndarray:
    """Genes that differ among the tumours of a type; one bool a gene.

    For each type the `n_each` genes of largest SD within it. `x`: tumours × genes, log scale.
    """
    spread = pd.DataFrame(np.asarray(x, float)).groupby(np.asarray(cancer_type, str)).std()
    return _top_of_each(spread.fillna(0).to_numpy(), n_each)


def marker_agreement(
    x: ArrayLike,
    unseen: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    *,
    k: int,
    may_vote: ArrayLike | None = None,
    types: list[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """How much better a line's nearest tumours agree with it than random ones; a row a line.

    The agreement of a line with k tumours is Pearson's r, over the `unseen` genes, of its profile
    and their mean profile. A score is the share of 200 draws of as many random tumours that agree
    less, in [0, 1]; higher is better and .5 is chance.

    between: the k tumours most correlated with the line in `x`, of all types, against draws from
    all types; profiles are centred per origin, each type weighing the same. within: the nearest of
    the line's own type, a quarter of these tumours but no more than k, against draws from that
    type; profiles are centred per origin and type, so that the type itself says nothing.

    `x`: samples × genes as a method aligns them. `unseen`: samples × other genes, not aligned.
    `may_vote`: tumours that can be neighbours; None takes all. `types`: whose lines are asked.
    Index: row of `x`. Columns: cancer_type, between, within (NaN with fewer than 3 lines or 8
    tumours of the type).

    Raises:
        ValueError: as `as_origins`; fewer than k tumours that may vote.
    """
    samples = as_origins(x, is_line, cancer_type, types, min_each=1)
    unseen = as_matrix(unseen, "unseen").astype(float)
    own_type, rng = samples.cancer_type, np.random.default_rng(seed)
    votes = ~samples.is_line
    if may_vote is not None:
        votes &= as_labels(may_vote, "may_vote", len(votes)).astype(bool)
    if votes.sum() < k:
        raise ValueError(f"`k` must be at most the {votes.sum()} tumours that may vote; got {k}.")
    between = _centred(unseen, samples.is_line, own_type, per_type=False)
    within = _centred(unseen, samples.is_line, own_type, per_type=True)
    tables = []
    for name in samples.types:
        lines, pool = samples.rows(name, is_line=True), np.flatnonzero(votes)
        table = pd.DataFrame({"cancer_type": name}, index=pd.Index(lines, name="row"))
        table["between"] = _scores(samples.x, between, lines, pool, k, rng)
        pool = pool[own_type[pool] == name]
        few = min(k, len(pool) // 4)
        is_enough = len(lines) >= _FEWEST_LINES and few >= 2
        table["within"] = _scores(samples.x, within, lines, pool, few, rng) if is_enough else np.nan
        tables.append(table)
    return pd.concat(tables).sort_index()


def agreement_by_type(agreement: pd.DataFrame) -> pd.Series:
    """Mean over types of the mean over lines: between and within, .5 is chance."""
    return agreement.groupby("cancer_type")[["between", "within"]].mean().mean()


def _top_of_each(values: np.ndarray, n_each: int) -> np.ndarray:
    """True for the `n_each` columns of highest value in any row."""
    chosen = np.zeros(values.shape[1], dtype=bool)
    chosen[np.argsort(-values, axis=1, kind="stable")[:, :n_each].ravel()] = True
    return chosen


def _centred(
    unseen: np.ndarray, is_line: np.ndarray, own_type: np.ndarray, *, per_type: bool
) -> np.ndarray:
    """Genes with mean 0 and variance 1 per origin, or with mean 0 per origin and type."""
    centred = np.empty_like(unseen)
    for origin in (False, True):
        rows = is_line == origin
        means = pd.DataFrame(unseen[rows]).groupby(own_type[rows]).mean()
        centre = means.loc[own_type[rows]] if per_type else means.mean()
        residual = unseen[rows] - centre.to_numpy()
        centred[rows] = residual / np.maximum(np.sqrt((residual**2).mean(axis=0)), 1e-9)
    return centred


def _scores(
    x: np.ndarray,
    profile: np.ndarray,
    lines: np.ndarray,
    pool: np.ndarray,
    k: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Of each line: the share of random sets of k tumours that agree with it less."""
    closeness = unit_rows(x[lines]) @ unit_rows(x[pool]).T  # line × tumour
    nearest = pool[np.argsort(-closeness, axis=1, kind="stable")[:, :k]]  # line × neighbour
    own = unit_rows(profile[lines])
    agreement = (own * unit_rows(profile[nearest].mean(axis=1))).sum(axis=1)
    drawn = pool[rng.random((_DRAWS, len(pool))).argsort(axis=1)[:, :k]]  # draw × tumour
    by_chance = own @ unit_rows(profile[drawn].mean(axis=1)).T  # line × draw
    return (by_chance < agreement[:, None]).mean(axis=1)
