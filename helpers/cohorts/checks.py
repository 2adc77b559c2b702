"""What a cohort of tumours and cell lines must be before anything is aligned, one error a fault."""

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.reading.mending import without_bad_values
from helpers.cohorts.reading.sample_table import HOW_TO_ADD
from helpers.cohorts.reading.value_scale import ValueSummary

LINE = "cell line"
"""obs["sample_type"] of a cell line; every other sample type is a tumour or a normal."""

ALIGNMENT_COLUMNS = ("patient", "cancer_type", "sample_type", "purity")
"""Columns of obs without which nothing can be aligned; what the chapter asks of a `.h5ad`."""

_MOST_NEGATIVE = 0.2  # difference of two sides in their shares of values below 0
_LEAST_RATIO = 0.4  # of the means of two sides that are on one scale
_AS_NUMBERS = 'import pandas as pd; p = pd.to_numeric(adata.obs["purity"].astype(str), "coerce"); '
_FROM_PERCENT = _AS_NUMBERS + 'adata.obs["purity"] = p.where(p <= 1, p / 100)'
_FROM_TYPE = (
    _AS_NUMBERS
    + 'o = adata.obs.astype(str); t = o["cancer_type"]; types = [t, o.get("sample_type", t)]; '
    'adata.obs["purity"] = p.fillna(p.groupby(types).transform("median")).fillna(p.median())'
)


def check_alignment(cohort: anndata.AnnData) -> None:
    """Return if tumours can be aligned with cell lines in this cohort.

    Raises:
        ValueError: a missing column, a purity that is missing or outside 0–1 (names the first
            sample), one sample type only, no cancer type on both sides, or a value of X that is
            not finite (names the first sample and gene).
    """
    check_alignment_labels(cohort.obs)
    check_finite(cohort)


def check_alignment_labels(obs: pd.DataFrame) -> None:
    """The part of `check_alignment` that needs only the table of samples.

    Raises:
        ValueError: see `check_alignment`.
    """
    for column in ALIGNMENT_COLUMNS:
        if column not in obs:
            fix = HOW_TO_ADD.get(column, f'adata.obs["{column}"] = …')
            raise ValueError(
                f'the cohort must have obs["{column}"]; it has {", ".join(map(str, obs.columns))}. '
                f"Add it with: {fix}"
            )
    check_purity(obs["purity"])
    is_line = obs["sample_type"].astype(str) == LINE
    if is_line.all() or not is_line.any():
        found = ", ".join(sorted(obs["sample_type"].astype(str).unique()))
        raise ValueError(
            f'the cohort must have tumours and samples with obs["sample_type"] == "{LINE}"; all '
            f"{len(obs)} samples are {found}. Put both in with anndata.concat([tumours, lines])"
        )
    _check_shared_types(obs["cancer_type"].astype(str), is_line)


def check_purity(purity: pd.Series) -> None:
    """Return if every sample has a purity of 0–1.

    Raises:
        ValueError: names the first sample that has not.
    """
    values = pd.to_numeric(purity.astype(object), errors="coerce").astype(float)
    wrong = ~values.between(0, 1)
    if not wrong.any():
        return
    sample = purity.index[wrong][0]
    if values[wrong].isna().all():
        rule = "not be missing"
        fix = f"Put the median of the cancer type there with: {_FROM_TYPE}"
    else:
        sample = purity.index[wrong & values.notna()][0]
        rule, fix = "be a share between 0 and 1", f"Divide percentages by 100 with: {_FROM_PERCENT}"
    raise ValueError(
        f'obs["purity"] must {rule}; sample {sample} has {purity[sample]} '
        f"({int(wrong.sum())} of {len(purity)} samples are wrong). {fix}"
    )


def check_finite(cohort: anndata.AnnData, what: str = "X") -> None:
    """Return if X, called `what` in the error, has no NaN and no infinity.

    Raises:
        ValueError: names the first sample and gene where it has.
    """
    is_finite = np.isfinite(np.asarray(cohort.X))
    if is_finite.all():
        return
    row, column = np.argwhere(~is_finite)[0]
    bad_samples, bad_genes = (~is_finite).any(axis=1), (~is_finite).any(axis=0)
    sample, gene = cohort.obs_names[row], cohort.var_names[column]
    raise ValueError(
        f"{what} must be finite; sample {sample}, gene {gene} is {cohort.X[row, column]} "
        f"({bad_samples.sum()} samples and {bad_genes.sum()} genes have such values). "
        + without_bad_values(bad_samples.mean(), bad_genes.mean())
    )


def check_same_scale(
    tumours: ValueSummary, lines: ValueSummary, of_tumours: str, of_lines: str
) -> list[str]:
    """Hold the values of both sides against each other; what is noteworthy if they can be aligned.

    `of_tumours`, `of_lines`: what the two are called.

    Raises:
        ValueError: one side is centred or goes below 0 and the other does not, or one is on
            average less than 0.4 of the other, as logarithms to base 10 beside those to base 2 are.
    """
    said = [
        f"{name} go from {found.lowest:.3g} to {found.highest:.3g} with a mean of "
        f"{found.mean.mean():.3g}"
        for name, found in ((of_lines, lines), (of_tumours, tumours))
    ]
    both = " and ".join(said)
    rule = "tumours and cell lines must be on one scale; "
    if tumours.is_centred != lines.is_centred or (
        abs(tumours.share_negative - lines.share_negative) > _MOST_NEGATIVE
    ):
        raise ValueError(
            f"{rule}{both}: one side looks like z-scores, or like logarithms of what is not 1 or "
            "more. Give both as log2(TPM+1); z-scores cannot be turned back"
        )
    if max(tumours.share_negative, lines.share_negative) > _MOST_NEGATIVE:
        return []
    ratio = lines.mean.mean() / max(tumours.mean.mean(), 1e-12)
    if not _LEAST_RATIO <= ratio <= 1 / _LEAST_RATIO:
        raise ValueError(
            f"{rule}{both}: one side looks like logarithms to another base. Turn log10 into log2 "
            "with: import numpy as np; adata.X = adata.X * np.log2(10)"
        )
    return [] if 0.8 <= ratio <= 1.25 else [f"Cell lines and tumours differ in level: {both}."]


def _check_shared_types(cancer_type: pd.Series, is_line: pd.Series) -> None:
    tumours, lines = (sorted(set(cancer_type[side])) for side in (~is_line, is_line))
    if not set(tumours) & set(lines):
        raise ValueError(
            'tumours and cell lines must share a label of obs["cancer_type"]; tumours have '
            f"{', '.join(tumours[:8])}, cell lines have {', '.join(lines[:8])}. Rename one side's "
            'labels with: adata.obs["cancer_type"] = adata.obs["cancer_type"].replace({…})'
        )
