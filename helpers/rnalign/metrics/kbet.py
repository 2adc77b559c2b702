"""kBET: are tumours and cell lines of a type mixed in every neighbourhood?

Büttner et al. (2019). The rate depends on the number of samples and on k, so both are fixed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2

from helpers.rnalign.origins import as_origins, distances


@dataclass(frozen=True)
class Neighbourhoods:
    """Which neighbourhoods are tested, and how often.

    k_grid: sizes. n_each: tumours, and lines, that a type is scored on; None takes the smallest
    side of the scored types, within 10 to 50. n_draws: choices of these samples. n_permutations:
    of the origins, for the null. alpha: level of the χ² test.
    """

    k_grid: tuple[int, ...] = (5, 10, 15, 25, 50)
    n_each: int | None = None
    n_draws: int = 10
    n_permutations: int = 20
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
    samples with p < alpha, `null` the same after permuting origins over the same neighbours, and
    `delta` = rejection − null: 0 is mixed, near 1 is apart; lower is better. As neighbours are
    drawn without replacement, the null is near alpha for k ≪ n and below it for larger k.

    The rate depends on n, on k and on the balance of origins (of 18 lines and 80 tumours that are
    wholly apart, k = 10 rejects a fifth), so each type is scored on as many tumours as lines, in
    several draws. A smaller side gives all it has, and `n` says so. The draws depend on `seed` and
    the labels only, so every method meets the same samples. k above n / 2 is skipped: NaN,
    `skipped` True. Departures: a sample is no neighbour of itself; the null is a permutation of
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
        rates = [_rates(samples.x[chosen], n, test, rng) for chosen in drawn]
        for k, (rejection, null) in zip(test.k_grid, np.mean(rates, axis=0), strict=True):
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


def _rates(
    x: np.ndarray, n_each: int, test: Neighbourhoods, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Rejection rate of each k with the origins as they are, and its mean over permutations.

    `x`: `n_each` tumours, then as many lines.
    """
    is_line = np.repeat([False, True], n_each)
    gaps = distances(x)
    np.fill_diagonal(gaps, np.inf)  # a sample is no neighbour of itself, even where points coincide
    near = gaps.argsort(axis=1, kind="stable")[:, : max(test.k_grid)]
    # The first labelling is the true one, the others are permutations of it over the same places.
    shuffled = [rng.permutation(is_line) for _ in range(test.n_permutations)]
    labels = np.stack([is_line, *shuffled])
    # Lines among the 1, 2, … nearest: labelling × sample × (neighbourhood size − 1).
    n_lines = labels[:, near].cumsum(axis=2)
    limit = chi2.isf(test.alpha, 1)
    rates = []
    for k in test.k_grid:
        if k > n_each:
            rates.append((np.nan, np.nan))
            continue
        # Pearson's χ² of k neighbours of which half are expected to be lines:
        # (L − k/2)²/(k/2) + (T − k/2)²/(k/2) with T = k − L.
        statistic = (n_lines[:, :, k - 1] - k / 2) ** 2 / (k / 4)
        rejected = (statistic > limit).mean(axis=1)
        rates.append((rejected[0], rejected[1:].mean() if test.n_permutations else np.nan))
    return rates
