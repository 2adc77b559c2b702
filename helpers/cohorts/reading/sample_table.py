"""All of obs read in order: columns, labels, sample types, follow-up, clinical facts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.cohorts.reading.clinical_words import read_clinical_words
from helpers.cohorts.reading.column_names import PROJECT, name_columns
from helpers.cohorts.reading.follow_up import read_follow_up
from helpers.cohorts.reading.mending import without_samples
from helpers.cohorts.reading.missing_words import (
    as_numbers,
    is_text,
    missing_words,
)
from helpers.cohorts.reading.plain_names import read_plain_names
from helpers.cohorts.reading.sample_names import read_barcodes
from helpers.cohorts.reading.sample_words import read_sample_types

_LABELS = ("cancer_type", "subtype", "batch")  # whose spellings are made one
_READ_ELSEWHERE = ("sample_type", "os_time", "os_event", "age")
HOW_TO_ADD = {
    "patient": 'adata.obs["patient"] = adata.obs_names  # or a column that names the patient',
    "cancer_type": 'adata.obs["cancer_type"] = "BRCA"  # one label per sample',
    "sample_type": 'adata.obs["sample_type"] = "primary"  # "cell line" for cell lines',
    "purity": (
        'adata.obs["purity"] = 1 - 0.3 * (adata.obs["sample_type"] != "cell line")  '
        "# measured shares of cancer cells in place of 0.7; 1 for cell lines"
    ),
}


def read_sample_table(
    obs: pd.DataFrame, path: object, required: Sequence[str], complete: Sequence[str]
) -> list[str]:
    """Put a stranger's obs into our words, in place; what was understood or left out, counted.

    `required`: columns that must be there. `complete`: those that, if there, no sample may lack.

    Raises:
        ValueError: a column that is required is absent or missing for a sample, or what it says
            can be read in two ways; with the line of code that mends it.
    """
    notes = name_columns(obs) + read_barcodes(obs)
    for column in obs.columns:
        if isinstance(obs[column].dtype, pd.CategoricalDtype):
            obs[column] = obs[column].astype(object)
    for column in required:
        _check_present(obs, column, path)
    for column in [name for name in complete if name in obs]:
        _check_complete(obs, column, path)
    for column in [name for name in obs.columns if name not in _READ_ELSEWHERE]:
        notes += _without_words(obs, column)
    for column in [name for name in ("patient", *_LABELS) if name in obs]:
        notes += _one_spelling(obs, column)
    notes += _without_project(obs)
    notes += read_plain_names(obs)
    notes += read_sample_types(obs)
    notes += read_follow_up(obs, path)
    notes += read_clinical_words(obs)
    if "purity" in obs:
        _read_purity(obs)
    return notes


def _check_present(obs: pd.DataFrame, column: str, path: object) -> None:
    if column not in obs:
        fix = HOW_TO_ADD.get(column, f'adata.obs["{column}"] = …')
        raise ValueError(
            f'{path} lacks obs["{column}"]; it has {", ".join(map(str, obs)) or "no columns"}. '
            f"Add it with: {fix}"
        )


def _check_complete(obs: pd.DataFrame, column: str, path: object) -> None:
    words = missing_words(obs[column])
    n_missing = int((obs[column].isna() | obs[column].isin(words)).sum())
    if n_missing:
        said = f" ({', '.join(map(repr, words))})" if words else ""
        raise ValueError(
            f'obs["{column}"] of {path} must not be missing; it is for {n_missing} samples{said}. '
            f"Drop them with: {without_samples(column, words)}"
        )


def _without_words(obs: pd.DataFrame, column: str) -> list[str]:
    """Texts such as "NA" become NaN; a blank stays what it is."""
    if not is_text(obs[column]) or isinstance(obs[column].dtype, pd.DatetimeTZDtype):
        return []
    words = [word for word in missing_words(obs[column]) if word.strip()]
    if not words:
        return []
    is_word = obs[column].isin(words)
    obs[column] = obs[column].astype(object).mask(is_word, np.nan)
    n = int(is_word.sum())
    return [f"obs['{column}']: {n} of {len(obs)} samples say {', '.join(map(repr, words[:4]))}, "
            "read as missing."]  # fmt: skip


def _one_spelling(obs: pd.DataFrame, column: str) -> list[str]:
    """Spaces around names are no part of them; labels that differ in case alone are one."""
    if not is_text(obs[column]):
        return []
    old = obs[column].astype(object)
    new = old.map(lambda value: value.strip() if isinstance(value, str) else value)
    if column != "patient":
        plain = new.map(lambda value: value.casefold() if isinstance(value, str) else value)
        commonest = new.groupby(plain).agg(lambda values: values.value_counts().index[0])
        new = plain.map(commonest).where(new.notna(), new)
    changed = old[(old != new) & old.notna()]
    if changed.empty:
        return []
    obs[column] = new
    first = changed.iloc[0]
    return [f"obs['{column}']: {len(changed)} labels such as {first!r} read as "
            f"{new[changed.index[0]]!r}."]  # fmt: skip


def _without_project(obs: pd.DataFrame) -> list[str]:
    """TCGA-BRCA, as GDC has it, is BRCA."""
    if "cancer_type" not in obs or not is_text(obs["cancer_type"]):
        return []
    old = obs["cancer_type"].astype(object)
    found = old.dropna().astype(str).str.extract(f"^{PROJECT}$")[0]
    if found.empty or found.isna().any():
        return []
    obs["cancer_type"] = found.reindex(obs.index)
    return [f"obs['cancer_type']: {len(found)} labels such as {old.dropna().iloc[0]!r} read as "
            f"{found.iloc[0]!r}."]  # fmt: skip


def _read_purity(obs: pd.DataFrame) -> None:
    values, is_unread = as_numbers(obs["purity"])
    if not is_unread.any():
        obs["purity"] = values
