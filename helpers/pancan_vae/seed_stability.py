"""The same dimensions, the same subspace under another seed; planted programs found again.

A single latent dimension is read only as far as it comes back from another seed.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_matrix, column_names


def match_dimensions(a: ArrayLike, b: ArrayLike) -> pd.DataFrame:
    """One-to-one partners of the dimensions of two embeddings of the same samples.

    The Hungarian assignment that maximises Σ |Pearson r|. Columns: dim_a, dim_b, r in [−1, 1]
    (the sign of a dimension is arbitrary), strongest first. With unequal widths the surplus
    dimensions stay out. Compare with `permuted_match`: an assignment finds |r| > 0 in noise too.
    """
    first = as_matrix(a, "a")
    second = as_matrix(b, "b", len(first))
    r = _cross_correlation(first, second)
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
    bases = _orthonormal_basis(first), _orthonormal_basis(second)
    if min(basis.shape[1] for basis in bases) == 0:
        return 0.0
    correlation = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    return float(np.clip(correlation, 0, 1).mean())


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
    """Mean of `pairwise_stability` for each kind of reading the same embeddings.

    `spaces`: kind ("axes", "directions") → one embedding a seed. Index: kind. Columns: matched_r,
    control and subspace, in [0, 1], higher is more stable.
    """
    means = {
        kind: pairwise_stability(each, seed)[["matched_r", "control", "subspace"]].mean()
        for kind, each in spaces.items()
    }
    return pd.DataFrame(means).T


def program_recovery(z: ArrayLike, activity: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """How well planted program activities are found in z. Index: program.

    Columns: dimension, its one-to-one partner, and r, their |Pearson r| in [0, 1] (missing and 0
    for programs in excess of the dimensions); direction_r, the correlation of the activity with
    its 5-fold cross-validated ridge prediction from all of z: what the space holds, on whatever
    axes (0 if constant).
    """
    latent = as_matrix(z, "z")
    truth = as_matrix(activity, "activity", len(latent)).astype(float)
    programs = column_names(activity)
    match = match_dimensions(activity, z).set_index("dim_a")
    table = pd.DataFrame({"dimension": match["dim_b"], "r": match["r"].abs()}).reindex(programs)
    folds = KFold(n_splits=5, shuffle=True, random_state=seed)
    model = make_pipeline(
        StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13), alpha_per_target=True)
    )
    predicted = cross_val_predict(model, latent, truth, cv=folds).reshape(truth.shape)
    table["direction_r"] = np.maximum(np.diag(_cross_correlation(predicted, truth)), 0)
    return table.fillna({"r": 0.0}).rename_axis("program")


def _matched_r(matches: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([match.set_index("dim_a")["r"].abs() for match in matches], axis=1)


def _cross_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson r of the columns of a with those of b; 0 where one is constant."""
    return _standardised(a).T @ _standardised(b)


def _standardised(x: np.ndarray) -> np.ndarray:
    """Centred columns of length 1; a constant column becomes 0."""
    x = x.astype(float)
    centred = x - x.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    is_constant = length <= 1e-10 * np.linalg.norm(x, axis=0)
    return np.where(is_constant, 0.0, centred / np.where(is_constant, 1.0, length))


def _orthonormal_basis(x: np.ndarray) -> np.ndarray:
    u, singular, _ = np.linalg.svd(_standardised(x), full_matrices=False)
    return u[:, singular > 1e-8 * max(singular[0], 1e-300)]
