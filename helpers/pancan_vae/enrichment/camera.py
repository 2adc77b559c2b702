"""Competitive gene-set test that allows for genes moving together: CAMERA, as limma has it.

Gene-wise nulls (preranked GSEA) redraw genes as if they were independent. Genes of one pathway
rise together, so such a null calls most sets significant even in a dimension of pure noise
(Goeman & Bühlmann 2007). CAMERA widens the variance of a set's mean by the correlation its genes
still have once the dimension is taken out (Wu & Smyth 2012, Nucleic Acids Res 40:e133): noise
explains none of it and is not significant, a dimension that drives the set explains most of it.

Only members of sets are touched, at dimensions × samples × members in all; no matrix of features ×
features, of residuals, or of features × sets is made.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from helpers.evaluate.arrays import as_matrix, column_names
from helpers.pancan_vae.latent_space.correlation import unit_columns

COLUMNS = ["dimension", "set", "size", "correlation", "t", "p"]


def camera(
    z: ArrayLike,
    x: ArrayLike,
    sets: Mapping[str, Sequence[Hashable]],
    *,
    min_size: int = 5,
    max_size: int = 500,
    gene_correlation: float | None = None,
) -> pd.DataFrame:
    """Does a set's association with a dimension differ from that of the other features?

    A feature's statistic is Fisher's z of its correlation with the dimension, times √(n − 3). The
    set's mean is compared with the rest's by a two-sample t whose variance is inflated by
    1 + (size − 1) · ρ, with ρ the mean correlation of the set's residuals (0 where negative) or
    `gene_correlation`. Departs from limma in that statistic (limma moderates t by gene variance).

    `z`: samples × dimensions, `x`: samples × features, names from their columns; `sets` by those
    names, cut to the features and kept at `min_size` to `max_size` members.

    Columns: dimension, set, size, correlation (ρ), t (positive: rises with the dimension), p
    (two-sided, n − 2 degrees of freedom), fdr (Benjamini–Hochberg over all rows).

    Raises:
        ValueError: unequal samples, fewer than 5 of them, or no set of the asked size.
    """
    latent, features = as_matrix(z, "z").astype(float), as_matrix(x, "x", len(z))
    if len(latent) < 5:
        raise ValueError(f"CAMERA needs 5 samples or more; got {len(latent)}. Use more.")
    names, member = _membership(column_names(x), sets, min_size, max_size)
    size = member.sum(axis=1)
    unit = np.ascontiguousarray(unit_columns(features.astype(float)).T)  # feature × sample
    tables = []
    for dimension, values in zip(column_names(z), unit_columns(latent).T, strict=True):
        r = unit @ values
        rho = gene_correlation
        if rho is None:
            rho = _residual_correlation(unit, values, r, member)
        t, p = _two_sample(np.arctanh(np.clip(r, -0.999999, 0.999999)), member, rho, len(latent))
        table = pd.DataFrame({"dimension": dimension, "set": names, "size": size.astype(int)})
        tables.append(table.assign(correlation=rho, t=t, p=p))
    result = pd.concat(tables, ignore_index=True)[COLUMNS]
    result["fdr"] = false_discovery_control(result["p"])
    return result


def _membership(
    features: list, sets: Mapping[str, Sequence], min_size: int, max_size: int
) -> tuple[list[str], csr_array]:
    """Names of the sets of the asked size, and their members: set × feature, 1 or 0."""
    index = pd.Index(features)
    found = {name: index.get_indexer_for(list(set(each))) for name, each in sets.items()}
    columns = {name: np.sort(each[each >= 0]) for name, each in found.items()}
    largest = min(max_size, len(index) - 2)
    tested = {name: c for name, c in columns.items() if min_size <= len(c) <= largest}
    if not tested:
        sizes = [len(c) for c in columns.values()] or [0]
        raise ValueError(
            f"No set has {min_size} to {largest} of the {len(index)} features; of {len(sets)} sets "
            f"the sizes found are {min(sizes)} to {max(sizes)}. Check that sets and features use "
            "the same names, or change `min_size`."
        )
    members = np.concatenate(list(tested.values()))
    ends = np.cumsum([0, *map(len, tested.values())])
    shape = len(tested), len(index)
    return list(tested), csr_array((np.ones(len(members)), members, ends), shape)


def _residual_correlation(
    unit: np.ndarray, values: np.ndarray, r: np.ndarray, member: csr_array
) -> np.ndarray:
    """Mean correlation between the residuals of a set's features, 0 where it is negative.

    `unit`: feature × sample, rows of length 1; a feature's residual is its row − r · `values`, of
    length √(1 − r²).
    """
    squared = np.maximum(1 - r * r, 0)
    # What rounding leaves of a feature that is the dimension is no residual.
    weight = np.divide(1, np.sqrt(squared), out=np.zeros_like(r), where=squared > 1e-12)
    weighted = member * weight  # set × feature
    # The sum of a set's residuals of length 1: their rows' sum, less what the dimension explains.
    total = weighted @ unit - np.outer(weighted @ r, values)  # set × sample
    size = member.sum(axis=1)
    inflation = (total**2).sum(axis=1) / size  # 1 + (size − 1) · mean correlation
    return np.maximum((inflation - 1) / np.maximum(size - 1, 1), 0)


def _two_sample(
    statistic: np.ndarray, member: csr_array, rho: np.ndarray | float, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """(t, p) of each set's mean against the mean of the rest."""
    statistic = statistic * np.sqrt(n_samples - 3)  # Fisher's z has variance 1 / (n − 3)
    n, inside = len(statistic), member.sum(axis=1)
    outside = n - inside
    total, squares = statistic.sum(), ((statistic - statistic.mean()) ** 2).sum()
    # Mean inside minus mean outside, from sums, for all sets at once.
    within = member @ statistic
    difference = within / inside - (total - within) / outside
    # Variance within the two groups: all squares less those between the groups.
    pooled = (squares - difference**2 * inside * outside / n) / (n - 2)
    # A mean of `inside` correlated features varies (1 + (inside − 1) ρ) times as much.
    inflation = 1 + (inside - 1) * rho
    t = difference / np.sqrt(np.maximum(pooled, 1e-12) * (inflation / inside + 1 / outside))
    return t, 2 * student.sf(np.abs(t), min(n_samples, n) - 2)
