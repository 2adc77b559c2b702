"""The same dimensions, the same subspace under another seed.

A single latent dimension is read only as far as it comes back from another seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import orth, subspace_angles
from scipy.optimize import linear_sum_assignment

from helpers.evaluate.arrays import as_matrix, column_names
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.latent_space.correlation import cross_correlation, unit_columns


def match_dimensions(a: ArrayLike, b: ArrayLike) -> pd.DataFrame:
    """One-to-one partners of the dimensions of two embeddings of the same samples.

    The Hungarian assignment that maximises Σ |Pearson r|. Columns: dim_a, dim_b, r in [−1, 1]
    (the sign of a dimension is arbitrary), strongest first. With unequal widths the surplus
    dimensions stay out. Compare with `permuted_match`: an assignment finds |r| > 0 in noise too.
    """
    first = as_matrix(a, "a")
    second = as_matrix(b, "b", len(first))
    r = cross_correlation(first.astype(float), second.astype(float))
    rows, columns = linear_sum_assignment(-np.abs(r))
    names_a, names_b = column_names(a), column_names(b)
    table = pd.DataFrame(
        {
            "dim_a": [names_a[row] for row in rows],
            "dim_b": [names_b[column] for column in columns],
            "r": r[rows, columns],
        }
    )
    return table.sort_values("r", key=lambda r: -r.abs(), kind="stable", ignore_index=True)


def permuted_match(a: ArrayLike, b: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """The control of `match_dimensions`: the same with the samples of `b` in random order."""
    second = as_matrix(b, "b")
    shuffled = np.random.default_rng(seed).permutation(second)
    return match_dimensions(a, pd.DataFrame(shuffled, columns=column_names(b)))


def subspace_similarity(a: ArrayLike, b: ArrayLike) -> float:
    """Mean canonical correlation of two embeddings of the same samples, in [0, 1].

    1 if either spans the other, whatever the axes (Hotelling 1936). Noise scores about
    √(dims / n), so use many more samples than dimensions. Constant and repeated dimensions do not
    count; 0 if nothing varies.

    Raises:
        ValueError: not more samples than the dimensions of both together, where it is 1 by fit.
    """
    first = as_matrix(a, "a")
    second = as_matrix(b, "b", len(first))
    n_dims = first.shape[1] + second.shape[1]
    if len(first) <= n_dims + 1:
        raise ValueError(
            f"Canonical correlation needs more samples than dimensions; got {len(first)} samples "
            f"for {first.shape[1]} + {second.shape[1]} dimensions. Use more samples."
        )
    # Canonical correlations are the cosines of the angles between the two column spaces.
    bases = [orth(unit_columns(each.astype(float)), rcond=1e-8) for each in (first, second)]
    if min(basis.shape[1] for basis in bases) == 0:
        return 0.0
    return float(np.cos(subspace_angles(*bases)).mean())


def seed_stability(embeddings: Sequence[ArrayLike], seed: int = 0) -> pd.DataFrame:
    """How well each dimension of the first embedding comes back in the others.

    Index: dimension. Columns: mean_r and min_r, the matched |r| in [0, 1] over the other
    embeddings, and control, the mean matched |r| when their samples are permuted. Higher is more
    stable; a dimension near its control is not to be read.

    Raises:
        ValueError: fewer than two embeddings, or of unequal width.
    """
    widths = {np.shape(embedding)[1] for embedding in embeddings}
    if len(embeddings) < 2 or len(widths) > 1:
        raise ValueError(
            f"Stability needs at least two embeddings of one width; got {len(embeddings)} with "
            f"widths {sorted(widths)}. Train another seed with the same number of dimensions."
        )
    reference = embeddings[0]
    matched = [match_dimensions(reference, other) for other in embeddings[1:]]
    permuted = [
        permuted_match(reference, other, seed + number)
        for number, other in enumerate(embeddings[1:])
    ]
    by_dimension = _matched_r(matched)
    table = pd.DataFrame({"mean_r": by_dimension.mean(axis=1), "min_r": by_dimension.min(axis=1)})
    table["control"] = _matched_r(permuted).mean(axis=1)
    return table.reindex(column_names(reference)).rename_axis("dimension")


def pairwise_stability(embeddings: Sequence[ArrayLike], seed: int = 0) -> pd.DataFrame:
    """Agreement of every two embeddings of the same samples.

    Columns: a, b (numbers of the embeddings), matched_r (mean matched |r|), control (the same,
    samples permuted), subspace (`subspace_similarity`).
    """
    rows = []
    for i, j in combinations(range(len(embeddings)), 2):
        a, b = embeddings[i], embeddings[j]
        rows.append(
            {
                "a": i,
                "b": j,
                "matched_r": match_dimensions(a, b)["r"].abs().mean(),
                "control": permuted_match(a, b, seed)["r"].abs().mean(),
                "subspace": subspace_similarity(a, b),
            }
        )
    return pd.DataFrame(rows, columns=["a", "b", "matched_r", "control", "subspace"])


def agreement(spaces: Mapping[str, Sequence[ArrayLike]], seed: int = 0) -> pd.DataFrame:
    """Mean of `pairwise_stability` for each reading of the same embeddings.

    `spaces`: reading ("axes", "directions") → one embedding a seed. Index: reading. Columns:
    matched_r, control and subspace, in [0, 1], higher is more stable.
    """
    means = {
        reading: pairwise_stability(each, seed)[["matched_r", "control", "subspace"]].mean()
        for reading, each in spaces.items()
    }
    return pd.DataFrame(means).T


@dataclass(frozen=True)
class SeedStability:
    """What comes back under another seed.

    directions: `seed_stability` of the first seed's varimax directions. agreement: `agreement` of
    the axes and the directions over all pairs of seeds.
    """

    directions: pd.DataFrame
    agreement: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`stability`: the directions."""
        return {"stability": self.directions}

    @property
    def metrics(self) -> dict[str, float]:
        """Matched |r| and its control of axes and directions, and the axes' subspace."""
        return {
            f"stability.{column}.{reading}": self.agreement.loc[reading, column]
            for reading in self.agreement.index
            for column in ("matched_r", "control")
        } | {"stability.subspace": self.agreement.loc["axes", "subspace"]}


def compare_seeds(runs: Sequence[TrainedFold], seed: int) -> SeedStability:
    """Axes and varimax directions of every trained fold matched over all samples.

    Raises:
        ValueError: fewer than two folds.
    """
    directions = [run.directions["all"] for run in runs]
    width = min(space.shape[1] for space in directions)  # a collapsed fold has fewer
    returning = seed_stability([space[:, :width] for space in directions], seed)
    spaces = {"axes": [run.z["all"] for run in runs], "directions": directions}
    return SeedStability(returning, agreement(spaces, seed))


def _matched_r(matches: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([match.set_index("dim_a")["r"].abs() for match in matches], axis=1)
