"""What the notebooks say of themselves: the paper that each reruns, with its citation.

A notebook's metadata may hold `paper` (Markdown); its pages come from `book/runs.toml`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from helpers.book.contents import Entry


def cited_papers(entries: Sequence[Entry], root: Path) -> dict[str, str]:
    """Notebook → its paper in Markdown, for those that name one; `root` is the project's folder."""
    return {
        notebook: paper
        for notebook in dict.fromkeys(entry.notebook for entry in entries)
        if (paper := _metadata(root / "notebooks" / f"{notebook}.ipynb").get("paper", ""))
    }


def _metadata(notebook: Path) -> dict[str, str]:
    return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
