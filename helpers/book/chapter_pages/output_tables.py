"""Tables that a notebook prints, made readable: words for names, digits that the SD supports.

A table lies in a frame that scrolls by itself where a screen is too narrow, its first column in
place; one with many columns is set smaller, and turned where it has fewer rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import nbformat
from bs4 import BeautifulSoup, Tag

from helpers.book.chapter_pages.table_heads import join_heads

NONE: Mapping[str, str] = MappingProxyType({})
WIDE = 7  # columns from which a table is set smaller, and turned if it has fewer rows
WIDE_OF_SPREADS = 5  # the same, of a table with spreads
WIDEST = 9  # columns from which it is set smaller still
PREFIX = "HALLMARK_"  # of gene sets, which say nothing in a column of them
GIVEN = {"cancer type", "fold", "seed"}  # nobody chooses among them, so that none is the best
SHORT = 24  # letters up to which the name of a row stays on one line
QUANTITY = re.compile(r"^[-−–+]?[\d.,]+|^(?:NaN|<NA>|NaT|None|–|True|False)$")
SNAKE = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+$")
NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
NUMERAL = re.compile(rf"^[-−]?{NUMBER}")
LONG = re.compile(r"^[-−]?\d+\.\d{5,}$")  # as pandas prints what nobody rounded
COUNT = re.compile(r"^n(?: |$)")  # columns that count, as they are read
WHOLE = re.compile(r"^(?:\d+(?:\.0+)?|–)$")
CONTROL = re.compile(r"^(?:shuffled|majority|constant|random)\b")  # rows that are none to choose
MISSING = {"NaN", "<NA>", "NaT", "None"}
SPREAD = re.compile(rf"(?<![\w.])(?P<mean>-?{NUMBER}) ± (?P<sd>{NUMBER})")
STRESSED = re.compile(r"(?<![\w*])\*([^*]+)\*(?![\w*])")
EMPHASIS = re.compile(r"(?<![\w*])\*(?P<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)\*(?![\w*])")


def mend_tables(
    page: nbformat.NotebookNode,
    words: Mapping[str, str],
    better: Mapping[str, str] = NONE,
    units: Mapping[str, str] = NONE,
) -> None:
    """Rewrite every table among the outputs of `page`, and the names that its prose takes of them.

    `words`: name → how it is read, for those that are no words with underscores; `better`: column,
    as it is read → "higher" or "lower", for those whose best value is marked; `units`: column, as
    it is read → its unit.
    """
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = EMPHASIS.sub(
                lambda found: f"*{in_words(found['name'], words)}*", cell.source
            )
            continue
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if "<table" in html and "dataframe" in html:
                output["data"]["text/html"] = mended(html, words, better, units)


def mended(
    html: str,
    words: Mapping[str, str],
    better: Mapping[str, str] = NONE,
    units: Mapping[str, str] = NONE,
) -> str:
    """HTML of a printed table in its frame."""
    soup = BeautifulSoup(html, "html.parser")
    table = soup.find("table")
    if table is None:
        return html
    del table["border"]
    join_heads(table)
    for tag in table.find_all(["th", "td"]):
        _mend_cell(tag, words)
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    _count_whole(rows)
    _mark_best(soup, rows, better)
    _add_units(table, units)
    has_spans = bool(table.find(attrs={"colspan": True}) or table.find(attrs={"rowspan": True}))
    n_head = len(table.select("thead tr"))
    n_columns, n_rows = max(map(len, rows), default=0), len(rows) - n_head
    if n_head == 1 and not has_spans and n_columns > WIDE and 0 < n_rows < n_columns - 1:
        _turn(soup, table, rows)
        n_columns = n_rows + 1
    _name_headers(table)
    is_wide = n_columns >= (WIDE_OF_SPREADS if "±" in table.get_text() else WIDE)
    width = " is-wide" * is_wide + " is-widest" * (n_columns >= WIDEST)
    return (
        f'<div class="table-frame{width}" tabindex="0" role="group" aria-label="Table">'
        f"{table}</div>"
    )


def _count_whole(rows: list[list[Tag]]) -> None:
    """Numbers of things without a fraction, where none of them has one: 250.0 → 250."""
    lines = [row for row in rows[1:] if row]
    for place in range(len(rows[0]) if rows else 0):
        from_right = place - len(rows[0])  # the names of rows may span several
        lines.append([rows[0][place], *(r[from_right] for r in rows[1:] if len(r) >= -from_right)])
    for name, *cells in lines:
        texts = [cell.get_text().strip() for cell in cells]
        if COUNT.match(name.get_text().strip()) and all(map(WHOLE.match, texts)):
            for cell, text in zip(cells, texts, strict=True):
                cell.string = text.partition(".")[0]


def _mark_best(soup: BeautifulSoup, rows: list[list[Tag]], better: Mapping[str, str]) -> None:
    """The best number of every column that has a better way, in bold, where rows are choices."""
    if rows and rows[0] and rows[0][0].get_text().strip() in GIVEN:
        return
    for place, name in enumerate(rows[0] if rows else []):
        way = better.get(name.get_text().strip())
        from_right = place - len(rows[0])  # the names of rows may span several
        column = [
            row[from_right]
            for row in rows[1:]
            if len(row) >= -from_right and not any(map(CONTROL.match, _names(row)))
        ]
        read = [(NUMERAL.match(cell.get_text().strip()), cell) for cell in column]
        values = [(float(found[0].replace("−", "-")), cell) for found, cell in read if found]
        if way is None or len(values) < 2:
            continue
        best = (max if way == "higher" else min)(value for value, _ in values)
        for value, cell in values:
            if value == best and cell.string:
                cell.string.wrap(soup.new_tag("strong"))


def _names(row: list[Tag]) -> list[str]:
    return [cell.get_text().strip() for cell in row if cell.name == "th"]


def _add_units(table: Tag, units: Mapping[str, str]) -> None:
    for tag in table.select("thead th"):
        if unit := units.get(tag.get_text().strip()):
            tag.string = f"{tag.get_text().strip()} ({unit})"


def _name_headers(table: Tag) -> None:
    for tag in table.select("thead th"):
        if tag.get_text(strip=True):
            tag["scope"] = "col"
        else:
            tag.name = "td"
    for tag in table.select("tbody th"):
        tag["scope"] = "row"


def _mend_cell(tag: Tag, words: Mapping[str, str]) -> None:
    text = tag.get_text().strip()
    if tag.name == "td" and text and not QUANTITY.match(text):
        tag["class"] = "text"
    if tag.name == "th" and len(text) <= SHORT:
        tag["class"] = "short"
    if tag.find(True) is not None:
        return
    if tag.name == "td" and text in MISSING:
        tag.string = "–"
    if tag.name == "td" and LONG.match(text):
        tag.string = f"{float(text.replace('−', '-')):.3g}"
    if tag.name == "td" and STRESSED.search(text):
        tag.string = ""
        for place, part in enumerate(STRESSED.split(text)):  # every second part stood in asterisks
            tag.append(Tag(name="em", can_be_empty_element=False) if place % 2 else part)
            if place % 2:
                tag.contents[-1].string = part
        return
    parts = text.split(" / ")  # names of rows and of columns share a cell
    if any(part in words or SNAKE.match(part) for part in parts):
        tag.string = " / ".join(in_words(part.removeprefix(PREFIX), words) for part in parts)
    elif "±" in text:
        tag.string = with_support(text).replace(" ± ", " ±\xa0")


def _turn(soup: BeautifulSoup, table: Tag, rows: list[list[Tag]]) -> None:
    header, *body = rows
    table.clear()
    thead, tbody = soup.new_tag("thead"), soup.new_tag("tbody")
    top = soup.new_tag("tr")
    for cell in [header[0], *(row[0] for row in body)]:
        cell.name = "th"
        top.append(cell)
    thead.append(top)
    for index in range(1, len(header)):
        line = soup.new_tag("tr")
        for cell in [header[index], *(row[index] for row in body)]:
            line.append(cell)
        tbody.append(line)
    table.extend([thead, tbody])


def in_words(name: str, words: Mapping[str, str]) -> str:
    """A name of the code as it is read: `words` first, then spaces for underscores."""
    return words.get(name) or " ".join(words.get(part, part) for part in name.split("_"))


def with_support(text: str) -> str:
    """`text` with every "mean ± SD" in it as `supported` writes it."""
    return SPREAD.sub(lambda found: supported(found["mean"], found["sd"]), text)


def supported(mean: str, sd: str) -> str:
    """Both numbers with the digits that two significant places of the SD leave meaning."""
    spread = float(sd)
    if not spread or not math.isfinite(spread):
        return f"{mean} ± {sd}"
    decimals = max(0, 1 - math.floor(math.log10(spread)))
    if decimals > 5:
        return f"{mean} ± {sd}"
    return f"{float(mean):.{decimals}f} ± {spread:.{decimals}f}"
