"""The README's table: what became of each paper's claims, from the published runs.

It stands between two comments and is written anew with every published run; a test holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from helpers.book.overviews.beside_published import published_runs
from helpers.book.overviews.claim_rows import VERDICTS, WORDS
from helpers.runs.number_format import table

PLACE = re.compile(r"(?<=<!-- verdicts -->\n).*?(?=<!-- end of verdicts -->)", re.DOTALL)
COUNT = "reproduction.n_claims."  # of the metrics
DEMO = "demo"  # how the names of simulated cohorts begin


def published_verdicts(published: Path, notebooks: Mapping[str, str]) -> str:
    """Markdown: a row a published run on real data, a column a verdict.

    `notebooks`: notebook → how its paper is called, in the order of the rows. A paper without a
    published run has a row that says so.
    """
    records = [one for one in published_runs(published) if not one["cohort"].startswith(DEMO)]
    verdicts = [name for name in VERDICTS if any(_count(one, name) for one in records)]
    rows = []
    for notebook, paper in notebooks.items():
        mine = [record for record in records if record["notebook"] == notebook]
        rows += [
            [paper, f"`{one['cohort']}`", *(str(_count(one, name)) for name in verdicts)]
            for one in mine
        ] or [[paper, "no run is published yet", *("" for _ in verdicts)]]
    words = [WORDS.get(name, name).capitalize() for name in verdicts]
    return table(["Paper", "Cohort", *words], rows)


def update_readme(readme: Path, published: Path) -> bool:
    """Write the table into `readme`; False where it has no place for one."""
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    if not PLACE.search(text):
        return False
    written = f"\n{published_verdicts(published, named_papers(text))}\n\n"
    readme.write_text(PLACE.sub(lambda _: written, text), encoding="utf-8")
    return True


def named_papers(readme: str) -> dict[str, str]:
    """Notebook → first author and room, as the README's list of notebooks has them."""
    row = re.compile(r"^\| \[(?P<name>\w+)\]\(notebooks/\w+\.ipynb\) \| (?P<paper>[^,|]+),", re.M)
    return {
        found["name"]: f"[{found['paper']}](notebooks/{found['name']}.ipynb)"
        for found in row.finditer(readme)
    }


def _count(record: Mapping, verdict: str) -> int:
    return int(record["metrics"].get(COUNT + verdict.replace(" ", "_"), 0))
