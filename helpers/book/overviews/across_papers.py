"""What was learned across papers: sentences with their numbers from the runs that are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from helpers.book.chapter_pages.output_tables import with_support
from helpers.book.finished import FinishedRun
from helpers.book.overviews.claim_rows import WORDS, read_claims
from helpers.book.overviews.questions import Across, Finding
from helpers.evaluate.wording import compare


def across_sections(
    across: Sequence[Across],
    runs: Sequence[FinishedRun],
    level: str = "###",
    n_shown: int | None = None,
) -> str:
    """A heading a question and a list of its findings; what no run tells is left out.

    `n_shown`: findings of each question in view, the others folded; None for all.
    """
    parts = []
    for one in across:
        said = [sentence for finding in one.finding if (sentence := told(finding, runs))]
        if said:
            parts.append(f"{level} {one.question}\n\n{_listed(said[:n_shown])}")
            folded = said[n_shown:] if n_shown else []
            if folded:
                parts.append(f":::{{dropdown}} {len(folded)} more\n{_listed(folded)}\n:::")
    return "\n\n".join(parts)


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def told(finding: Finding, runs: Sequence[FinishedRun]) -> str:
    """The sentence of `finding` from the first run of its notebook; "" where that lacks a number.

    It ends with a link to the run's page.
    """
    finished = next((run for run in runs if run.entry.notebook == finding.notebook), None)
    words = {"cohort": f"`{finished.cohort_name}`"} if finished else None
    if words is not None and finding.metrics:
        words = _with_metrics(words, finding, finished)
    if words is not None and finding.table:
        words = _with_order(words, finding, finished)
    if words is None:
        return ""
    said = with_support(finding.text.format(**words))
    return f"{said} ([chapter](../{finished.entry.page}.ipynb))"


def _with_metrics(words: dict, finding: Finding, finished: FinishedRun) -> dict | None:
    given = {name: finished.metrics.get(key) for name, key in finding.metrics.items()}
    return None if None in given.values() else words | given


def _with_order(words: dict, finding: Finding, finished: FinishedRun) -> dict | None:
    path = finished.folder / "tables" / f"{finding.table}.csv"
    if not path.exists():
        return None
    table = pd.read_csv(path)
    sides = [_values(table, finding.column, which) for which in (finding.a, finding.b)]
    if not all(len(side) for side in sides):
        return None
    pair = compare(*sides, higher_is_better=finding.higher_is_better)
    return words | {"order": pair.order, "numbers": pair.numbers}


def _values(table: pd.DataFrame, column: str, which: dict) -> list[float]:
    """Values of `column` by seed, of the rows that have the values of `which`."""
    if column not in table or not set(which) <= set(table):
        return []
    for name, value in which.items():
        table = table[table[name] == value]
    table = table.sort_values("seed", kind="stable") if "seed" in table else table
    return table[column].dropna().tolist()


def verdicts_in_words(runs: Sequence[FinishedRun]) -> str:
    """How many of all papers' claims got which verdict, over the first run of every notebook."""
    firsts = {run.entry.notebook: run for run in reversed(runs)}
    claims = [claim for run in firsts.values() for claim in read_claims(run) if claim.is_papers]
    counts = Counter(claim.verdict for claim in claims)
    if not claims:
        return ""
    said = ", ".join(f"{n} {WORDS.get(word, word)}" for word, n in counts.most_common())
    return f"Of {len(claims)} claims of {len(firsts)} papers: {said}."
