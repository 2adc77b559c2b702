"""What features are over many rows, in one pass over their blocks each; sums are in float64."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cohorts.on_disk.row_blocks import row_blocks


@dataclass(frozen=True)
class FeatureSummary:
    """Each feature's mean, share of rows above a level, lowest and highest value."""

    mean: np.ndarray
    share_above: np.ndarray
    low: np.ndarray
    high: np.ndarray


def summarise_features(x: object, level: float) -> FeatureSummary:
    """One pass over a matrix, row × feature; `level` is what `share_above` counts from."""
    n, total, above = 0, 0.0, 0
    low, high = np.inf, -np.inf
    for block in row_blocks(x):
        n += len(block)
        total = total + block.sum(axis=0, dtype=np.float64)
        above = above + np.count_nonzero(block > level, axis=0)
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
    return FeatureSummary(total / n, above / n, low, high)


@dataclass(frozen=True)
class GroupMoments:
    """Sums that means and variances within and over groups of rows follow from.

    n: rows of each group. mean: group × feature. within: feature; the squared distances of all
    rows from their group's mean, summed.
    """

    n: np.ndarray
    mean: np.ndarray
    within: np.ndarray

    def after(self, shift: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each feature once `shift` (group × feature) is off."""
        means = self.mean - shift
        mean = np.average(means, axis=0, weights=self.n)
        between = self.n @ (means - mean) ** 2
        return mean, np.sqrt((self.within + between) / self.n.sum())


def group_moments(x: object, columns: np.ndarray, group: np.ndarray) -> GroupMoments:
    """One pass over the chosen `columns` of a matrix. `group`: 0, 1, … of each row."""
    n = np.bincount(group)
    total = np.zeros((len(n), len(columns)))
    squares, pilot, start = np.zeros(len(columns)), None, 0
    for block in row_blocks(x, columns):
        # Distances from a row of the middle of the first block: sums of squares stay small.
        pilot = block.mean(axis=0, dtype=np.float64) if pilot is None else pilot
        distance = block - pilot
        of_group = group[start : start + len(block)]
        start += len(block)
        total += np.eye(len(n))[:, of_group] @ distance
        squares += np.einsum("ij,ij->j", distance, distance)
    mean = total / n[:, None]
    # Σ(d − m)² = Σd² − Σ n m², where d are distances and m the groups' means of them.
    return GroupMoments(n, mean + pilot, np.maximum(squares - n @ mean**2, 0.0))


def row_groups(obs: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """(group of each row, one row of `obs` a group): rows that are alike in all `columns`."""
    columns = [column for column in columns if column in obs]
    if not columns:
        return np.zeros(len(obs), int), obs.iloc[:1]
    group = obs.groupby(columns, dropna=False, observed=True, sort=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    return group, obs.iloc[first]
