"""Headings of a printed table in one line, each mean with its SD in one cell.

pandas prints a summary with a line for what was measured, one for mean and std, and one for the
names of the rows. Here they become one line, and "0.751" beside "0.014" becomes "0.751 ± 0.014".
"""

from __future__ import annotations

import math

from bs4 import Tag

PAIR = ("mean", "std")


def join_heads(table: Tag) -> None:
    """Rewrite the head of `table`, and its cells below a mean and an SD; others stay."""
    _drop_row_numbers(table)
    if len(table.select("thead tr")) == 2:
        _join_names(table)
    _join_columns(table)
    _join_rows(table)
    _join_names(table)


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["th", "td"], recursive=False)


def _text(cell: Tag) -> str:
    return cell.get_text(strip=True)


def _set_spread(mean: Tag, sd: Tag) -> None:
    """Both numbers into the first cell; the second leaves. One without a spread stays alone."""
    if _text(sd) not in ("NaN", "") and _text(mean) not in ("NaN", ""):
        mean.string = _spread(_text(mean), _text(sd))
    sd.extract()


def _spread(mean: str, sd: str) -> str:
    """With two significant digits of the SD, and no digit that was not printed."""
    printed = max(len(text.partition(".")[2]) for text in (mean, sd))
    value = float(sd)
    known = 1 - math.floor(math.log10(value)) if value > 0 else printed
    decimals = max(0, min(printed, known))
    return f"{float(mean):.{decimals}f} ±\xa0{value:.{decimals}f}"


def _drop_row_numbers(table: Tag) -> None:
    """The index, where it only counts the rows of a table with one line of headings."""
    head, rows = table.select("thead tr"), table.select("tbody tr")
    firsts = [_cells(row)[0] for row in rows if _cells(row)]
    counted = [str(number) for number in range(len(rows))]
    is_nameless = len(head) == 1 and not _text(_cells(head[0])[0]) and len(_cells(head[0])) > 2
    if is_nameless and counted and [_text(cell) for cell in firsts] == counted:
        for cell in [_cells(head[0])[0], *firsts]:
            cell.extract()


def _join_columns(table: Tag) -> None:
    head = table.select("thead tr")
    if not head:
        return
    if len(head) == 1:
        names = [_text(cell) for cell in _cells(head[0])]
        if tuple(names[-2:]) == PAIR:
            _cells(head[0])[-2].string = "mean ± SD"
            _cells(head[0])[-1].extract()
            for row in table.select("tbody tr"):
                _set_spread(*_cells(row)[-2:])
        return
    above, below = _cells(head[0]), _cells(head[1])
    groups = [cell for cell in above if cell.get("colspan")]
    n_columns = 2 * len(groups)
    kinds = [_text(cell) for cell in below[-n_columns:]]
    is_spread = groups and above[-len(groups) :] == groups and kinds == [*PAIR] * len(groups)
    if not is_spread or any(int(cell["colspan"]) != 2 for cell in groups):
        return
    for cell in groups:
        del cell["colspan"]
        cell.attrs.pop("halign", None)
    head[1].extract()
    for row in head[2:]:
        for cell in _cells(row)[-n_columns // 2 :]:
            cell.extract()
    for row in table.select("tbody tr"):
        cells = _cells(row)[-n_columns:]
        for mean, sd in zip(cells[::2], cells[1::2], strict=True):
            _set_spread(mean, sd)


def _join_rows(table: Tag) -> None:
    """The same where mean and std are two rows below one name."""
    rows = table.select("tbody tr")
    pairs = list(zip(rows[::2], rows[1::2], strict=False))
    is_spread = len(rows) > 1 and len(rows) % 2 == 0
    for upper, lower in pairs if is_spread else []:
        first = [_text(cell) for cell in _cells(upper)[:2]], _text(_cells(lower)[0])
        is_spread &= first[0][1:] == ["mean"] and first[1] == "std"
    if not is_spread:
        return
    for upper, lower in pairs:
        name, kind, *means = _cells(upper)
        name.attrs.pop("rowspan", None)
        kind.extract()
        for mean, sd in zip(means, _cells(lower)[1:], strict=True):
            _set_spread(mean, sd)
        lower.extract()
    for row in table.select("thead tr"):
        corner = _cells(row)[0]
        if not _text(corner):
            corner.extract()


def _join_names(table: Tag) -> None:
    """Names of the rows into the line above them, beside the name that the columns have."""
    head = table.select("thead tr")
    if len(head) < 2:
        return
    above, below = (_cells(row) for row in head[-2:])
    names = [_text(cell) for cell in below if _text(cell)]
    n = len(names)
    is_of_rows = n and [_text(cell) for cell in below[:n]] == names and len(above) == len(below)
    if not is_of_rows or any(_text(cell) for cell in above[: n - 1]):
        return
    for cell, name in zip(above, names, strict=False):
        ours = _text(cell)
        cell.string = f"{name} / {ours}" if ours and n == 1 else name
    head[-1].extract()
