"""Labels of a notebook page, which must be unique in the whole book."""

from __future__ import annotations

import re

import nbformat

# Where MyST and the notebook metadata define a label.
LABEL_DEFINITIONS = (
    re.compile(r"^\((?P<label>[\w:.-]+)\)=[ \t]*$", re.MULTILINE),
    re.compile(r"^:(?:label|name):[ \t]*(?P<label>[\w:.-]+)[ \t]*$", re.MULTILINE),
    re.compile(r"\$\$[ \t]*\((?P<label>[\w:.-]+)\)"),
)


def rename_labels(page: nbformat.NotebookNode, ending: str) -> None:
    """Add `ending` to every label that `page` defines, where it is defined and where it is used.

    Running text that happens to hold the same word stays as it is.
    """
    markdown = [cell for cell in page.cells if cell.cell_type == "markdown"]
    labels = {
        definition["label"]
        for cell in markdown
        for pattern in LABEL_DEFINITIONS
        for definition in pattern.finditer(cell.source)
    }
    figures = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in page.cells]
    labels |= {figure["name"] for figure in figures if "name" in figure}
    for cell in markdown:
        for label in sorted(labels):
            cell.source = _renamed(cell.source, label, label + ending)
    for figure in figures:
        if "name" in figure:
            figure["name"] += ending


def _renamed(source: str, old: str, new: str) -> str:
    """`source` with the label `old` renamed where MyST reads a label."""
    name = re.escape(old) + r"(?![\w:.-]*[\w-])"
    before = (
        r"^\((?=[^()\n]*\)=)",  # (label)=
        r"^:(?:label|name):[ \t]*",  # :label: label
        r"\$\$[ \t]*\(",  # $$ (label)
        r"\]\(#?",  # [text](#label)
        r"\{(?:numref|ref|eq|prf:ref|exercise:ref)\}`(?:[^`]*<)?",  # {ref}`text <label>`
        r"\{solution(?:-start)?\}[ \t]+",  # ```{solution} label
    )
    return re.sub(rf"({'|'.join(before)}){name}", rf"\g<1>{new}", source, flags=re.MULTILINE)
