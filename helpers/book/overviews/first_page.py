"""The first page's generated parts: a card a paper, and what a rerun costs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpers.book.chapter_pages.opening import answer_of, picture_of
from helpers.book.finished import FinishedRun
from helpers.book.overviews.claim_rows import read_claims, verdict_bar
from helpers.book.overviews.questions import Question, title_of
from helpers.runs.number_format import counted, readable_duration

NUMBERS = re.compile(r" \([^()]* against [^()]*\)")  # of one comparison
MOST_NUMBERS = 2


def cards(runs: Sequence[FinishedRun], questions: dict[str, Question], papers: dict) -> str:
    """MyST grid, a card a notebook: name, question, picture, answer, verdicts, links.

    `papers`: notebook → citation of its paper in Markdown.
    """
    made = []
    for notebook in dict.fromkeys(run.entry.notebook for run in runs):
        first, *others = [run for run in runs if run.entry.notebook == notebook]
        made.append(_card(first, others, questions, papers.get(notebook, "")))
    grid = "::::{grid} 1 1 2 2\n:gutter: 3\n:class-container: papers"
    return "\n\n".join([grid, *made, "::::"])


def _card(
    first: FinishedRun, others: Sequence[FinishedRun], questions: dict[str, Question], paper: str
) -> str:
    given = questions.get(first.entry.notebook)
    title = title_of(first.entry.notebook, questions, first)
    picture = picture_of(first)
    said = answer_of(first, given.answer[:1] if given else ())
    links = [f"[Read the chapter](../{first.entry.page}.ipynb)"]
    links += [f"[{run.entry.suffix.strip(' ·')}](../{run.entry.page}.ipynb)" for run in others]
    parts = [
        f":::{{grid-item-card}} {title}",
        f"*{given.question}*" if given else "",
        f"```{{image}} _figures/{picture.name}\n:alt: {picture.alt}\n:width: 100%\n```"
        if picture
        else "",
        at_a_glance(said[0][1]) if said else "",
        verdict_bar(read_claims(first)),
        f"{paper}, on `{first.cohort_name}`." if paper else f"On `{first.cohort_name}`.",
        " · ".join(links),
        ":::",
    ]
    return "\n\n".join(part for part in parts if part)


def at_a_glance(answer: str) -> str:
    """The answer of a card, without its numbers where it compares with more than `MOST_NUMBERS`."""
    return NUMBERS.sub("", answer) if len(NUMBERS.findall(answer)) > MOST_NUMBERS else answer


def rerun_cost(runs: Sequence[FinishedRun]) -> str:
    """What the runs of this copy of the book took: time in all, the longest, and memory."""
    seconds = [run.run["duration_s"] for run in runs]
    longest = max(runs, key=lambda run: run.run["duration_s"])
    memory = [run.run["peak_memory_mb"] for run in runs if run.run.get("peak_memory_mb")]
    took = (
        f"The {counted(len(runs), 'run')} of this copy of the book took "
        f"**{readable_duration(sum(seconds))}** one after the other; the longest, "
        f"{title_of(longest.entry.notebook, {}, longest).split(':')[0]}{longest.entry.suffix}, "
        f"{readable_duration(max(seconds))}, on {longest.device}."
    )
    return took + (
        f" At most {max(memory) * 2**20 / 1e9:.1f} GB of memory were used by one." if memory else ""
    )
