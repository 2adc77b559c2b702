"""Two tables of text, values and samples, made one cohort that chapters can read."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers import files
from helpers.cohorts.reading.missing_words import as_numbers, is_missing_word
from helpers.cohorts.reading.value_scale import LARGEST_LOG2, summarise_values
from helpers.conversion.expression_tables import (
    ExpressionTable,
    find_samples,
    read_expression_table,
)
from helpers.conversion.text_tables import TextTable, read_text_table

_TPM = 1e6, 0.01  # what the values of a sample sum to, and by what share they may differ


def convert_tables(values: Path, samples: Path, out: Path) -> list[str]:
    """Write the cohort of two tables to `out`, an .h5ad; what was understood of them, counted.

    values: counts, linear values or logarithms, genes × samples or samples × genes, see
    `expression_tables`; counts become log2(CPM+1), linear values log2(x+1). samples: a row a
    sample, with patient, cancer_type and what else is known. Samples of one table alone are left
    out.

    Raises:
        ValueError: a table cannot be read, or `out` is there already or no .h5ad.
    """
    files.check_new_cohort(out)
    about = read_text_table(samples)
    obs, expression = _matched(about, values, samples)
    notes = [*about.notes, *expression.notes]
    cohort = _cohort(expression, obs, values, samples, notes)
    cohort.uns["notes"] = notes
    files.write_whole(out, cohort.write_h5ad)
    return notes


def _matched(about: TextTable, values: Path, path: Path) -> tuple[pd.DataFrame, ExpressionTable]:
    """The table of samples, named by the column that the table of values names them by."""
    table, found = read_text_table(values, of_numbers=True), {}
    for column in about.cells:
        names = about.cells[column].dropna()
        if names.nunique() > 0.5 * len(names) and (sides := find_samples(table, [*names], values)):
            found[column] = sides
    if not found:
        rows = [table.names[1:], table.cells[0].astype(str), about.cells[0].astype(str)]
        line, down, samples = (", ".join(map(repr, [*names][:3])) for names in rows)
        raise ValueError(
            f"both tables must name the same samples: {values} has {line} in its first line and "
            f"{down} in its first column, {path} has {samples}. Give them the same names"
        )
    column = max(found, key=lambda column: (not found[column].how, len(found[column].known)))
    return _named_by(about, column, path), read_expression_table(table, found[column], values)


def _named_by(about: TextTable, column: int, path: Path) -> pd.DataFrame:
    """A row a sample; the same row twice is one, two that differ are refused."""
    obs = about.cells.copy()
    obs.columns = [name or ("sample" if i == 0 else f"column {i + 1}")
                   for i, name in enumerate(about.names)]  # fmt: skip
    obs.index = pd.Index(about.cells[column].to_numpy(object))
    obs = obs[obs.index.notna()]
    if (again := obs.index.duplicated(keep=False)).any():
        differs = obs[again].groupby(level=0).nunique(dropna=False).gt(1).any(axis=1)
        if differs.any():
            name = differs.index[differs][0]
            raise ValueError(
                f"a sample of {path} must stand there once; {name!r} has "
                f"{int((obs.index == name).sum())} rows that differ. Delete all but one"
            )
        about.notes.append(f"{path.name}: {int(obs.index.duplicated().sum())} rows stand there "
                           "again and are taken once.")  # fmt: skip
        obs = obs[~obs.index.duplicated()]
    obs = obs.loc[:, ~obs.columns.duplicated()]
    name = about.names[column] or "sample"
    return obs.drop(columns=name) if _says_sample(name) else obs


def _says_sample(column: str) -> bool:
    """Whether a column that names samples says nothing else, as "patient" would."""
    return column.casefold().replace("_", "").replace(" ", "") in (
        *("sample", "sampleid", "samplename", "samples", "barcode", "id", "index"),
    )


def _cohort(
    found: ExpressionTable, obs: pd.DataFrame, values: Path, samples: Path, notes: list[str]
) -> anndata.AnnData:
    names = [name for name in found.table.index if name in obs.index]
    for n, path in ((len(obs) - len(names), samples), (len(found.table) - len(names), values)):
        if n:
            notes.append(f"{path.name}: {n} samples are in this table alone and are left out.")
    x = found.table.loc[names]
    var = pd.DataFrame(index=pd.Index(x.columns.to_numpy(object)).astype(str))
    if found.symbols is not None:
        var["symbol"] = found.symbols.fillna("").astype(str).to_numpy()
    cohort = anndata.AnnData(x.to_numpy(np.float32), _typed(obs.loc[names]), var)
    if not cohort.var_names.is_unique:
        raise ValueError(f"{values} must name each gene once; make its names unique")
    _to_logarithms(cohort, values, notes)
    return cohort


def _typed(obs: pd.DataFrame) -> pd.DataFrame:
    """Columns of numbers as numbers, with a decimal point or comma; codes such as 01 stay text."""
    obs = obs.copy()
    for column in obs:
        texts = obs[column].dropna().astype(str)
        texts = texts[~texts.map(is_missing_word).astype(bool)]
        if texts.empty or texts.str.match(r"^0\d").any():
            obs[column] = obs[column].astype(object).where(obs[column].notna(), "")
            continue
        is_comma = texts.str.match(r"^[-+]?\d+,\d+$")
        plain = obs[column].astype(object)
        if is_comma.any() and not texts.str.contains(r"\d\.\d").any():
            plain = plain.map(lambda v: v.replace(",", ".") if isinstance(v, str) else v)
        numbers, is_bad = as_numbers(plain)
        is_number = not is_bad.any()
        text = obs[column].astype(object).where(obs[column].notna(), "")
        obs[column] = numbers if is_number else text
    return obs


def _to_logarithms(cohort: anndata.AnnData, path: Path, notes: list[str]) -> None:
    """Counts → log2(CPM+1), linear values → log2(x+1), in place; others stay."""
    found = summarise_values(cohort)
    if found.first_bad is not None or found.lowest < 0:
        return
    x = np.asarray(cohort.X, dtype=np.float64)
    sums = x.sum(axis=1, keepdims=True)
    if found.is_whole and found.highest > 1:
        cohort.X = np.log2(x / np.maximum(sums, 1) * 1e6 + 1).astype(np.float32)
        cohort.uns["unit"], kind = "log2(CPM+1)", "are counts: every value is a whole number"
    elif (found.sample_high > LARGEST_LOG2).mean() >= 0.9:
        is_tpm = bool((np.abs(sums / _TPM[0] - 1) < _TPM[1]).all())
        cohort.X = np.log2(x + 1).astype(np.float32)
        cohort.uns["unit"] = "log2(TPM+1)" if is_tpm else "log2(x+1)"
        kind = "are linear" + (", and sum to a million in a sample" if is_tpm else "")
    else:
        return
    notes.append(f"{path.name}: values of 0 to {found.highest:,.6g} {kind}; made "
                 f"{cohort.uns['unit']}.")  # fmt: skip
