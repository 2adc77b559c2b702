"""Lines of code that mend a file, as errors print them; tests run each on the file it is for.

They work on dense and on sparse X, and change nothing that is not wrong.
"""

_SUMS = "np.asarray(adata.X.sum(axis={axis}), dtype=float).ravel()"
_VALUES = "import numpy as np; x = adata.to_df().to_numpy(dtype=float); "

TO_LOG_CPM = (
    _VALUES + "adata.X = np.log2(x / np.maximum(x.sum(axis=1, keepdims=True), 1) * 1e6 + 1)"
)
"""Counts → log2(CPM+1)."""

TO_LOG = _VALUES + "adata.X = np.log2(x + 1)"
"""Linear values such as TPM → their logarithm."""

SOME_TO_LOG = (
    _VALUES + "high = x.max(axis=1) > {limit:g}; x[high] = np.log2(x[high] + 1); adata.X = x"
)
"""The same of the samples alone that are not logarithms yet."""

CLIP = _VALUES + "adata.X = np.clip(x, -10, 10)"
"""z-scores of single samples far from all others."""

MEDIANS = (
    "import numpy as np; x = adata.to_df().replace([np.inf, -np.inf], np.nan); "
    "x = x.fillna(x.median()).dropna(axis=1); adata = adata[:, x.columns].copy(); "
    "adata.X = x.to_numpy()"
)
"""Each missing value → the median of its gene."""

SENTINELS = (
    "import numpy as np; x = adata.to_df(); x = x.mask(x < {lowest:g}); "
    "x = x.fillna(x.median()).dropna(axis=1); adata = adata[:, x.columns].copy(); "
    "adata.X = x.to_numpy()"
)
"""Numbers that stand for a missing value, such as -9999 → the median of the gene."""


def without_bad_values(bad_samples: float, bad_genes: float) -> str:
    """What to do with values that are not finite, as "Drop … with: <line>", by what costs less.

    The arguments are the shares (0–1) of samples and genes that have such values.
    """
    if min(bad_samples, bad_genes) > 0.5:
        return f"Put the median of each gene there with: {MEDIANS}"
    if bad_samples <= bad_genes:
        kept = f"np.isfinite({_SUMS.format(axis=1)})"
        return f"Drop the samples with: import numpy as np; adata = adata[{kept}].copy()"
    kept = f"np.isfinite({_SUMS.format(axis=0)})"
    return f"Drop the genes with: import numpy as np; adata = adata[:, {kept}].copy()"


def without_samples(column: str, words: list[str]) -> str:
    """The line that drops samples whose `column` is missing, in any of the spellings `words`."""
    spelled = sorted({*words, "nan", "None", "<NA>"})
    return f'adata = adata[~adata.obs["{column}"].astype(str).isin({spelled})].copy()'
