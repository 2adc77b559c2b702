"""Groups of latent features that go together over samples (the paper's figure 7e)."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import average, fcluster, leaves_list
from scipy.spatial.distance import squareform

from helpers.evaluate.arrays import as_labels, as_matrix, column_names


def latent_groups(latents: ArrayLike, n_groups: int = 3) -> pd.DataFrame:
    """Latent features in groups by average linkage of 1 − |r| between them.

    `latents`: samples × latents. Group 1 is the largest; latents that do not vary are in no group,
    0, and stand last.

    Index: latent. Columns: group, position (from 0, groups side by side, for drawing).

    Raises:
        ValueError: NaN, or fewer varying latents than groups.
    """
    x = as_matrix(latents, "latents")
    is_used = np.ptp(x, axis=0) > 0
    if not 1 <= n_groups <= is_used.sum():
        raise ValueError(
            f"`n_groups` must be from 1 to the {is_used.sum()} latents that vary; got {n_groups}."
        )
    similarity = latent_association(x[:, is_used])
    group, position = np.zeros(len(is_used), dtype=int), np.arange(len(is_used))
    group[is_used], order = _cut(1 - similarity, n_groups)
    by_size = pd.Series(group[is_used]).value_counts(sort=True).index
    rank = {name: number for number, name in enumerate(by_size, start=1)} | {0: 0}
    group = np.array([rank[name] for name in group])
    used = np.flatnonzero(is_used)[order]
    used = used[np.argsort(group[used], kind="stable")]
    position[np.concatenate([used, np.flatnonzero(~is_used)])] = np.arange(len(is_used))
    index = pd.Index(column_names(latents), name="latent")
    return pd.DataFrame({"group": group, "position": position}, index=index)


def random_groups(group: ArrayLike, n_draws: int = 10, seed: int = 0) -> np.ndarray:
    """The control of `latent_groups`: the same latents in groups of the same sizes, at random.

    `group`: group of each latent; those in no group, 0, stay there. Draws × latents.

    Raises:
        ValueError: no latent, or fewer than one draw.
    """
    group = as_labels(group, "group")
    if n_draws < 1:
        raise ValueError(f"`n_draws` must be at least 1; got {n_draws}.")
    rng = np.random.default_rng(seed)
    draws = np.tile(group, (n_draws, 1))
    draws[:, group > 0] = rng.permuted(draws[:, group > 0], axis=1)
    return draws


def sample_order(latents: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Rows of samples × latents sorted by label and, within a label, by likeness; for drawing.

    Likeness: leaves of average linkage of Euclidean distances. Labels in alphabetical order.

    Raises:
        ValueError: NaN, or another number of labels than samples.
    """
    x = as_matrix(latents, "latents").astype(float)
    names = as_labels(labels, "labels", len(x)).astype(str)
    rows = []
    for name in np.unique(names):
        here = np.flatnonzero(names == name)
        rows.append(here[leaves_list(average(x[here]))] if len(here) > 2 else here)
    return np.concatenate(rows)


def latent_association(latents: ArrayLike) -> np.ndarray:
    """|Pearson r| of every two latents in [0, 1], latents × latents.

    0 where a latent does not vary, and 1 of each with itself.

    Raises:
        ValueError: NaN.
    """
    x = as_matrix(latents, "latents").astype(float)
    centred = x - x.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    strength = np.abs(unit.T @ unit)
    np.fill_diagonal(strength, 1)
    return np.clip(strength, 0, 1)


def _cut(distance: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Group of each latent and the order of the leaves."""
    if len(distance) == 1:
        return np.ones(1, dtype=int), np.zeros(1, dtype=int)
    tree = average(squareform(np.clip(distance, 0, None), checks=False))
    return fcluster(tree, n_groups, criterion="maxclust"), leaves_list(tree)
