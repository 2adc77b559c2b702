"""kBET: are tumours and cell lines of a type mixed in every neighbourhood?

Büttner et al. (2019). The rate depends on the number of samples and on k, so both are fixed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2, hypergeom
from sklearn.neighbors import NearestNeighbors

from helpers.rnalign.origins import as_origins, distances

MOST_PAIRS = 2_000  # samples of a type up to which every pair's distance is kept for all draws


@dataclass(frozen=True)
class Neighbourhoods:
    """Which neighbourhoods are tested, and how often.

    k_grid: sizes. n_each: tumours, and lines, that a type is scored on; None takes the smallest
    side of the scored types, within 10 to 50. n_draws: choices of these samples. alpha: level of
    the χ² test.
    """

    k_grid: tuple[int, ...] = (5, 10, 15, 25, 50)
    n_each: int | None = None
    n_draws: int = 10
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a neighbourhood of one."""
        if min(self.k_grid) < 2:
            raise ValueError(f"`k_grid` must hold numbers from 2; got {tuple(self.k_grid)}.")


USUAL = Neighbourhoods()


def kbet(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
    seed: int = 0,
    test: Neighbourhoods = USUAL,
) -> pd.DataFrame:
    """Share of neighbourhoods whose mix of origins differs from the type's, per type and k.

    For each sample, Pearson's χ² (1 degree of freedom) compares the lines among its k nearest
    others of the type (Euclidean, all genes) with the share of lines. `rejection` is the share of
    samples with p < alpha, `null` what it would be on average over all permutations of the origins,
    and `delta` = rejection − null: 0 is mixed, near 1 is apart; lower is better. As neighbours are
    drawn without replacement, the null is near alpha for k ≪ n and below it for larger k.

    The rate depends on n, on k and on the balance of origins (of 18 lines and 80 tumours that are
    wholly apart, k = 10 rejects a fifth), so each type is scored on as many tumours as lines, in
    several draws. A smaller side gives all it has, and `n` says so. The draws depend on `seed` and
    the labels only, so every method meets the same samples. k above n / 2 is skipped: NaN,
    `skipped` True. Departures: a sample is no neighbour of itself; the null is that of permuted
    origins.

    A row per type and k. Columns: cancer_type, k, n, rejection, null, delta, skipped.

    Raises:
        ValueError: as `as_origins`.
    """
    samples = as_origins(x, is_line, cancer_type, types)
    sides = {
        name: (samples.rows(name, is_line=False), samples.rows(name, is_line=True))
        for name in samples.types
    }
    smallest = {name: min(map(len, pair)) for name, pair in sides.items()}
    n_each = test.n_each or int(np.clip(min(smallest.values()), 10, 50))
    rows = []
    for number, (name, pair) in enumerate(sides.items()):
        # A generator of its own for each type: its draws do not depend on which others are scored.
        rng, n = np.random.default_rng([seed, number]), min(n_each, smallest[name])
        drawn = [
            np.concatenate([rng.permutation(side)[:n] for side in pair])
            for _ in range(test.n_draws)
        ]
        rejections = _rejections(samples.x, np.stack(drawn), test)
        for k, rejection in zip(test.k_grid, rejections, strict=True):
            null = _null(2 * n, k, test.alpha) if k <= n else np.nan
            rows.append((name, k, 2 * n, rejection, null))
    table = pd.DataFrame(rows, columns=["cancer_type", "k", "n", "rejection", "null"])
    table["delta"] = table["rejection"] - table["null"]
    return table.assign(skipped=table["rejection"].isna())


def kbet_by_type(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over the k that every type was measured at, so that types compare.

    `table`: of `kbet`. Types too small for every k are NaN and do not restrict the others.
    Index: cancer_type. Columns: rejection, null, delta. `.attrs["k"]`: the k used.
    """
    values = table.pivot_table(
        index="cancer_type", columns="k", values="delta", dropna=False, aggfunc="first"
    )
    measured = values.dropna(how="all")
    shared = measured.columns[measured.notna().all()].tolist()
    used = table[table["k"].isin(shared)]
    means = used.groupby("cancer_type")[["rejection", "null", "delta"]].mean()
    means = means.reindex(values.index)
    means.attrs = {"k": shared}
    return means


def _rejections(x: np.ndarray, drawn: np.ndarray, test: Neighbourhoods) -> list[float]:
    """Rejection rate of each k, the mean over draws; NaN where k is too large.

    `drawn`: draw × rows of `x`, tumours and then as many lines.
    """
    n_each = drawn.shape[1] // 2
    near = _nearest(x, drawn, max(test.k_grid))
    # Lines among the 1, 2, … nearest: draw × sample × (neighbourhood size − 1).
    n_lines = (near >= n_each).cumsum(axis=2)
    return [
        float(_is_rejected(n_lines[:, :, k - 1], k, test.alpha).mean()) if k <= n_each else np.nan
        for k in test.k_grid
    ]


def _nearest(x: np.ndarray, drawn: np.ndarray, k: int) -> np.ndarray:
    """Places in their draw of each sample's `k` nearest others (all, if fewer): draw × sample × k.

    A sample is no neighbour of itself, even where points coincide.
    """
    used, place = np.unique(drawn, return_inverse=True)
    place, k = place.reshape(drawn.shape), min(k, drawn.shape[1] - 1)
    if len(used) > MOST_PAIRS:  # a draw at a time, never all of its pairs at once
        search = NearestNeighbors(n_neighbors=k, algorithm="brute")
        return np.stack([search.fit(x[rows]).kneighbors(return_distance=False) for rows in drawn])
    # Draws share samples, so distances are computed once and looked up.
    gaps = distances(x[used])
    np.fill_diagonal(gaps, np.inf)
    of_draws = gaps[place[:, :, None], place[:, None, :]]
    return of_draws.argsort(axis=2, kind="stable")[:, :, :k]


def _is_rejected(n_lines: np.ndarray, k: int, alpha: float) -> np.ndarray:
    """Pearson's χ² of k neighbours of which half are expected to be lines, against its limit.

    (L − k/2)²/(k/2) + (T − k/2)²/(k/2) with T = k − L.
    """
    return (n_lines - k / 2) ** 2 / (k / 4) > _limit(alpha)


@cache
def _limit(alpha: float) -> float:
    return float(chi2.isf(alpha, 1))


@cache
def _null(n: int, k: int, alpha: float) -> float:
    """Share of neighbourhoods rejected with permuted origins, n samples of which half are lines.

    The lines among k places are then hypergeometric, wherever the places are.
    """
    lines = np.arange(k + 1)
    return float(hypergeom(n, n // 2, k).pmf(lines) @ _is_rejected(lines, k, alpha))
