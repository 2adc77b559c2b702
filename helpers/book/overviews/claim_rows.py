"""A paper's claims as a run judged them, read from its table `reproduction`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import nbformat
import pandas as pd
from docutils.nodes import make_id

from helpers.book.finished import FinishedRun

# Verdict → (class of its colour, sign); best first.
VERDICTS = {
    "reproduced": ("reproduced", "✓"),
    "partly": ("partly", "◐"),
    "not": ("not", "✗"),
    "uncertain": ("uncertain", "?"),
    "not testable here": ("untested", "–"),
}
WORDS = {"not": "not reproduced", "partly": "partly reproduced"}
HEADING = re.compile(r"^#{2,3} +(?P<text>.+?)[ \t]*$", re.MULTILINE)
MARK = re.compile(
    r"\b(?P<kind>figure|table)s? (?P<first>\d+)"
    r"(?:(?: to |–)(?P<last>\d+)|(?P<letter>[a-h])(?:–(?P<until>[a-h]))?)?",
    re.IGNORECASE,
)
FALLBACK = "Reproduction table"


@dataclass(frozen=True)
class ClaimRow:
    """One claim: what the paper says, what was found, what would have counted, the verdict."""

    claim: str
    where: str
    reference: str  # the paper's value; the planted truth's on simulated data
    here: str  # mean ± SD
    n: int
    tolerance: str
    verdict: str
    reason: str
    address: str  # of the section, from a page in book/

    @property
    def is_papers(self) -> bool:
        """Whether the paper makes the claim; otherwise it is a question of this book's own."""
        return not self.where.startswith("not ")


def read_claims(finished: FinishedRun) -> list[ClaimRow]:
    """The claims of a run with their verdicts, in its order; [] where it judged none."""
    path = finished.folder / "tables" / "reproduction.csv"
    if not path.exists():
        return []
    table = pd.read_csv(path, keep_default_na=False, dtype=str)
    reference = "paper" if "paper" in table else "truth"
    headings = _headings(finished)
    page = f"../{finished.entry.page}.html"
    return [
        ClaimRow(
            claim=row["claim"],
            where=row["where"],
            reference=row.get(reference, ""),
            here=row["here"],
            n=int(row["n"] or 0),
            tolerance=row["tolerance"],
            verdict=row["verdict"],
            reason=row["reason"],
            address=f"{page}#{make_id(section_of(row['where'], headings))}",
        )
        for row in table.to_dict("records")
    ]


def _headings(finished: FinishedRun) -> list[str]:
    notebook = nbformat.read(finished.notebook, as_version=4)
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [found["text"] for text in prose for found in HEADING.finditer(text)]


def section_of(where: str, headings: Iterable[str]) -> str:
    """The heading that names the figure or table of `where`, or that of the table of claims.

    "figure 7d" is found under "Latent groups (figure 7d–e)", "table 3" under "Table 3: subtypes".
    """
    wanted = marks(where)
    named = [(marks(heading), heading) for heading in headings]
    for is_same in (
        lambda found: found & wanted,
        lambda found: (
            {mark.rstrip("abcdefgh") for mark in found}
            & {mark.rstrip("abcdefgh") for mark in wanted}
        ),
    ):
        for found, heading in named:
            if is_same(found):
                return heading
    return FALLBACK


def marks(text: str) -> set[str]:
    """Figures and tables that a text names: "figures 3 to 5" → figure3, figure4, figure5."""
    found = set()
    for match in MARK.finditer(text):
        kind, first = match["kind"].lower(), match["first"]
        if match["last"]:
            numbers = range(int(first), int(match["last"]) + 1)
            found |= {f"{kind}{number}" for number in numbers}
        elif letter := match["letter"]:
            codes = range(ord(letter), ord(match["until"] or letter) + 1)
            found |= {f"{kind}{first}{chr(code)}" for code in codes}
        else:
            found.add(f"{kind}{first}")
    return found


def badge(verdict: str) -> str:
    """HTML of a verdict: its sign and its words, never its colour alone."""
    name, sign = VERDICTS[verdict]
    words = WORDS.get(verdict, verdict)
    return (
        f'<span class="verdict {name}"><span class="sign" aria-hidden="true">{sign}</span> '
        f"{escape(words)}</span>"
    )


def verdict_bar(claims: Iterable[ClaimRow]) -> str:
    """HTML: a bar of the paper's claims by verdict with the counts in words; "" without claims."""
    papers = [claim for claim in claims if claim.is_papers]
    counts = Counter(claim.verdict for claim in papers)
    if not counts:
        return ""
    told = [(word, counts[word]) for word in VERDICTS if counts[word]]
    parts = "".join(
        f'<span class="part {VERDICTS[word][0]}" style="flex-grow:{n}">{n}</span>'
        for word, n in told
    )
    words = ", ".join(f"{n} {WORDS.get(word, word)}" for word, n in told)
    noun = "claim" if len(papers) == 1 else "claims"
    return (
        f'<div class="verdict-bar"><div class="bar" aria-hidden="true">{parts}</div>'
        f'<p class="counts">{len(papers)} {noun} of the paper: {words}</p></div>'
    )
