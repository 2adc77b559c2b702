"""PVCA: the share of variance that origin (tumour or cell line) explains.

Principal variance component analysis (Boedigheimer et al. 2008): principal components, each one's
variance split by a mixed model (REML), averaged with the eigenvalues as weights.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve
from scipy.optimize import minimize

from helpers.rnalign.origins import as_origins


def pvca(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
    threshold: float = 0.6,
    n_bootstrap: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Share of a type's variance that origin explains, in [0, 1]; lower is better aligned.

    Components of the type's samples that reach `threshold` of the variance, at least 3: each has a
    random effect of origin, whose share of its variance is averaged with the eigenvalues as
    weights. Two origins give few degrees of freedom: `n_bootstrap` > 0 resamples tumours and lines
    of the type and adds low and high (95 % percentiles; resampled twins make them lean high).

    Index: cancer_type. Columns: origin, n_components, kept (share of variance the components
    hold), n, and low, high.

    Raises:
        ValueError: misaligned input, a type with fewer than 2 samples of an origin, or `threshold`
            outside (0, 1].
    """
    samples = as_origins(x, is_line, cancer_type, types)
    rng, rows = np.random.default_rng(seed), {}
    for name in samples.types:
        sides = [samples.rows(name, is_line=side) for side in (False, True)]
        chosen = np.concatenate(sides)
        value, n_components, kept = _origin_share(
            samples.x[chosen], samples.is_line[chosen], threshold
        )
        rows[name] = {"origin": value, "n_components": n_components, "kept": kept, "n": len(chosen)}
        if n_bootstrap:
            drawn = (
                np.concatenate([rng.choice(s, len(s)) for s in sides]) for _ in range(n_bootstrap)
            )
            again = [_origin_share(samples.x[i], samples.is_line[i], threshold)[0] for i in drawn]
            rows[name]["low"], rows[name]["high"] = np.percentile(again, [2.5, 97.5])
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cancer_type")


def pvca_overall(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    types: Iterable[str] | None = None,
    threshold: float = 0.6,
) -> pd.Series:
    """Shares of variance over all samples of the types: origin, cancer_type, their interaction.

    Random effects of all three and a residual, in [0, 1] and summing to 1. The interaction is what
    origin does to one type and not to others; with few types it is hard to tell from the other two.
    Origin and type are unbalanced in every cohort: read it beside `pvca`.
    Index: origin, cancer_type, interaction, residual, then n_components, kept, n.

    Raises:
        ValueError: as `pvca`.
    """
    samples = as_origins(x, is_line, cancer_type, types)
    inside = np.isin(samples.cancer_type, samples.types)
    lines, names = samples.is_line[inside], samples.cancer_type[inside]
    components, weights, kept = principal_components(samples.x[inside], threshold)
    cells = [f"{name} {side}" for name, side in zip(names, lines, strict=True)]
    effects = {"origin": lines, "cancer_type": names, "interaction": cells}
    design = _design(effects, len(names))
    shares = [_shares(component, *design, [*effects]) for component in components.T]
    overall = pd.DataFrame(shares).mul(weights, axis=0).sum()
    return pd.concat(
        [overall, pd.Series({"n_components": len(weights), "kept": kept, "n": len(names)})]
    )


def principal_components(
    x: np.ndarray, threshold: float = 0.6
) -> tuple[np.ndarray, np.ndarray, float]:
    """Components of samples × genes that reach `threshold` of the variance, at least 3 if it has 3.

    As in the authors' software: genes centred, then the eigenvectors of the correlation between
    samples, so that no sample weighs more for being extreme. Returns samples × components, their
    weights (eigenvalues, summing to 1) and the share of variance they hold.

    Raises:
        ValueError: `threshold` outside (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"`threshold` is a share of variance in (0, 1]; got {threshold}.")
    # Genes centred, then each sample centred and scaled to length 1 over its genes: products of
    # two samples are correlations.
    centred = x - x.mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    # Products of samples and of genes have the same eigenvalues; the fewer of them are taken.
    by_genes = x.shape[0] > x.shape[1]
    values, vectors = np.linalg.eigh(unit.T @ unit if by_genes else unit @ unit.T)
    # Largest first; rounding can leave eigenvalues of 0 a little below it.
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1]
    if not values.sum():
        return np.zeros((len(x), 1)), np.ones(1), 1.0
    share = values / values.sum()
    # As few as reach the threshold, at least 3, and none that holds nothing.
    n_kept = max(3, int(np.searchsorted(share.cumsum(), threshold - 1e-12)) + 1)
    n_kept = min(n_kept, int((share > 1e-12).sum()))
    kept, vectors = share[:n_kept], vectors[:, :n_kept]
    if by_genes:
        vectors = unit @ vectors / np.sqrt(values[:n_kept])
    return vectors, kept / kept.sum(), float(kept.sum())


def _origin_share(x: np.ndarray, is_line: np.ndarray, threshold: float) -> tuple[float, int, float]:
    components, weights, kept = principal_components(x, threshold)
    between, within = two_group_components(components, is_line)
    total = between + within
    share = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    return float(share @ weights), len(weights), kept


def two_group_components(
    values: np.ndarray, is_second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """REML variance between two groups (one random effect) and within them, for every column.

    With two groups REML has a closed form: within = SS_within / (n − 2) and between =
    (d² − within (1/n₁ + 1/n₂)) / 2 with d the difference of the means. Where that is negative,
    between is 0 and within the variance over all samples.
    """
    first, second = values[~is_second], values[is_second]
    # d² of the means, and the squares left within the groups, column by column.
    gap = (first.mean(axis=0) - second.mean(axis=0)) ** 2
    squares = len(first) * first.var(axis=0) + len(second) * second.var(axis=0)
    within = squares / max(len(values) - 2, 1)
    # E[d²] = 2·between + within (1/n₁ + 1/n₂): two draws of the random effect, two means' errors.
    between = (gap - within * (1 / len(first) + 1 / len(second))) / 2
    is_none = between <= 0
    within = np.where(is_none, values.var(axis=0, ddof=1), within)
    return np.where(is_none, 0.0, between), within


def variance_shares(y: ArrayLike, effects: Mapping[str, Sequence]) -> dict[str, float]:
    """Share of each crossed random effect and of the residual in the variance of `y`, by REML.

    `effects`: name → level per sample. The restricted likelihood needs only the number, the mean
    and the squares of each combination of levels, so its cost does not grow with the samples. It
    is maximised over the effects' variances relative to the residual's.
    Returns each effect's share and "residual", summing to 1 (all residual if `y` is constant).

    Raises:
        ValueError: as many combinations of levels as samples.
    """
    y = np.asarray(y, float)
    return _shares(y, *_design(effects, len(y)), [*effects])


def _design(effects: Mapping[str, Sequence], n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Each sample's cell, and effect × cell × cell, 1 where two cells share the effect's level.

    A cell is a combination of levels that occurs; all its samples have the same covariances.
    """
    codes = [pd.factorize(np.asarray(levels))[0] for levels in effects.values()]
    levels, cell = np.unique(np.stack(codes), axis=1, return_inverse=True)
    if levels.shape[1] >= n_samples:
        raise ValueError(
            f"Variance components need replicates: {n_samples} samples have {levels.shape[1]} "
            f"combinations of {[*effects]}. Use fewer effects."
        )
    return cell.ravel(), (levels[:, :, None] == levels[:, None]).astype(float)


def _shares(
    y: np.ndarray, cell: np.ndarray, same: np.ndarray, names: list[str]
) -> dict[str, float]:
    if np.ptp(y) == 0:
        return dict.fromkeys(names, 0.0) | {"residual": 1.0}
    # What the likelihood needs of y: each cell's mean, and the squares within cells.
    y = (y - y.mean()) / y.std()
    n = np.bincount(cell)
    mean = np.bincount(cell, y) / n
    within = float(((y - mean[cell]) ** 2).sum())
    ratio = _relative_variances(n, mean, within, len(y), same)
    shares = np.append(ratio, 1.0) / (ratio.sum() + 1)
    return dict(zip([*names, "residual"], shares.tolist(), strict=True))


def _relative_variances(
    n: np.ndarray, mean: np.ndarray, within: float, n_samples: int, same: np.ndarray
) -> np.ndarray:
    """Variance of each effect over the residual's that maximises the restricted likelihood.

    `same`: effect × cell × cell, 1 where two cells share the effect's level. A few starts, as the
    likelihood can be flat with two levels. By its gradient, which takes a third of the time of
    differences and ends at the maximum where they stop up to 1 below.
    """

    def deviance(ratio: np.ndarray) -> tuple[float, np.ndarray]:
        # Covariance of the cells' means, in units of the residual variance.
        covariance = np.diag(1 / n) + np.tensordot(ratio, same, axes=1)
        factor = np.linalg.cholesky(covariance)
        inverse = cho_solve((factor, True), np.eye(len(n)))
        # V⁻¹ applied to the means and to ones: the generalised least-squares mean is their ratio.
        of_mean, of_one = inverse @ mean, inverse.sum(axis=1)
        precision = of_one.sum()
        centre = of_mean.sum() / precision
        # Squares within cells and of the cells' means about the centre; the residual variance that
        # maximises the likelihood is their sum over n − 1, which leaves its logarithm.
        left = of_mean - centre * of_one
        squares = within + (mean - centre) @ left
        # REML adds the precision of the estimated mean to log |V|.
        log_determinant = 2 * np.log(np.diag(factor)).sum()
        value = (n_samples - 1) * np.log(squares) + log_determinant + np.log(precision)
        # Along ∂V: ∂ log |V| = Σ V⁻¹ ∂V, ∂ squares = −leftᵀ ∂V left (the centre is at its minimum)
        # and ∂ precision = −1ᵀV⁻¹ ∂V V⁻¹1.
        by_v = inverse - (n_samples - 1) / squares * np.outer(left, left)
        by_v -= np.outer(of_one, of_one) / precision
        return value, np.tensordot(same, by_v, axes=2)

    starts = [np.full(len(same), start) for start in (0.01, 1.0)]
    how = {"jac": True, "method": "L-BFGS-B", "bounds": [(0, 1e6)] * len(same)}
    # The usual `ftol` is some 1e-6 here, where the likelihood is flat a long way from its maximum.
    optima = [minimize(deviance, start, options={"ftol": 1e-13}, **how) for start in starts]
    return min(optima, key=lambda result: result.fun).x
