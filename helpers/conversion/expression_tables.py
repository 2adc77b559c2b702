"""A table of expression, either way round, as samples × features with names that are unique."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.cohorts.reading.missing_words import as_numbers, is_missing_word
from helpers.conversion.text_tables import TextTable

_ABOUT_GENES = {
    *("description", "entrez_gene_id", "entrezgene", "entrez", "entrezid", "gene", "gene_id"),
    *("gene_name", "gene_symbol", "symbol", "hgnc_symbol", "hugo_symbol", "gene_type"),
    *("gene_biotype", "biotype", "chr", "chrom", "chromosome", "start", "end", "strand", "length"),
    *("cytoband", "accession", "locus", "geneid", "genename", "name", "id"),
}
_SYMBOLS = ("description", "gene_name", "gene_symbol", "symbol", "hgnc_symbol", "hugo_symbol")
_TALLIES = r"^(?:__|N_(?:unmapped|multimapping|noFeature|ambiguous)$)"  # of HTSeq and STAR
_ENSEMBL = r"^ENSG\d{11}"


@dataclass(frozen=True)
class ExpressionTable:
    """table: sample × feature, floats. symbols: of features named otherwise, or None."""

    table: pd.DataFrame
    symbols: pd.Series | None
    notes: list[str]


class Sides(NamedTuple):
    """Where a table has its samples.

    known: name in the table → name in the list of samples. how: what told that they are the same.
    across: they are columns; otherwise their names are in the column `down`.
    """

    known: dict[str, str]
    how: str
    across: bool
    down: int


def find_samples(table: TextTable, samples: Collection[str], path: Path) -> Sides | None:
    """Where `table` names `samples`, in any of the spellings that tools make of them; else None.

    Raises:
        ValueError: as many are in the first line as in the first column.
    """
    texts = [0, *(c for c in list(table.cells)[1:4] if table.cells[c].dtype == object)]
    rows = {column: list(map(str, table.cells[column])) for column in texts}
    for how, plain in _SPELLINGS.items():
        wanted = _unique_of({str(name): plain(str(name)) for name in samples})
        found = {column: sum(plain(n) in wanted for n in names) for column, names in rows.items()}
        down = max(found, key=found.get)
        n_across, n_down = sum(plain(n) in wanted for n in table.names[1:]), found[down]
        if not n_across and not n_down:
            continue
        if n_across == n_down:
            raise ValueError(
                f"{path} names samples in its first line and in a column ({n_across} each), so "
                "that either side may be the samples. Give genes other names than samples"
            )
        names = table.names if n_across > n_down else rows[down]
        known = {name: wanted[plain(name)] for name in names if plain(name) in wanted}
        return Sides(known, how, n_across > n_down, down)
    return None


def read_expression_table(table: TextTable, sides: Sides, path: Path) -> ExpressionTable:
    """Values of the samples that `sides` found; each sample and each gene once.

    Raises:
        ValueError: a cell is no number, or a sample stands twice with different values.
    """
    notes = list(table.notes)
    if sides.how:
        first, known = next(iter(sides.known.items()))
        notes.append(f"{path.name}: {len(sides.known)} names of samples such as {first!r} read as "
                     f"{known!r}, {sides.how}.")  # fmt: skip
    turned = _genes_in_rows if sides.across else _samples_in_rows
    values, about = turned(table, sides)
    lie = ("rows", "columns") if sides.across else ("columns", "rows")
    notes.append(
        f"{path.name}: {values.shape[1]} genes in {lie[0]}, {len(values)} samples in {lie[1]}."
        + (f" Columns {', '.join(about)} hold no values." if about else "")
    )
    values = _numbers(values, path)
    values = _once_each_sample(values, path, notes)
    values = _without_tallies(values, path, notes)
    symbols = _symbols(about, values) if sides.across else None
    values, symbols = _once_each_gene(values, symbols, path, notes)
    return ExpressionTable(values, symbols, notes)


def _of_r(name: str) -> str:
    """As R's make.names spells it, which puts an X before digits."""
    plain = re.sub(r"[^A-Za-z0-9.]", ".", name)
    return plain[1:] if re.match(r"^X\d", plain) else plain


def _of_tcga(name: str) -> str:
    """Participant and sample of a TCGA barcode, whatever is behind them."""
    return name.replace(".", "-").upper()[:15] if name.upper().startswith("TCGA") else name


_SPELLINGS = {
    "": str,
    "as R writes names": _of_r,
    "without folder and .bam": lambda name: re.sub(
        r"(?:\.sorted|Aligned\.\w+\.out)*\.[bs]am$", "", PurePath(name).name
    ),
    "by the first 15 signs of the barcode": _of_tcga,
}


def _unique_of(plain: dict[str, str]) -> dict[str, str]:
    """Spelling → the one name that is spelled so."""
    counts = pd.Series(list(plain.values()), dtype=object).value_counts()
    return {spelling: name for name, spelling in plain.items() if counts[spelling] == 1}


def _genes_in_rows(table: TextTable, sides: Sides) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Sample × gene; and the columns that say something of the genes."""
    cells, names = table.cells, table.names
    genes = cells[0].astype(object)
    about = {
        names[i] or f"column {i + 1}": cells[i].set_axis(genes)
        for i in cells.columns[1:]
        if names[i] not in sides.known
        and (names[i].casefold() in _ABOUT_GENES or cells[i].dtype == object)
    }
    chosen = [i for i in cells.columns if names[i] in sides.known]
    values = cells[chosen].T
    values.index = [sides.known[names[i]] for i in chosen]
    values.columns = genes
    return values, about


def _samples_in_rows(table: TextTable, sides: Sides) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Sample × gene; and the columns that hold text, or number the rows."""
    cells, names = table.cells, table.names
    rows = cells[sides.down].astype(str)
    is_sample = rows.isin(list(sides.known)).to_numpy()
    kept, about = [], {}
    for i in cells.columns:
        is_text = cells[i].dtype == object and as_numbers(cells[i])[1].mean() >= 0.5
        if i > sides.down and names[i] and not is_text:
            kept.append(i)
        elif i != sides.down:
            about[names[i] or f"column {i + 1}"] = cells[i]
    values = cells.loc[is_sample, kept]
    values.index = [sides.known[name] for name in rows[is_sample]]
    values.columns = [names[i] for i in kept]
    return values, about


def _numbers(values: pd.DataFrame, path: Path) -> pd.DataFrame:
    """All of it as floats; refuses a cell that is neither a number nor missing."""
    if values.select_dtypes(object).empty:
        return values.astype(float)
    read = {i: as_numbers(values.iloc[:, i]) for i in range(values.shape[1])}
    is_bad = np.column_stack([bad.to_numpy() for _, bad in read.values()])
    if is_bad.any():
        row, column = np.argwhere(is_bad)[0]
        raise ValueError(
            f"values of {path} must be numbers; sample {values.index[row]}, gene "
            f"{values.columns[column]} is {values.iloc[row, column]!r} ({int(is_bad.sum())} such "
            "cells). Put a number there, or leave the cell empty"
        )
    plain = np.column_stack([column.to_numpy() for column, _ in read.values()])
    return pd.DataFrame(plain, index=values.index, columns=values.columns)


def _once_each_sample(values: pd.DataFrame, path: Path, notes: list[str]) -> pd.DataFrame:
    again = values.index.duplicated(keep=False)
    if not again.any():
        return values
    same = values.copy()
    same.columns = range(same.shape[1])
    same = same[again].groupby(level=0).nunique(dropna=False).le(1).all(axis=1)
    if not same.all():
        name = same.index[~same][0]
        raise ValueError(
            f"a sample of {path} must stand there once; {name!r} stands there "
            f"{int((values.index == name).sum())} times with different values. Give the samples "
            "names of their own in both tables, or delete all but one"
        )
    notes.append(f"{path.name}: {int(values.index.duplicated().sum())} samples stand there again "
                 "with the same values; each is taken once.")  # fmt: skip
    return values[~values.index.duplicated()]


def _without_tallies(values: pd.DataFrame, path: Path, notes: list[str]) -> pd.DataFrame:
    """Without rows that count reads of no gene, and without genes that have no name."""
    names = pd.Series(values.columns, dtype=object)
    is_tally = names.astype(str).str.match(_TALLIES).to_numpy(bool)
    is_nameless = (names.isna() | names.map(lambda name: is_missing_word(str(name)))).to_numpy(bool)
    is_nameless &= (names.astype(str) != "?").to_numpy(bool)
    for is_none, what in ((is_tally, "count reads of no gene"), (is_nameless, "have no name")):
        if is_none.any():
            first = names[is_none].iloc[0]
            notes.append(f"{path.name}: {int(is_none.sum())} features {what} ({first}): left out.")
    return values.loc[:, ~(is_tally | is_nameless)]


def _symbols(about: dict[str, pd.Series], values: pd.DataFrame) -> pd.Series | None:
    """Symbols of features that are Ensembl ids, where a column has them."""
    if not values.columns.astype(str).str.match(_ENSEMBL).mean() > 0.5:
        return None
    found = next((about[name] for name in about if name.casefold() in _SYMBOLS), None)
    return None if found is None else found[~found.index.duplicated()].reindex(values.columns)


def _once_each_gene(
    values: pd.DataFrame, symbols: pd.Series | None, path: Path, notes: list[str]
) -> tuple[pd.DataFrame, pd.Series | None]:
    """Counts and other linear values of one gene are added; of logarithms the highest is kept."""
    again = values.columns.duplicated(keep=False)
    if not again.any():
        return values, symbols
    names, order = values.columns[again], values.columns[~values.columns.duplicated()]
    finite = values.to_numpy()[np.isfinite(values.to_numpy())]
    is_linear = bool((finite >= 0).all() and ((finite % 1 == 0).all() or finite.max() > 40))
    if is_linear:
        values = values.T.groupby(level=0, sort=False).sum(min_count=1).T
        done = "added, as reads of one gene are"
    else:
        by_mean = values.mean().to_numpy().argsort(kind="stable")[::-1]
        values = values.iloc[:, by_mean]
        values = values.loc[:, ~values.columns.duplicated()]
        done = "the one with the highest mean is kept, as logarithms cannot be added"
    notes.append(f"{path.name}: {names.nunique()} genes stand in {len(names)} rows or columns "
                 f"({names[0]}): {done}.")  # fmt: skip
    symbols = None if symbols is None else symbols[~symbols.index.duplicated()].reindex(order)
    return values[order], symbols
