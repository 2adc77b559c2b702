"""Enrichment against a null that keeps co-expression: a latent dimension that knows nothing.

The gene-wise null of `enrichment.prerank` redraws genes as if they were independent. Genes of one
pathway rise together, so a dimension of pure noise already "enriches" in many sets (Goeman &
Bühlmann 2007). Here the noise dimension itself is the null, as in GSEA's phenotype permutation.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

from helpers.evaluate.arrays import as_matrix, column_names


def enrichment_score(association: pd.DataFrame, members: Sequence[Hashable]) -> pd.Series:
    """ES of one set in every dimension, in [−1, 1]; positive: its features have high association.

    The largest deviation of the running sum that rises by |association| / Σ|association| at a
    member and falls by 1 / (features − members) elsewhere (Subramanian et al. 2005, weight 1).

    Raises:
        ValueError: no member, or nothing but members, among the features.
    """
    is_member = association.index.isin(list(members))
    n_members = int(is_member.sum())
    if not 0 < n_members < len(is_member):
        raise ValueError(
            f"A set needs members and others among the features; got {n_members} members of "
            f"{len(is_member)} features. Check that both use the same names."
        )
    rankings = association.to_numpy(float).T
    scores = _scores(rankings, _positions(rankings), np.flatnonzero(is_member))
    return pd.Series(scores, index=association.columns, name="es")


def coexpression_null(
    x: ArrayLike,
    sets: Mapping[str, Sequence[Hashable]],
    *,
    n_draws: int = 10_000,
    family: Mapping[Hashable, str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """ES of every set in dimensions of pure noise, draws × sets.

    Each draw correlates one random normal value per sample with the features of `x` (samples ×
    features, names from its columns), so members that move together in `x` still do. `family`
    averages features first, as `enrichment.collapse_families`. Sets without a member are left out.
    """
    matrix = as_matrix(x, "x").astype(float)
    centred = matrix - matrix.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(length > 0, length, 1.0)
    names = pd.Index(column_names(x))
    if family is not None:
        groups = names.map(dict(family))
        averaged = pd.DataFrame(unit.T[groups.notna()]).groupby(groups.dropna().to_numpy()).mean()
        unit, names = averaged.to_numpy().T, averaged.index
    rows = {name: np.flatnonzero(names.isin(list(genes))) for name, genes in sets.items()}
    rows = {name: found for name, found in rows.items() if 0 < len(found) < len(names)}
    parts = []
    for noise in _noise(len(matrix), n_draws, seed):
        r = noise @ unit
        positions = _positions(r)
        parts.append({name: _scores(r, positions, found) for name, found in rows.items()})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def against_coexpression(enrichment: pd.DataFrame, null: pd.DataFrame) -> pd.DataFrame:
    """`enrichment` with p_coexpression and fdr_coexpression, from the ES that noise reaches.

    p = (1 + null ES as extreme) / (1 + null ES), among those of the sign of the ES and of the same
    set; Benjamini–Hochberg over all rows. p cannot fall below about 2 / n_draws.

    Raises:
        ValueError: a set of `enrichment` that the null does not have.
    """
    unknown = sorted(set(enrichment["set"]) - set(null.columns))
    if unknown:
        raise ValueError(f"The null lacks {len(unknown)} sets: {unknown[:3]}. Draw them too.")
    p = [
        _one_sided(es, null[name].to_numpy())
        for name, es in zip(enrichment["set"], enrichment["es"], strict=True)
    ]
    fdr = false_discovery_control(p) if p else []
    result = enrichment.assign(p_coexpression=p, fdr_coexpression=fdr)
    result.attrs = {**enrichment.attrs, "n_draws": len(null)}
    return result


def _noise(n_samples: int, n_draws: int, seed: int, block: int = 200) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for start in range(0, n_draws, block):
        noise = rng.standard_normal((min(block, n_draws - start), n_samples))
        yield noise / np.linalg.norm(noise, axis=1, keepdims=True)


def _one_sided(es: float, null: np.ndarray) -> float:
    same_sign = null[np.sign(null) == np.sign(es)]
    return (1 + int((np.abs(same_sign) >= abs(es)).sum())) / (1 + len(same_sign))


def _positions(rankings: np.ndarray) -> np.ndarray:
    """Place of each feature in the descending order of each row, from 0."""
    order = np.argsort(-rankings, axis=1, kind="stable")
    positions = np.empty_like(order)
    np.put_along_axis(positions, order, np.arange(order.shape[1])[None, :], axis=1)
    return positions


def _scores(rankings: np.ndarray, positions: np.ndarray, members: np.ndarray) -> np.ndarray:
    """ES per row, from the running sum just before and just after each member."""
    n_members, n_features = len(members), rankings.shape[1]
    order = np.argsort(positions[:, members], axis=1)
    place = np.take_along_axis(positions[:, members], order, axis=1)
    weight = np.take_along_axis(np.abs(rankings[:, members]), order, axis=1)
    total = weight.sum(axis=1, keepdims=True)
    rise = np.cumsum(weight, axis=1) / np.where(total > 0, total, 1.0)
    fall = (place - np.arange(n_members)) / (n_features - n_members)
    before = np.hstack([np.zeros_like(total), rise[:, :-1]]) - fall
    highest, lowest = (rise - fall).max(axis=1), before.min(axis=1)
    return np.where(highest >= -lowest, highest, lowest)
