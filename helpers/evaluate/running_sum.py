"""The running sum of preranked GSEA, of many sets or of many random draws at once.

Only the places just before and just after a hit can hold the sum's extremes (Korotkevich et al.
2021), so a set of k features costs k steps, whatever the length of the ranking.
"""

from collections.abc import Iterator, Sequence

import numpy as np

BLOCK_CELLS = 1_500_000  # positions of random sets that are held at once, three arrays of them


def enrichment_score(positions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """ES in [−1, 1] of each row of `positions`, a set: the sum's value farthest from 0.

    `positions`: sets × size, ascending places of a set's members in the ranking, best 0.
    `weights`: |score| of every ranked feature, best first, above 0. Down the ranking the sum rises
    by weight / (weights of the set) at members and falls by 1 / (number of others) elsewhere.
    """
    n_hits = positions.shape[1]
    up = weights[positions]
    after = np.cumsum(up, axis=1)
    total = after[:, -1:].copy()
    after /= total
    after -= (positions - np.arange(n_hits)) / max(len(weights) - n_hits, 1)
    highest = after.max(axis=1)
    # Just before a hit the sum is what it is after it, less the hit.
    lowest = (after - up / total).min(axis=1)
    return _farther(highest, lowest)


class RandomSets:
    """Random sets of some sizes, in blocks: the same for every ranking of as many features.

    The sets of one draw are nested: the first k of one random order, uniform for each k.
    """

    def __init__(self, sizes: np.ndarray, places: Sequence[np.ndarray], n_ranked: int) -> None:
        """`sizes`: falling. `places`: of each size, draws × size, ascending places."""
        n_draws = len(places[0])
        shape = (int(sizes[0]), len(sizes) * n_draws)
        self.sizes, self.n_draws = sizes, n_draws
        # hit × (size, draw): the j-th hits of all sets lie side by side, the largest sets first, so
        # that the n_active[j] sets that have a j-th hit are the first of them.
        self.places = np.zeros(shape, np.intp)
        self.falls = np.zeros(shape)
        for number, (size, rows) in enumerate(zip(sizes, places, strict=True)):
            columns = slice(number * n_draws, (number + 1) * n_draws)
            self.places[:size, columns] = rows.T
            others = rows.T - np.arange(size)[:, None]
            self.falls[:size, columns] = others / max(n_ranked - size, 1)
        self.n_active = [int((sizes > hit).sum()) * n_draws for hit in range(shape[0])]

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """ES of every random set in the ranking of these `weights`: sizes × draws."""
        steps = np.empty(self.places.shape)
        total = np.zeros(steps.shape[1])
        for hit, n in enumerate(self.n_active):
            np.take(weights, self.places[hit, :n], out=steps[hit, :n], mode="clip")
            total[:n] += steps[hit, :n]
        scale = 1 / total
        risen, now, lowest, highest = (np.zeros_like(total) for _ in range(4))
        for hit, n in enumerate(self.n_active):
            for extreme, keep in ((np.minimum, lowest), (np.maximum, highest)):
                np.multiply(risen[:n], scale[:n], out=now[:n])
                now[:n] -= self.falls[hit, :n]
                extreme(keep[:n], now[:n], out=keep[:n])
                if extreme is np.minimum:  # before the hit; then it is made
                    risen[:n] += steps[hit, :n]
        return _farther(highest, lowest).reshape(len(self.sizes), self.n_draws)


def random_sets_of(
    sizes: Sequence[int], n_ranked: int, n_draws: int, rng: np.random.Generator
) -> Iterator[RandomSets]:
    """`n_draws` random sets of each size from `n_ranked` places, in blocks of bounded memory."""
    wanted = np.unique(np.asarray(sizes, dtype=int))[::-1]
    order = np.arange(n_ranked, dtype=np.int32)
    drawn = np.array([rng.permutation(order)[: wanted[0]] for _ in range(n_draws)])
    while len(wanted):
        n_sizes = max(1, BLOCK_CELLS // (int(wanted[0]) * n_draws))
        block, wanted = wanted[:n_sizes], wanted[n_sizes:]
        yield RandomSets(block, [np.sort(drawn[:, :size], axis=1) for size in block], n_ranked)


def _farther(highest: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    return np.where(highest >= -lowest, highest, lowest)
