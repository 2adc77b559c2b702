"""The page of results: every claim in a table a paper, as HTML that works without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from helpers.book.chapter_pages.output_tables import with_support
from helpers.book.finished import FinishedRun
from helpers.book.overviews.claim_rows import VERDICTS, ClaimRow, badge, read_claims, verdict_bar
from helpers.book.overviews.questions import Question, title_of

HEADER = ("The paper's claim", "Paper", "Here", "Counts as reproduced", "Verdict")


def claim_tables(runs: Sequence[FinishedRun], questions: dict[str, Question]) -> str:
    """A heading and a table of claims for every notebook; its further runs folded below it.

    `questions` by notebook, see `helpers.book.overviews.questions`.
    """
    parts = ['<div class="claim-filter" data-for="claims"></div>']
    for notebook in dict.fromkeys(run.entry.notebook for run in runs):
        first, *others = [run for run in runs if run.entry.notebook == notebook]
        claims = read_claims(first)
        parts.append(f"## {title_of(notebook, questions, first)}")
        if not claims:
            parts.append("This chapter's run judged no claim.")
            continue
        parts += [_on(first), verdict_bar(claims), claims_table(claims, notebook)]
        for other in others:
            again = read_claims(other)
            text = f"The same on another cohort: {other.cohort_name}{other.entry.suffix}"
            inside = verdict_bar(again) + claims_table(again, notebook)
            parts.append(
                f'<details class="claims-again"><summary>{escape(text)}</summary>{inside}</details>'
                if again
                else ""
            )
    return "\n\n".join(part for part in parts if part)


def _on(finished: FinishedRun) -> str:
    link = f"[the chapter](../{finished.entry.page}.ipynb)"
    return f"From {link} on `{finished.cohort_name}`, {finished.size}."


def claims_table(claims: Sequence[ClaimRow], notebook: str) -> str:
    """HTML: a row a claim; the filter of the page reads its paper and its verdict."""
    header = "".join(f'<th scope="col">{name}</th>' for name in HEADER)
    rows = "".join(_row(claim, notebook) for claim in claims)
    return (
        f'<table class="table claims"><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _row(claim: ClaimRow, notebook: str) -> str:
    name = VERDICTS[claim.verdict][0]
    whose = escape(claim.where) if claim.is_papers else f"our question: {escape(claim.where)}"
    n = f'<span class="n">n = {claim.n}</span>' if claim.n else ""
    reason = f'<p class="reason">{escape(claim.reason)}</p>' if claim.reason else ""
    cells = [
        f'<th scope="row"><a href="{claim.address}">{escape(claim.claim)}</a>'
        f'<span class="where">{whose}</span></th>',
        _cell("Paper", escape(with_support(claim.reference))),
        _cell("Here", f"{escape(with_support(claim.here))} {n}"),
        _cell("Counts as reproduced", escape(claim.tolerance)),
        _cell("Verdict", badge(claim.verdict) + reason),
    ]
    return f'<tr data-paper="{notebook}" data-verdict="{name}">{"".join(cells)}</tr>'


def _cell(name: str, content: str) -> str:
    return f'<td data-name="{name}">{content}</td>'
