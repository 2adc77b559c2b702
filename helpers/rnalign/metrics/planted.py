"""On simulated cohorts: was the planted difference of tumours and lines, and only it, removed?"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix


def effect_removal(
    x: ArrayLike,
    aligned: ArrayLike,
    truth_x: ArrayLike,
    truth_aligned: ArrayLike,
    is_line: ArrayLike,
) -> dict[str, float]:
    """How closely an alignment undoes what the simulation added to tumours; higher is better.

    `x`, `aligned`: observed and aligned. `truth_x`, `truth_aligned`: noise-free, as is and as each
    sample would be in culture at purity 1. All samples × genes on the log2 scale, same rows. Pass
    a subset of genes (stroma, culture) to judge one effect.

    - mean_shift_r in [−1, 1]: Pearson over genes of the mean shift applied with the planted one.
      Shifts are those of tumours relative to lines, so a method that moves the lines scores alike;
    - mean_shift_slope: applied per unit of planted (least squares through 0): 1 is all of it, 0
      none, above 1 too much;
    - sample_r: median over tumours of the same correlation for one tumour, which noise in `x`
      keeps below 1;
    - r2: 1 − Σ (aligned − truth_aligned)² / Σ (truth_aligned − its gene means)² over tumours, 1 at
      best, negative below a constant; r2_input: the same for `x` unaligned.

    A correlation without variance on a side (nothing moved) counts as 0.

    Raises:
        ValueError: shapes differ, NaN, or samples of one origin only.
    """
    before = as_matrix(x, "x").astype(float)
    lines = as_labels(is_line, "is_line", len(before)).astype(bool)
    after, truth_before, truth_after = (
        _alike(values, name, before.shape)
        for name, values in [
            ("aligned", aligned),
            ("truth_x", truth_x),
            ("truth_aligned", truth_aligned),
        ]
    )
    if lines.all() or not lines.any():
        raise ValueError("A shift is that of tumours relative to lines; `is_line` has one of them.")
    applied, planted = after - before, truth_after - truth_before
    shift, truth = (
        values[~lines].mean(axis=0) - values[lines].mean(axis=0) for values in (applied, planted)
    )
    per_sample = [_pearson(a, b) for a, b in zip(applied[~lines], planted[~lines], strict=True)]
    return {
        "mean_shift_r": _pearson(shift, truth),
        "mean_shift_slope": float(shift @ truth / (truth @ truth)) if truth.any() else 0.0,
        "sample_r": float(np.median(per_sample)),
        "r2": _r2(after[~lines], truth_after[~lines]),
        "r2_input": _r2(before[~lines], truth_after[~lines]),
    }


def _alike(values: ArrayLike, name: str, shape: tuple[int, int]) -> np.ndarray:
    matrix = as_matrix(values, name, shape[0]).astype(float)
    if matrix.shape != shape:
        raise ValueError(
            f"`{name}` must have the genes of `x`: {shape[1]}; it has {matrix.shape[1]}."
        )
    return matrix


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else 0.0


def _r2(values: np.ndarray, truth: np.ndarray) -> float:
    total = ((truth - truth.mean(axis=0)) ** 2).sum()
    return float(1 - ((values - truth) ** 2).sum() / total) if total > 0 else 0.0
