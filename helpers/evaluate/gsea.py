"""Preranked gene-set enrichment analysis (Subramanian et al. 2005) over all latent dimensions.

Own code, as gseapy walks every permutation of every set in every ranking one after the other: here
random sets are drawn once for all rankings and walked together. 32 rankings of 5,000 features by 50
sets take 1.4 s of CPU time, gseapy 19 s.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from helpers.evaluate.arrays import as_matrix
from helpers.evaluate.rare_enrichment import tail_probabilities
from helpers.evaluate.running_sum import enrichment_score, random_sets_of

MIN_SAME_SIGN = 10  # null ES of the sign of the set's own that NES and p need
MIN_BEYOND = 30  # null ES as far out, from which on their count is p's estimate


def prerank(
    association: pd.DataFrame,
    sets: Mapping[str, Sequence[Hashable]],
    *,
    n_permutations: int = 1000,
    min_size: int = 10,
    max_size: int = 500,
    seed: int = 0,
    p_floor: float = 1e-6,
) -> pd.DataFrame:
    """Preranked GSEA of every set in every dimension, with one FDR over all of these tests.

    Features named twice are averaged, ties are ordered at random (seeded, whatever the order of
    rows); dimensions without variation are skipped. p is one-sided towards the sign of ES: the
    share of null ES of that sign that are as far out; where these are few, as plain permutations
    stop at 1 / (n + 1), which Benjamini–Hochberg over a thousand tests cannot call significant, the
    estimate of `rare_enrichment`. NES is ES over the mean of the null ES of its sign. Both need
    10 null ES of that sign: else NES is missing and p is 1. The null redraws genes, not samples:
    sets of co-expressed genes come out too often, so read it beside `camera.camera`.

    Args:
        association: features × dimensions, each column a ranking; the ranked features are the
            background.
        sets: set name → its members, cut to the background first.
        n_permutations: null ES of each size of set, shared by the sets of that size.
        min_size: members that a set needs in the background to be tested.
        max_size: members that it may have there.
        seed: of the order of ties and of the null.
        p_floor: the smallest p that is told from 0.

    Columns: dimension, set, size, es in [−1, 1], nes, p, fdr; background and counts in `.attrs`.

    Raises:
        ValueError: NaN in the ranking, or no set of the asked size.
    """
    as_matrix(association, "association")
    ranking = association.groupby(level=0, sort=True).mean()
    members = _members_in(ranking.index, sets, min_size, max_size)
    is_flat = (ranking.max() == ranking.min()).to_numpy()
    rankings = [
        _Ranking.of(ranking.iloc[:, number].to_numpy(float), seed + number)
        for number in np.flatnonzero(~is_flat)
    ]
    facts = _against_null(rankings, list(members.values()), n_permutations, seed, p_floor)
    result = pd.DataFrame({"dimension": np.repeat(ranking.columns[~is_flat], len(members))})
    result["set"] = [*members] * len(rankings)
    result["size"] = [len(places) for places in members.values()] * len(rankings)
    result[["es", "nes", "p"]] = facts.reshape(-1, 3)
    result["fdr"] = false_discovery_control(result["p"]) if len(result) else []
    result.attrs = {
        "background": f"{len(ranking)} ranked features",
        "n_tests": len(result),
        "n_sets_dropped": len(sets) - len(members),
        "dimensions_skipped": [str(name) for name in ranking.columns[is_flat]],
        "p_floor": p_floor,
    }
    return result


@dataclass(frozen=True)
class _Ranking:
    """weights: |score|, best first, a trace above 0. place: of each feature in that order."""

    weights: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, seed: int) -> "_Ranking":
        """Highest first; ties in random order, which no alphabet decides."""
        shuffled = np.random.default_rng(seed).permutation(len(scores))
        # A stable sort keeps the random order within a tie.
        order = shuffled[np.argsort(-scores[shuffled], kind="stable")]
        place = np.empty(len(order), np.intp)
        place[order] = np.arange(len(order))
        weights = np.abs(scores[order])
        # A set of nothing but zeros rises in equal steps.
        return cls(np.maximum(weights, 1e-13 * weights.max()), place)


def _against_null(
    rankings: Sequence[_Ranking],
    members: Sequence[np.ndarray],
    n_permutations: int,
    seed: int,
    p_floor: float,
) -> np.ndarray:
    """ES, NES and p: ranking × set × 3."""
    rng = np.random.default_rng(seed)
    sizes = np.array([len(features) for features in members])
    facts = np.zeros((len(rankings), len(members), 3))
    if not rankings:
        return facts
    es = np.array([_observed(ranking, members, sizes) for ranking in rankings])
    n_same, n_beyond, mean = (np.zeros(es.shape) for _ in range(3))
    for block in random_sets_of(sizes, len(rankings[0].place), n_permutations, rng):
        inside = np.flatnonzero(np.isin(sizes, block.sizes))
        row = np.searchsorted(-block.sizes, -sizes[inside])
        for number, ranking in enumerate(rankings):
            null, score = block.scores(ranking.weights)[row], es[number, inside, None]
            is_same = (null >= 0) == (score >= 0)
            n_same[number, inside] = is_same.sum(axis=1)
            is_beyond = is_same & (np.abs(null) >= np.abs(score) - 1e-9)
            n_beyond[number, inside] = is_beyond.sum(axis=1)
            mean[number, inside] = np.where(is_same, np.abs(null), 0).sum(axis=1)
    is_known = n_same >= MIN_SAME_SIGN
    nes = np.divide(es * n_same, mean, out=np.full(es.shape, np.nan), where=is_known)
    p = np.where(is_known, (n_beyond + 1) / (n_same + 1), 1.0)
    # P(so far out) = P(of that sign) · P(so far out | of that sign).
    share = (n_same + 1) / (n_permutations + 1)
    is_rare = is_known & (n_beyond < MIN_BEYOND)
    for number, ranking in enumerate(rankings):
        for is_end, weights in ((es >= 0, ranking.weights), (es < 0, ranking.weights[::-1])):
            tests = np.flatnonzero(is_rare[number] & is_end[number])
            scores = np.abs(es[number, tests])
            tail, _ = tail_probabilities(weights, sizes[tests], scores, rng, p_floor)
            p[number, tests] = tail / share[number, tests]
    return np.stack([es, nes, p.clip(p_floor, 1.0)], axis=2)


def _observed(ranking: _Ranking, members: Sequence[np.ndarray], sizes: np.ndarray) -> np.ndarray:
    """ES of every set, those of one size together."""
    es = np.empty(len(sizes))
    for size in np.unique(sizes):
        number = np.flatnonzero(sizes == size)
        places = ranking.place[np.array([members[n] for n in number])]
        es[number] = enrichment_score(np.sort(places, axis=1), ranking.weights)
    return es


def _members_in(
    background: pd.Index, sets: Mapping[str, Sequence], min_size: int, max_size: int
) -> dict[str, np.ndarray]:
    """Set → where its members are in the background, without those of another size."""
    ranked = {}
    for name, features in sets.items():
        found = background.get_indexer(pd.Index(features).unique())
        ranked[name] = np.sort(found[found >= 0])
    members = {name: found for name, found in ranked.items() if min_size <= len(found) <= max_size}
    if not members:
        sizes = [len(found) for found in ranked.values()] or [0]
        raise ValueError(
            f"No set has {min_size} to {max_size} of the {len(background)} ranked features; of "
            f"{len(sets)} sets the sizes found are {min(sizes)} to {max(sizes)}. Check that sets "
            "and features use the same names, or change `min_size`."
        )
    return members
