"""Which genes or peaks differ between patients as observed and as a model reconstructs them.

Few is good, but a decoder that returns the mean of everyone has none: decoders shrink variance,
and a difference of means cannot see it. So the spread that is left and the agreement of effect
sizes between cohorts stand beside the counts.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import spearmanr

from helpers.evaluate.arrays import as_labels, as_matrix, column_names
from helpers.evaluate.differential import column_blocks, moderated_t_between

MIN_LOG2_FOLD_CHANGE, FDR = 1.0, 0.05  # the paper's
_READS_AT_ONCE = 2**21  # read counts that are dealt together, 16 MB


def reconstruction_differential(
    observed: ArrayLike,
    reconstructed: ArrayLike,
    min_log2_fold_change: float = MIN_LOG2_FOLD_CHANGE,
    fdr: float = FDR,
) -> pd.DataFrame:
    """Reconstructed against observed values of the same held-out patients, a row a feature.

    limma's moderated t of two groups, as the paper counts them (not paired, which would call ever
    smaller differences). Values on a log2 scale, patients × features; undo any standardisation
    first, or the fold change has no meaning. Index: feature. Columns: log2_fold_change
    (reconstructed minus observed), t, p, fdr (Benjamini–Hochberg over the features),
    is_differential (|log2 fold change| above `min_log2_fold_change` and FDR below `fdr`), sd_ratio
    (SD reconstructed / observed; 1 is kept, 0 is all patients alike; NaN where the observed is
    constant).

    Raises:
        ValueError: other shapes, NaN, fewer than 2 patients.
    """
    true = as_matrix(observed, "observed")
    other = as_matrix(reconstructed, "reconstructed", len(true))
    if true.shape != other.shape:
        raise ValueError(
            "`observed` and `reconstructed` must have the same features; got "
            f"{true.shape[1]} and {other.shape[1]}."
        )
    test = moderated_t_between(other, true, column_names(observed))
    table = test.set_index("feature")[["difference", "t", "p", "q"]]
    table = table.rename(columns={"difference": "log2_fold_change", "q": "fdr"})
    is_large = table["log2_fold_change"].abs() > min_log2_fold_change
    table["is_differential"] = is_large & (table["fdr"] < fdr)
    sd, rebuilt_sd = _column_sd(true), _column_sd(other)
    table["sd_ratio"] = np.divide(rebuilt_sd, sd, out=np.full_like(sd, np.nan), where=sd > 0)
    return table


def pseudoreplicates(
    counts: ArrayLike, seed: int = 0, scale: Callable[[np.ndarray], np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Each sample's reads dealt at random to two pseudoreplicates: technical noise and no other.

    Each read goes to either side with probability 1/2, so both are Poisson about half the sample
    if the counts are. `counts`: samples × features, whole numbers ≥ 0. `scale` makes log2 values
    of the counts of some samples (default log2(CPM + 1)). The paper's noise baseline, 2 genes and
    5,813 peaks, is `reconstruction_differential` of the two.

    Raises:
        ValueError: counts below 0 or not whole, or a sample without reads in one half.
    """
    reads = as_matrix(counts, "counts")
    if any((row < 0).any() or (row != np.round(row)).any() for row in reads):
        raise ValueError(
            "`counts` must be whole numbers from 0 on, as reads are dealt one by one; got values "
            f"from {reads.min():g} to {reads.max():g}. Undo the logarithm and the scaling."
        )
    rng, halves = np.random.default_rng(seed), None
    n_rows = max(1, _READS_AT_ONCE // reads.shape[1])
    for start in range(0, len(reads), n_rows):
        whole = reads[start : start + n_rows].astype(np.int64)
        first = rng.binomial(whole, 0.5)
        to_log = scale or partial(_log2_cpm, first_sample=start)
        scaled = to_log(first), to_log(whole - first)
        if halves is None:
            halves = [np.empty(reads.shape, half.dtype) for half in scaled]
        for half, values in zip(halves, scaled, strict=True):
            half[start : start + n_rows] = values
    return halves[0], halves[1]


def effect_agreement(
    observed: ArrayLike,
    reconstructed: ArrayLike,
    labels: ArrayLike,
    cohort: str,
    min_samples: int = 3,
    n_top: int = 100,
) -> pd.DataFrame:
    """Do log fold changes between cohorts survive reconstruction? A row an other cohort.

    Mean of `cohort` minus mean of the other, in observed and in reconstructed values. Columns: n
    (samples of the other), spearman over features in [−1, 1] (higher is better), slope (least
    squares of reconstructed on observed through 0; below 1 is shrinkage), overlap (share of the
    `n_top` largest |log fold changes| in common; chance n_top / features). Cohorts of fewer than
    `min_samples` are left out.

    Raises:
        ValueError: `cohort` or every other is too small.
    """
    true = as_matrix(observed, "observed").astype(float)
    other = as_matrix(reconstructed, "reconstructed", len(true)).astype(float)
    names = as_labels(labels, "labels", len(true)).astype(str)
    sizes = pd.Series(names).value_counts()
    rivals = sorted(sizes.index[sizes >= min_samples].difference([cohort]))
    if sizes.get(cohort, 0) < min_samples or not rivals:
        raise ValueError(
            f"`cohort` {cohort!r} and one other need {min_samples} samples or more; sizes are "
            f"{sizes.to_dict()}."
        )
    rows = {}
    for name in rivals:
        change = [
            x[names == cohort].mean(axis=0) - x[names == name].mean(axis=0) for x in (true, other)
        ]
        rows[name] = {"n": int(sizes[name]), **_agreement(*change, n_top)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cohort")


def _agreement(true: np.ndarray, other: np.ndarray, n_top: int) -> dict[str, float]:
    n_top = min(n_top, len(true))
    top = [set(np.argsort(-np.abs(change), kind="stable")[:n_top]) for change in (true, other)]
    is_flat = np.ptp(true) == 0 or np.ptp(other) == 0
    return {
        "spearman": 0.0 if is_flat else float(spearmanr(true, other).statistic),
        "slope": float(true @ other / max(true @ true, np.finfo(float).tiny)),
        "overlap": len(top[0] & top[1]) / n_top,
    }


def _column_sd(x: np.ndarray) -> np.ndarray:
    """Standard deviation of every column in float64, in blocks of columns."""
    sds = [x[:, columns].std(axis=0, dtype=np.float64) for columns in column_blocks(*x.shape)]
    return np.concatenate(sds)


def _log2_cpm(counts: np.ndarray, first_sample: int = 0) -> np.ndarray:
    depth = counts.sum(axis=1, keepdims=True)
    if (depth == 0).any():
        empty = first_sample + int(np.argmin(depth))
        raise ValueError(
            f"every pseudoreplicate needs reads; sample {empty} has none in one half. Drop samples "
            "that are all but empty."
        )
    return np.log2(1e6 * counts / depth + 1)
