"""Figures counted by chapter: "Fig. 4.3" in the caption and wherever the text refers to it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nbformat

REFERENCE = re.compile(r"\{numref\}`(?P<label>[\w:.-]+)`")


def number_figures(page: nbformat.NotebookNode, chapter: str) -> None:
    """Count the captioned figures of `page`, of the chapter called `chapter`: "4", "4b" or ""."""
    labels: dict[str, str] = {}
    n = 0
    for cell in page.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if cell.cell_type != "code" or "caption" not in figure or not _draws(cell):
            continue
        n += 1
        number = f"Fig. {chapter}.{n}" if chapter else f"Fig. {n}"
        figure["caption"] = f"**{number}.** {figure['caption']}"
        if "name" in figure:
            labels[figure["name"]] = number
    _refer(page, labels)


def chapter_of(notebook: str, order: int) -> str:
    """What a page's figures are called by: "4" for 04_rnalign, "4b" for its second page."""
    number = re.match(r"0*(\d+)_", notebook)
    return number[1] + ("" if order == 0 else chr(ord("a") + order)) if number else ""


def _draws(cell: nbformat.NotebookNode) -> bool:
    return any("data" in output for output in cell.get("outputs", []))


def _refer(page: nbformat.NotebookNode, labels: Mapping[str, str]) -> None:
    def named(found: re.Match) -> str:
        label = found["label"]
        return f"{{ref}}`{labels[label]} <{label}>`" if label in labels else found[0]

    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = REFERENCE.sub(named, cell.source)
