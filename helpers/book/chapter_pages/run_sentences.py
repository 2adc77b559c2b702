"""The sentences that a run writes of its own numbers, below its heading "Key takeaways"."""

from __future__ import annotations

import re

import nbformat

HEADING = re.compile(r"^## +Key takeaways[ \t]*$", re.MULTILINE)
NEXT = re.compile(r"^## ", re.MULTILINE)
SENTENCE = re.compile(r"^- +\*\*(?P<title>.+?)\*\*(?: *(?P<aside>\([^)]*\))\.)?(?P<text>.*)$")
# A full stop, question mark or colon that ends a sentence: a capital follows.
END = re.compile(r"(?<=[a-z)\d%*`>])[.?!] +(?=[A-Z“*`])")


def sentences(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Title → text of the takeaways in an executed notebook, in its order; {} without any."""
    found = {}
    for line in _lines(notebook):
        if match := SENTENCE.match(line):
            aside = f" {match['aside']}" if match["aside"] else ""
            found[match["title"].strip().rstrip(".") + aside] = match["text"].strip(" ,")
    return found


def _lines(notebook: nbformat.NotebookNode) -> list[str]:
    lines, is_inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if HEADING.search(cell.source):
                is_inside = True
            elif NEXT.search(cell.source):
                is_inside = False
        elif is_inside:
            for output in cell.get("outputs", []):
                text = output.get("data", {}).get("text/markdown", "")
                lines += "".join(text).splitlines()
    return lines


def first_sentence(text: str) -> str:
    """`text` up to its first full stop."""
    end = END.search(text)
    return text[: end.start() + 1] if end else text
