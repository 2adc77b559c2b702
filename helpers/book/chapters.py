"""The first page's table of chapters: one row a notebook, said by the notebooks themselves.

A notebook's metadata may hold `paper` (what it reruns, with its citation) and `covers` (one
sentence on what is there); its pages come from `book/runs.toml`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from helpers.book.contents import Entry
from helpers.runs.number_format import table


def chapter_table(entries: Sequence[Entry], root: Path) -> str:
    """Markdown table: pages, paper, what is there, and the room of its code.

    `entries` in the order of the runs; `root` is the project's folder.
    """
    rows = []
    for notebook in dict.fromkeys(entry.notebook for entry in entries):
        about = _metadata(root / "notebooks" / f"{notebook}.ipynb")
        pages = [entry for entry in entries if entry.notebook == notebook]
        room = f"`helpers/{notebook.partition('_')[2]}/`"
        rows.append([_links(pages), about.get("paper", ""), about.get("covers", ""), room])
    return table(["Chapter", "Paper", "What is there", "Code"], rows)


def _links(pages: Sequence[Entry]) -> str:
    """The first page by the notebook's name, the others by what their titles add."""
    first, *others = pages
    more = [f"[{page.suffix.strip(' ·')}](../{page.page}.ipynb)" for page in others]
    return ", ".join([f"[`{first.notebook}`](../{first.page}.ipynb)", *more])


def _metadata(notebook: Path) -> dict[str, str]:
    return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
