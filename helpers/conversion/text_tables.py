"""A table as a program wrote it: which sign parts its cells, where its header is, how it writes 1½.

Read are the forms of R (`write.table`, `write.csv2`), pandas, Excel, Xena, cBioPortal, Firehose,
GEO's series matrix, GTEx's GCT, HTSeq, STAR and featureCounts. Cells stay text here, or numbers.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohorts.reading.missing_words import is_missing_word
from helpers.conversion.text_files import text_lines

_PARTS = ("\t", ";", ",", "|", " ")
_HEAD = 20  # lines that tell how a table is written
_COMMA = re.compile(r"^\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*$")
_GROUPED = re.compile(r"^\s*[-+]?[1-9]\d{0,2}(?:,\d{3})+\s*$")
_SAID_MISSING = ("n/a", "na", "Na", "none", "null", "nan", "-", "--", ".", "?", "#N/A", "NULL")


@dataclass(frozen=True)
class TextTable:
    """Cells of a table; the columns of `cells` are numbered, `names` are what the header says."""

    names: list[str]
    cells: pd.DataFrame
    notes: list[str]


def read_text_table(path: Path, of_numbers: bool = False) -> TextTable:
    """A table with its header; all cells are text, unless it is `of_numbers`.

    Then a second header line is looked for, and numbers may have a decimal comma.

    Raises:
        ValueError: as `text_lines`; no header, rows of unequal length, or numbers that can be read
            in two ways.
    """
    lines, notes = text_lines(path)
    lines, n_rows = _without_comments(lines, path, notes)
    sign = _parting_sign(lines[:_HEAD], path)
    rows = [_cells(line, sign) for line in lines[:3]]
    header, body = rows[0], lines[1:]
    if not body:
        raise ValueError(f"{path} has a header and no rows. Write it again, a line for each row")
    if of_numbers and _is_second_header(rows):
        _drop_second_header(rows, path, notes)
        body = body[1:]
    n = len(_cells(body[0], sign))
    _check_lengths(body, sign, n, path)
    table = _parsed(body, sign, n, path, notes) if of_numbers else _frame(body, sign, n, dtype=str)
    names = _fitting_header(header, n, table, path)
    is_empty = table.isna().all().to_numpy() & np.array([not name for name in names])
    if is_empty.any():
        notes.append(f"{path.name}: {is_empty.sum()} empty columns without a name are left out.")
        names = [name for name, empty in zip(names, is_empty, strict=True) if not empty]
        table = table.loc[:, ~is_empty]
        table.columns = range(table.shape[1])
    if n_rows is not None and n_rows != len(table):
        raise ValueError(f"{path} announces {n_rows} rows and has {len(table)}. Fetch it again")
    return TextTable(names, table, notes)


def _without_comments(
    lines: list[str], path: Path, notes: list[str]
) -> tuple[list[str], int | None]:
    """Lines from the header on; the number of rows where the file announces it (GCT)."""
    while lines and (not lines[-1].strip() or lines[-1].startswith("!")):
        lines = lines[:-1]
    is_gct = re.match(r"^#1\.\d\s*$", lines[0]) if lines else None
    if is_gct:
        if not lines[0].startswith("#1.2") or len(lines) < 3:
            raise ValueError(
                f"{path} is a GCT file of version {lines[0][1:].strip()}, which may hold other "
                "tables beside the values. Write it as version 1.2, or as a plain table"
            )
        notes.append(f"{path.name} is read as GCT 1.2.")
        n_rows = int((re.findall(r"^\d+", lines[1]) or ["0"])[0])
        return [line for line in lines[2:] if line.strip()], n_rows
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start][0] in "#!"):
        start += 1
    comments = [line for line in lines[:start] if line.strip()]
    lines = [line for line in lines[start:] if line.strip()]
    if lines and comments and _is_header_of(comments[-1], lines[0]):
        lines = [comments.pop().lstrip("#").strip(" "), *lines]
        notes.append(f"{path.name}: its header begins with '#'.")
    if comments:
        notes.append(f"{path.name}: {len(comments)} lines of comments above the header are left "
                     "out.")  # fmt: skip
    if not lines:
        raise ValueError(f"{path} has comments and no table. Write it again with a header and rows")
    return lines, None


def _is_header_of(comment: str, line: str) -> bool:
    """Whether a comment has a name for each cell of `line`, which has numbers in all but one."""
    for sign in _PARTS[:4]:
        cells = _cells(line, sign)
        if len(cells) > 2 and len(_cells(comment, sign)) == len(cells):
            return sum(map(_is_number, cells)) >= len(cells) - 1 and comment.startswith("#")
    return False


def _parting_sign(lines: list[str], path: Path) -> str:
    """The sign that parts all lines into as many cells; a header of R has one fewer."""
    for sign in _PARTS:
        n = [len(_cells(line, sign)) for line in lines]
        body = set(n[1:]) or {n[0]}
        if len(body) == 1 and max(body) > 1 and n[0] - max(body) in (-1, 0, 1):
            return sign
    counts = {sign: [len(_cells(line, sign)) for line in lines] for sign in _PARTS[:3]}
    sign = max(counts, key=lambda name: sorted(counts[name])[len(lines) // 2])
    _check_lengths(lines[1:], sign, counts[sign][0], path)
    raise ValueError(
        f"{path} must be a table whose cells are parted by tabs, commas or semicolons; its first "
        f"line is {lines[0][:60]!r}"
    )


def _cells(line: str, sign: str) -> list[str]:
    if sign == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=sign), [""])]


def _check_lengths(lines: list[str], sign: str, n: int, path: Path) -> None:
    """All rows have `n` cells; quoted ones are counted with care, others quickly."""
    for number, line in enumerate(lines, start=1):
        found = len(_cells(line, sign)) if '"' in line or sign == " " else line.count(sign) + 1
        if found != n:
            raise ValueError(
                f"every row of {path} must have {n} cells; row {number} below the header, "
                f"{line[:40]!r}, has {found}. Mend or delete that line"
            )


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return is_missing_word(cell)
    return True


def _is_second_header(rows: list[list[str]]) -> bool:
    """Whether the second line has words where the third has numbers."""
    if len(rows) < 3:
        return False
    is_word = [not _is_number(cell) for cell in rows[1][1:]]
    is_value = [_is_number(cell) for cell in rows[2][1:]]
    both = [a and b for a, b in zip(is_word, is_value, strict=False)]
    return sum(both) > 0.5 * max(len(is_word), 1)


def _drop_second_header(rows: list[list[str]], path: Path, notes: list[str]) -> None:
    """Leave the second line out; refuse where it tells columns of one sample apart."""
    names, words = rows[0][1:], rows[1][1:]
    kinds = list(dict.fromkeys(word for word in words if word))
    if len(set(names)) < len(names) and len(kinds) > 1:
        raise ValueError(
            f"{path} has several columns for a sample, {', '.join(kinds[:4])} by its second line. "
            f"Keep one with: import pandas as pd; t = pd.read_csv({str(path)!r}, sep=None, "
            'engine="python", header=None, dtype=str, keep_default_na=False); '
            f"t = t.loc[:, t.iloc[1].isin([t.iloc[1, 0], {kinds[0]!r}])].drop(index=1); "
            't.to_csv("one_kind.tsv", sep="\\t", header=False, index=False)'
        )
    said = ", ".join(map(repr, kinds[:3])) + (" …" if len(kinds) > 3 else "")
    notes.append(f"{path.name}: the second line ({said}) is no row of values and is left out.")


def _parsed(body: list[str], sign: str, n: int, path: Path, notes: list[str]) -> pd.DataFrame:
    """Cells as numbers where a column has nothing else, with a decimal point or comma."""
    table = _frame(body, sign, n)
    texts = [table[column].dropna().astype(str) for column in table.select_dtypes(object)]
    cells = [cell for column in texts for cell in column if "," in cell]
    decimals = [cell for cell in cells if _COMMA.match(cell)]
    grouped = [cell for cell in cells if _GROUPED.match(cell)]
    if sign == "," or not (decimals or grouped):
        return table
    numbers = table.select_dtypes("number").to_numpy(dtype=float)
    has_point = any(re.fullmatch(r"[-+]?\d*\.\d+", cell) for column in texts for cell in column)
    if has_point or (numbers[np.isfinite(numbers)] % 1).any():
        raise ValueError(
            f"{path} has numbers with a comma ({(decimals or grouped)[0]}) beside numbers with a "
            "point. Write all of them with a point"
        )
    if any(cell.count(",") > 1 for cell in grouped):
        notes.append(f"{path.name}: commas in numbers such as {grouped[0]} part thousands.")
        return _frame(body, sign, n, thousands=",")
    if len(grouped) == len(decimals):
        raise ValueError(_two_readings(path, grouped[0], sign))
    notes.append(f"{path.name}: numbers such as {decimals[0]} have a decimal comma.")
    return _frame(body, sign, n, decimal=",")


def _two_readings(path: Path, cell: str, sign: str) -> str:
    line = (
        f"import pandas as pd; pd.read_csv({str(path)!r}, sep={sign!r}, index_col=0, "
        f'{{}}=",").to_csv("plain.csv")'
    )
    return (
        f"{path} has numbers such as {cell}, which may be {cell.replace(',', '')} or "
        f"{cell.replace(',', '.')}. Say which: with thousands parted by commas, "
        f"{line.format('thousands')}; with decimal commas, {line.format('decimal')}"
    )


def _frame(body: list[str], sign: str, n: int, **read: object) -> pd.DataFrame:
    return pd.read_csv(
        io.StringIO("\n".join(body)),
        sep=r"\s+" if sign == " " else sign,
        header=None,
        names=range(n),
        index_col=False,
        na_values=list(_SAID_MISSING),
        skipinitialspace=True,
        low_memory=False,
        **{"dtype": {0: str}} | read,
    )


def _fitting_header(header: list[str], n: int, table: pd.DataFrame, path: Path) -> list[str]:
    """A name for each of `n` columns; "" for one that has none."""
    if len(header) == n + 1 and not header[-1]:
        header = header[:-1]
    if len(header) == n - 1:  # R names no column of row names; others let a line end in a sign
        is_trailing = bool(table[n - 1].isna().all())
        header = [*header, ""] if is_trailing else ["", *header]
    if len(header) != n:
        raise ValueError(
            f"every row of {path} must have as many cells as the header, {len(header)}; they have "
            f"{n}. Mend the header"
        )
    values = [cell for cell in header[1:] if cell]
    is_data = bool(values) and all(map(_is_number, values))
    if is_data and (len(set(values)) < len(values) or not all(v.isdigit() for v in values)):
        raise ValueError(
            f"the first line of {path} must name its columns; it holds numbers ({values[0]}). Add "
            "a line of names above it"
        )
    return header
