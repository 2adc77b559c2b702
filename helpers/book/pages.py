"""The generated parts of the prose pages: Markdown made from finished runs.

A prose page asks for one with a line `<!-- insert: name -->`; `fill` puts it there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from helpers.book.finished import FinishedRun
from helpers.runs.number_format import (
    counted,
    readable_duration,
    readable_number,
    readable_spread,
    table,
)

INSERT = re.compile(r"^<!-- insert: (?P<name>[\w-]+) -->$", re.MULTILINE)

DATASET_NOTES = {
    "demo": (
        "Simulated tumours",
        "This copy was made from **simulated tumours**. It shows that everything runs and that "
        "planted structure is found again; it says nothing about patients. "
        "`make book DATASET=real` makes the book from the real cohorts.",
    ),
    "real": (
        "Real tumours",
        "This copy was made from **real tumour profiles** of The Cancer Genome Atlas. "
        "Each chapter names its cohort and sample counts below its title.",
    ),
}


def fill(text: str, inserts: Mapping[str, str]) -> str:
    """`text` with every line `<!-- insert: name -->` replaced by `inserts[name]`.

    Raises: ValueError for a name that `inserts` lacks.
    """

    def replacement(request: re.Match) -> str:
        if request["name"] not in inserts:
            raise ValueError(
                f"A page asks for `<!-- insert: {request['name']} -->`, which is none of "
                f"{', '.join(sorted(inserts))}."
            )
        return inserts[request["name"]]

    return INSERT.sub(replacement, text)


def page_link(finished: FinishedRun, text: str) -> str:
    """Markdown link to the run's page from a page in `book/`."""
    return f"[{text}](../{finished.entry.page}.ipynb)"


# ---- the first page -------------------------------------------------------------------------


def page_title(finished: FinishedRun) -> str:
    """Short name of a run's page in tables: the notebook and the page's suffix."""
    return f"{finished.entry.notebook}{finished.entry.suffix}"


def dataset_note(dataset: str, quick: bool) -> str:
    """Admonition: from which kind of data this copy of the book was made."""
    title, text = DATASET_NOTES[dataset]
    kind = "warning" if quick or dataset == "demo" else "note"
    if quick:
        text += " It is a **quick build**: its numbers mean nothing."
    return f":::{{admonition}} {title}\n:class: {kind}\n{text}\n:::"


# ---- the status page ------------------------------------------------------------------------


def status_table(runs: Sequence[FinishedRun]) -> str:
    """Two tables, a row a page: what was run and for how long; from what, and where."""
    what = {
        "Cohort": lambda run: f"`{run.cohort_name}`",
        "Size": lambda run: run.size,
        "Seed": lambda run: f"`{run.run.get('seed')}`",
        "Time": lambda run: readable_duration(run.run["duration_s"]),
        "Peak memory": lambda run: run.peak_memory,
    }
    whence = {
        "Device": lambda run: run.device,
        "Commit": lambda run: f"`{run.commit}`",
        "Date": lambda run: run.run["started"][:10],
        "Run id": lambda run: f"`{run.run['run_id']}`",
    }
    return "\n\n".join(_by_page(runs, facts) for facts in (what, whence))


def _by_page(runs: Sequence[FinishedRun], facts: Mapping[str, Callable]) -> str:
    rows = [
        [page_link(run, page_title(run)), *(fact(run) for fact in facts.values())] for run in runs
    ]
    return table(["Page", *facts], rows)


def version_table(runs: Sequence[FinishedRun]) -> str:
    """Table: the version of each package, and which pages have which where they differ."""
    versions = {page_title(run): run.run.get("versions", {}) for run in runs}
    names = sorted({name for one in versions.values() for name in one})
    return table(["Package", "Version"], [[name, _version(name, versions)] for name in names])


def _version(name: str, versions: Mapping[str, Mapping[str, str]]) -> str:
    pages: dict[str, list[str]] = {}
    for page, found in versions.items():
        pages.setdefault(found.get(name, "none"), []).append(page)
    if len(pages) == 1:
        return next(iter(pages))
    return "; ".join(f"{version} ({', '.join(titles)})" for version, titles in pages.items())


# ---- every number -----------------------------------------------------------------------


def metric_tables(runs: Sequence[FinishedRun]) -> str:
    """One heading and fold a notebook and section, one row a metric, one column a run.

    `<key>` and `<key>_sd` become one row "mean ± SD".
    """
    parts = []
    for notebook in dict.fromkeys(run.entry.notebook for run in runs):
        shown = [run for run in runs if run.entry.notebook == notebook]
        columns = [_merged_spread(run.metrics) for run in shown]
        keys = list(dict.fromkeys(key for column in columns for key in column))
        parts.append(f"## Notebook `{notebook}`")
        for section in dict.fromkeys(key.split(".")[0] for key in keys):
            rows = [
                [f"`{key.split('.', 1)[1]}`", *(column.get(key, "") for column in columns)]
                for key in keys
                if key.split(".")[0] == section
            ]
            header = [
                "Metric",
                *(page_link(run, run.cohort_name + run.entry.suffix) for run in shown),
            ]
            parts += [
                f"### {section.capitalize().replace('_', ' ')}",
                f"::::{{dropdown}} {counted(len(rows), 'number')}\n{table(header, rows)}\n::::",
            ]
        if not keys:
            parts.append("The runs of this notebook recorded no metric.")
    return "\n\n".join(parts)


def _merged_spread(metrics: Mapping[str, float]) -> dict[str, str]:
    merged = {}
    for key, value in metrics.items():
        stem = key.removesuffix("_sd")
        mean, sd = metrics.get(stem), metrics.get(f"{stem}_sd")
        if mean is not None and sd is not None:
            merged[stem] = readable_spread(mean, sd)
        else:
            merged[key] = readable_number(value)
    return merged
