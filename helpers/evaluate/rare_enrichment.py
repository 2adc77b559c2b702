"""How rare is an enrichment score? Tail probabilities far below one over the number of draws.

Importance sampling in place of fgsea's multilevel splitting (Korotkevich et al. 2021): random sets
are drawn from distributions that favour large scores, and each counts by how much likelier it was
there than under the null. Beside gseapy's multilevel p, in rankings of 5,000 and for p from 1e-2 to
1e-6: the SD of log2 p over seeds is 0.35 to 0.5 instead of 0.55 to 0.77.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from helpers.evaluate.running_sum import enrichment_score

N_DRAWS = 300  # random sets to begin with
N_HITS_MOST = 1_000_000  # members of all of them, where the spread stays too large
RELATIVE_ERROR = 0.25  # standard error over p that is asked for; multilevel has 0.45 at 1e-6
N_SHORT = 100  # places of a ranking too short for bins: there, draws of the null do
N_FEW = 15  # members of a set whose places are told apart most finely
N_CELLS = 2048  # equal shares that a proposal is made of
N_STEPS = 12  # of Newton's method for the tilts


def tail_probabilities(
    weights: np.ndarray,
    sizes: np.ndarray,
    scores: np.ndarray,
    rng: np.random.Generator,
    p_floor: float = 1e-6,
) -> tuple[np.ndarray, np.ndarray]:
    """P(ES ≥ score) of a random set of each size, and its standard error.

    `weights`: |score| of the ranked features, best first, above 0; `sizes`, `scores`: one a test,
    scores above 0. A probability below `p_floor` comes out somewhere below it, down to 0.

    A set's sum at place i reaches the score if Σ w (1[at or above i] − g) ≥ 0 over its members, g
    the share of weights that this takes. Tilting the places exponentially by that term makes 0 its
    mean, which is the best proposal for one i (Siegmund 1976); drawn is a mixture over i, shared
    out by Chernoff bounds, in bins of neighbouring places. Only the proposals are approximate:
    draws are weighted exactly, so the estimate is unbiased.
    """
    p, error = (sizes == len(weights)).astype(float), np.zeros(len(sizes))
    grain = _grain(sizes, len(weights))
    for level in np.unique(grain):
        tests = np.flatnonzero((grain == level) & (p == 0))
        bins = _bins(len(weights), int(level), int(weights.argmin()))
        proposals = _tilted(bins, weights, sizes[tests], scores[tests])
        for test, (share, bound) in zip(tests, proposals, strict=True):
            if bound < 1e-3 * p_floor:  # a bound but for the bins, hence with room to spare
                continue
            target = (weights, int(sizes[test]), float(scores[test]))
            p[test], error[test] = _estimate(bins, share, target, rng, p_floor)
    return p, error


@dataclass(frozen=True)
class _Bins:
    """Runs of neighbouring places, short at both ends of a ranking and where weights are least."""

    edges: np.ndarray  # n + 1 places
    width: np.ndarray  # n
    bin_of: np.ndarray  # of every place
    log_factorial: np.ndarray  # of 0 to the number of places


def _grain(sizes: np.ndarray, n_ranked: int) -> np.ndarray:
    """Shortest bin in places, 1 to 16; 0 for a ranking in one bin.

    Draws that put more members into a bin than it has places count for nothing, and weights vary
    the more, the more bins there are: both matter for sets of a large share of the places. Few
    members, on the other hand, need their places told apart.
    """
    if n_ranked < N_SHORT:
        return np.zeros(len(sizes), int)
    grain = np.clip(2 ** np.ceil(np.log2(20 * sizes / n_ranked)), 2, 16).astype(int)
    return np.where((sizes <= N_FEW) & (grain == 2), 1, grain)


@lru_cache(maxsize=8)
def _bins(n_ranked: int, grain: int, lightest: int) -> _Bins:
    half = n_ranked // 2
    edges = [0, n_ranked]
    if grain:
        n_half = {1: 30, 2: 20, 4: 12}.get(grain, 8)
        steps = np.geomspace(min(grain, half), half, n_half).astype(int)
        edges += [*steps, *(n_ranked - steps)]
    if grain in (1, 2):
        steps = np.geomspace(1, half, 10).astype(int)
        edges += [
            place for place in (*(lightest + steps), *(lightest - steps)) if 0 < place < n_ranked
        ]
    edges = np.unique(edges)
    width = np.diff(edges)
    bin_of = np.repeat(np.arange(len(width)), width)
    return _Bins(edges, width, bin_of, gammaln(np.arange(n_ranked + 1) + 1))


def _tilted(
    bins: _Bins, weights: np.ndarray, sizes: np.ndarray, scores: np.ndarray
) -> Iterator[tuple[np.ndarray, float]]:
    """Of each test: (component × (bin + 1): share of draws, then of the bins), a bound on p."""
    n_ranked, n_bins = len(weights), len(bins.width)
    if n_bins == 1:
        yield from [(np.ones((1, 2)), np.inf)] * len(sizes)
        return
    weight = np.add.reduceat(weights, bins.edges[:-1]) / weights.mean()
    # One component for a peak at the end of each bin but the last: it sees the bins up to there.
    is_above = np.tri(n_bins - 1, n_bins)
    place, size = bins.edges[1:-1], sizes[:, None]
    hits = size * place / n_ranked  # expected at or above the peak, at first under the null
    for _ in range(2):
        height = scores[:, None] + (place - hits) / (n_ranked - size)
        term = weight / bins.width * (is_above - np.minimum(height, 0.998)[:, :, None])
        q, log_mass = _least_mass(term, bins.width / n_ranked)  # test × peak × bin
        hits = size * np.einsum("tpb,pb->tp", q, is_above)
    log_bound = np.where(height < 0.998, size * log_mass, -np.inf)
    # Or the whole set is gathered so far up that its last member reaches the score.
    reach = size + (1 - scores[:, None]) * (n_ranked - size)
    gathered = bins.width / n_ranked * (bins.edges[:-1] < reach)
    mass = gathered.sum(axis=1, keepdims=True)
    q = np.concatenate([q, (gathered / mass)[:, None]], axis=1)
    log_bound = np.concatenate([log_bound, size * np.log(mass)], axis=1)
    for q_test, log_p in zip(q, log_bound, strict=True):
        relative = np.exp(log_p - log_p.max())
        flat = np.sqrt(relative)
        share = 0.7 * relative / relative.sum() + 0.2 * flat / flat.sum()
        # The null itself, so that no draw can count for more than ten.
        tilted, null = np.column_stack([share, q_test]), [0.1, *(bins.width / n_ranked)]
        yield np.vstack([tilted, null]), float(np.exp(log_p).sum())


def _least_mass(term: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`base` tilted by exp(θ `term`), and log Σ base exp(θ term), at the θ ≥ 0 where that is least.

    Newton's method on the mean of `term`, which rises with θ, kept within what is known of its 0.
    """
    low = np.zeros(term.shape[:-1])
    high = np.full_like(low, np.inf)
    theta = np.zeros_like(low)
    for _ in range(N_STEPS):
        q = base * np.exp(np.minimum(theta[..., None] * term, 300))
        mass = q.sum(axis=-1)
        q /= mass[..., None]
        mean = np.einsum("...b,...b->...", q, term)
        variance = np.einsum("...b,...b,...b->...", q, term, term) - mean**2
        low, high = np.where(mean < 0, theta, low), np.where(mean < 0, high, theta)
        step = theta - mean / np.maximum(variance, 1e-12)
        middle = np.where(np.isinf(high), 2 * theta + 1, (low + high) / 2)
        theta = np.where((step > low) & (step < np.minimum(high, middle * 2)), step, middle)
    return q, np.log(mass)


def _estimate(
    bins: _Bins,
    proposal: np.ndarray,
    target: tuple[np.ndarray, int, float],
    rng: np.random.Generator,
    p_floor: float,
) -> tuple[float, float]:
    """P and its standard error, with more draws until the error is small beside p or the floor."""
    n_draws = N_DRAWS
    while True:
        ratio = _likelihood_ratios(bins, proposal, target, n_draws, rng)
        n_null = 1 if len(bins.width) == 1 else 0  # what is observed is one of the null's draws
        p = (ratio.sum() + n_null) / (n_draws + n_null)
        error = np.sqrt(max((ratio**2).sum() / n_draws - p * p, 0.0) / n_draws)
        is_below = len(ratio) > 0 and p + 2 * error < p_floor
        if (0 < error <= RELATIVE_ERROR * p) or is_below or 4 * n_draws * target[1] > N_HITS_MOST:
            return float(p), float(error)
        n_draws *= 4


def _likelihood_ratios(
    bins: _Bins,
    proposal: np.ndarray,
    target: tuple[np.ndarray, int, float],
    n_draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Null over proposal density of those drawn sets whose ES reaches the score."""
    weights, size, score = target
    n_ranked, n_bins = len(weights), len(bins.width)
    # So many draws of each component, and the bins as cells of equal share, at least one each.
    of_component = np.diff(np.round(np.cumsum(proposal[:, 0]) * n_draws), prepend=0).astype(int)
    drawn = of_component > 0
    of_component, q = of_component[drawn], proposal[drawn, 1:]
    ends = np.floor(np.cumsum(q, axis=1) * (N_CELLS - n_bins)).astype(int)
    cells = np.diff(ends, axis=1, prepend=0) + 1
    cells[np.arange(len(q)), q.argmax(axis=1)] += N_CELLS - cells.sum(axis=1)
    bin_of_cell = np.repeat(np.tile(np.arange(n_bins), len(q)), cells.ravel())
    # A hit falls into a cell and somewhere in that cell's bin.
    uniform = rng.random((n_draws, size)) * N_CELLS
    cell = uniform.astype(np.intp)
    uniform -= cell
    cell += np.repeat(np.arange(len(q)), of_component)[:, None] * N_CELLS
    hit_bin = bin_of_cell[cell]
    counts = hit_bin + np.arange(n_draws)[:, None] * n_bins
    counts = np.bincount(counts.ravel(), minlength=n_draws * n_bins).reshape(n_draws, n_bins)
    places = bins.edges[hit_bin] + (uniform * bins.width[hit_bin]).astype(np.intp)
    fits = (counts <= bins.width).all(axis=1)
    places, counts = _distinct(places[fits], bins, rng), counts[fits]
    counts = counts[enrichment_score(places, weights) >= score - 1e-9]
    # Densities of the counts: hypergeometric, and multinomial in the mixture of components. What
    # both have in common (the factorials of the counts) is left out.
    log_f = bins.log_factorial
    log_null = (log_f[bins.width] - log_f[bins.width - counts]).sum(axis=1)
    log_null -= log_f[n_ranked] - log_f[n_ranked - size]
    log_density = counts @ np.log(cells / N_CELLS).T + np.log(of_component / n_draws)
    return np.exp(log_null - np.logaddexp.reduce(log_density, axis=1))


def _distinct(places: np.ndarray, bins: _Bins, rng: np.random.Generator) -> np.ndarray:
    """Rows in ascending order, places drawn twice drawn again within their bin.

    All places of a bin are treated alike, so the places of a row that fall into a bin are a uniform
    subset of it.
    """
    places.sort(axis=1)
    open_rows = np.arange(len(places))
    while True:
        rows = places[open_rows]
        is_twice = rows[:, 1:] == rows[:, :-1]
        has_twice = is_twice.any(axis=1)
        if not has_twice.any():
            return places
        open_rows, rows, is_twice = open_rows[has_twice], rows[has_twice], is_twice[has_twice]
        at = np.nonzero(is_twice)
        within = bins.bin_of[rows[at]]
        offset = (rng.random(len(within)) * bins.width[within]).astype(np.intp)
        rows[at] = bins.edges[within] + offset
        rows.sort(axis=1)
        places[open_rows] = rows
