"""The top of a chapter's page: question, answer, verdicts, one picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from helpers.book.chapter_pages.output_tables import with_support
from helpers.book.chapter_pages.run_sentences import first_sentence, sentences
from helpers.book.finished import FinishedRun
from helpers.book.overviews.claim_rows import read_claims, verdict_bar
from helpers.book.overviews.questions import Question

MOST_ANSWERS = 3
FIGURES = "_figures"  # below book/


@dataclass(frozen=True)
class Picture:
    """A picture of a run: its file's name, the bytes of a PNG, and what it shows in words."""

    name: str
    png: bytes
    alt: str


def picture_of(finished: FinishedRun) -> Picture | None:
    """The picture of the cell tagged `thumbnail`, or the first that has a text; None without."""
    notebook = nbformat.read(finished.notebook, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells.sort(key=lambda cell: "thumbnail" not in cell.metadata.get("tags", []))
    for cell in cells:
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        images = [
            output["data"]["image/png"]
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        if alt and images:
            name = f"{finished.entry.page.rsplit('/', 1)[-1]}.png"
            return Picture(name, base64.b64decode("".join(images[0])), alt)
    return None


def write_picture(finished: FinishedRun, folder: Path) -> None:
    """Write the picture of a run, if it has one, below `folder`."""
    if picture := picture_of(finished):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / picture.name).write_bytes(picture.png)


def answer_of(finished: FinishedRun, titles: Sequence[str]) -> list[tuple[str, str]]:
    """(title, first sentence) of the run's sentences named by `titles`, or else of its first."""
    said = sentences(nbformat.read(finished.notebook, as_version=4))
    chosen = [title for name in titles for title in said if title.startswith(name)]
    chosen = (chosen or list(said))[:MOST_ANSWERS]
    return [(title, with_support(first_sentence(said[title]))) for title in chosen]


def one_minute(finished: FinishedRun, question: Question | None) -> str:
    """Markdown of the section *In one minute*; "" where the run says, judges and draws nothing."""
    said = answer_of(finished, question.answer if question else ())
    bar, picture = verdict_bar(read_claims(finished)), picture_of(finished)
    if not (said or bar or picture):
        return ""
    parts = ["## In one minute"]
    parts += [f"*{question.question}*"] if question else []
    parts += ["\n".join(f"- **{_ended(title)}** {text}" for title, text in said)] if said else []
    parts += [bar] if bar else []
    if picture:
        path = f"../book/{FIGURES}/{picture.name}"
        parts.append(f"```{{image}} {path}\n:alt: {picture.alt}\n:class: one-minute\n```")
    more = ["[all takeaways](#key-takeaways)"] if said else []
    if bar and _has_heading(finished, "Reproduction table"):
        more.append("[every claim and its verdict](#reproduction-table)")
    return "\n\n".join(parts) + (f"\n\nBelow: {' and '.join(more)}." if more else "")


def _has_heading(finished: FinishedRun, title: str) -> bool:
    """Whether the run's notebook has a section of that name."""
    notebook = nbformat.read(finished.notebook, as_version=4)
    prose = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return any(f"## {title}" in text.splitlines() for text in prose)


def _ended(title: str) -> str:
    return title if title[-1] in "?!" else f"{title}."
