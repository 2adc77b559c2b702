"""Tables that a notebook prints, made readable: words for names, digits that the SD supports.

A table lies in a frame that scrolls by itself where a screen is too narrow, its first column in
place; one with more columns than rows is turned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import nbformat
from bs4 import BeautifulSoup, Tag

WIDE = 9  # columns from which a table is turned, if it has fewer rows
SNAKE = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+$")
SPREAD = re.compile(
    r"(?<![\w.])(?P<mean>-?\d+(?:\.\d+)?(?:e-?\d+)?) ± (?P<sd>\d+(?:\.\d+)?(?:e-?\d+)?)"
)
EMPHASIS = re.compile(r"(?<![\w*])\*(?P<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)\*(?![\w*])")


def mend_tables(page: nbformat.NotebookNode, words: Mapping[str, str]) -> None:
    """Rewrite every table among the outputs of `page`, and the names that its prose takes of them.

    `words`: name → how it is read, for those that are no words with underscores.
    """
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = EMPHASIS.sub(
                lambda found: f"*{in_words(found['name'], words)}*", cell.source
            )
            continue
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if "<table" in "".join(html) and "dataframe" in "".join(html):
                output["data"]["text/html"] = mended("".join(html), words)
                output["data"].pop("text/plain", None)


def mended(html: str, words: Mapping[str, str]) -> str:
    """HTML of a printed table in its frame."""
    soup = BeautifulSoup(html, "html.parser")
    table = soup.find("table")
    if table is None:
        return html
    del table["border"]
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    n_head = len(table.thead.find_all("tr")) if table.thead else 0
    has_spans = bool(table.find(attrs={"colspan": True}) or table.find(attrs={"rowspan": True}))
    for tag in table.find_all(["th", "td"]):
        _mend_cell(tag, words)
    is_turned = n_head == 1 and not has_spans and len(rows[0]) > WIDE > len(rows) - 1 > 0
    if is_turned:
        _turn(soup, table, rows)
    for tag in table.select("thead th"):
        tag["scope"] = "col"
    for tag in table.select("tbody th"):
        tag["scope"] = "row"
    for tag in table.select("thead th"):
        if not tag.get_text(strip=True):
            tag.name = "td"
            del tag["scope"]
    return f'<div class="table-frame" tabindex="0" role="group" aria-label="Table">{table}</div>'


def _mend_cell(tag: Tag, words: Mapping[str, str]) -> None:
    text = tag.get_text().strip()
    if tag.find(True) is not None:
        return
    if text in words or SNAKE.match(text):
        tag.string = in_words(text, words)
    elif "±" in text:
        tag.string = SPREAD.sub(lambda found: supported(found["mean"], found["sd"]), text)


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


def supported(mean: str, sd: str) -> str:
    """Both numbers with the digits that two significant places of the SD leave meaning."""
    spread = float(sd)
    if not spread or not math.isfinite(spread):
        return f"{mean} ± {sd}"
    decimals = max(0, 1 - math.floor(math.log10(spread)))
    if decimals > 5:
        return f"{mean} ± {sd}"
    return f"{float(mean):.{decimals}f} ± {spread:.{decimals}f}"
