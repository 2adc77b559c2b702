"""What the chapters ask and what is asked across them: `book/questions.toml`, read and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from helpers.book.finished import FinishedRun


@dataclass(frozen=True)
class Question:
    """What a chapter asks.

    question  in a sentence
    name      of the chapter, short
    answer    bold beginnings of the run's own sentences that answer it, in order
    change    the parameter that teaches most, with another value
    why       what to look at then
    """

    notebook: str
    question: str
    name: str = ""
    answer: tuple[str, ...] = ()
    change: dict[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Finding:
    """One sentence over a run. `text` may hold {order}, {numbers}, {cohort} and names of `metrics`.

    Compared are two methods in a `table` of the run, one value a seed in `column`: rows where
    `a` holds, and rows where `b` does. `metrics`: name → key of the run's metrics.
    """

    notebook: str
    text: str
    table: str = ""
    column: str = ""
    a: dict[str, Any] = field(default_factory=dict)
    b: dict[str, Any] = field(default_factory=dict)
    higher_is_better: bool = True
    metrics: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Across:
    """A question to all papers and the findings that answer it."""

    question: str
    finding: tuple[Finding, ...]


@dataclass(frozen=True)
class Questions:
    """The whole file: chapters by notebook, what is asked across them, how tables are read."""

    chapters: dict[str, Question]
    across: tuple[Across, ...]
    words: dict[str, str]
    better: dict[str, str]
    units: dict[str, str]


def load_questions(path: Path) -> Questions:
    """Read `book/questions.toml`; an absent file asks nothing.

    Raises: ValueError for an unknown or missing key.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    try:
        chapters = [Question(**given) for given in content.get("chapter", [])]
        across = [
            Across(given["question"], tuple(Finding(**one) for one in given.get("finding", [])))
            for given in content.get("across", [])
        ]
    except (TypeError, KeyError) as error:
        fields = ", ".join((*Question.__dataclass_fields__, *Finding.__dataclass_fields__))
        raise ValueError(f"{path}: keys must be among {fields}: {error}.") from error
    by_notebook = {one.notebook: one for one in chapters}
    read = [content.get(name, {}) for name in ("words", "better", "units")]
    return Questions(by_notebook, tuple(across), *read)


def title_of(notebook: str, questions: dict[str, Question], finished: FinishedRun) -> str:
    """Name of a chapter: as its question has it, or the title of its notebook."""
    given = questions.get(notebook)
    return given.name if given and given.name else notebook_title(finished)


def notebook_title(finished: FinishedRun) -> str:
    """The `# ` line of a run's notebook."""
    for cell in nbformat.read(finished.notebook, as_version=4).cells:
        heading = re.search(r"^# +(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading:
            return heading[1].strip()
    return finished.entry.notebook
