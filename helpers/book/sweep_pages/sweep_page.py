"""The book's pages on sweeps: one a sweep, made from its published table and from a fresh one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.book.interactive.sweep_place import with_closer_sweep
from helpers.book.sweep_pages.sweep_figure import caption, write_figure
from helpers.book.sweep_pages.sweep_results import SweepResult, by_chapter, read_results
from helpers.book.sweep_pages.sweep_tables import (
    MOST_ROWS,
    NO_WORDS,
    configuration_table,
    run_table,
)
from helpers.runs.number_format import (
    inert,
    readable_commit,
    readable_duration,
    readable_value,
    table,
)
from helpers.runs.parameters import Parameter

FOLDER = "book/sweeps"
# The tables need the room of the page's own contents, which are four headings.
WHOLE_WIDTH = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"


def overview(published: Path, made: Path, notebooks: Iterable[str] = ()) -> str:
    """Table of all sweeps by chapter, with links to their pages, for book/sweeps.md.

    `notebooks`: names of the chapters' notebooks.
    """
    fresh, kept = read_results(made), read_results(published)
    both = fresh | kept
    if not both:
        return (
            "No sweep has been published, and none has been run where this copy of the book was "
            "made (`results/sweeps/` holds no table)."
        )
    rows = []
    for name, chapter in by_chapter(both, notebooks).items():
        result = both[name]
        varied = ", ".join(f"`{one}`" for one in result.varied) or "seeds"
        row = [chapter, f"[{_title(result)}](sweeps/{name}.md)", varied]
        row += [str(result.about["n_runs"])]
        if fresh:
            sources = {"published": kept, "made here": fresh}
            row += [" and ".join(word for word, sweeps in sources.items() if name in sweeps)]
        rows.append(row)
    return table(["Chapter", "Sweep", "Varied", "Runs", *(["Table"] if fresh else [])], rows)


def stage_sweeps(
    site: Path,
    published: Path,
    results: Path,
    notebooks: Mapping[str, Sequence[Parameter]],
    words: Mapping[str, str] = NO_WORDS,
) -> list[str]:
    """Write a page for every sweep below `site` and list it in its _toc.yml; their names.

    `results` holds the runs and sweeps/ made here; `notebooks`: parameters of each notebook;
    `words`: how parts of metrics' names are read.
    """
    originals, reruns = read_results(published), read_results(results / "sweeps")
    names = list(by_chapter(reruns | originals, notebooks))
    folder = site / FOLDER
    for name in names:
        (folder / "_files").mkdir(parents=True, exist_ok=True)
        rerun = reruns.get(name)
        shown, again = (originals[name], rerun) if name in originals else (rerun, None)
        runs = _stage_notebooks(rerun, results, folder / "_files") if rerun else {}
        shutil.copy(shown.path, folder / "_files" / f"{name}.csv")
        alt = write_figure(shown, again, folder / "_files" / f"{name}.png", words)
        parameters = notebooks.get(shown.about["notebook"], ())
        text = page(shown, again, parameters, runs, alt, words)
        text = WHOLE_WIDTH + with_closer_sweep(text, shown, site)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    _list_pages(site / "_toc.yml", names)
    return names


def page(
    shown: SweepResult,
    fresh: SweepResult | None,
    parameters: Sequence[Parameter],
    notebooks: Mapping[str, str],
    alt: str,
    words: Mapping[str, str] = NO_WORDS,
) -> str:
    """Markdown of the page of a sweep.

    `shown`: the published table, or the one made here where none is; `fresh`: the one made here
    beside a published one; `parameters`: the notebook's; `notebooks`: run id → file of the executed
    notebook, for those that are here; `alt`: what the figure shows, "" without one; `words`: how
    parts of metrics' names are read.
    """
    parts = [f"# {_title(shown)}", shown.about["about"], _card(shown, fresh)]
    parts += ["## What was varied", _varied(shown, parameters)]
    if (fixed := _fixed(shown, parameters)) is not None:
        parts += ["Set for this sweep, other than in the notebook:", fixed]
    heading = "## Configurations" if shown.has_labels else "## Configurations, best first"
    parts += [heading, configuration_table(shown, fresh, words)]
    if alt:
        options = f":alt: {alt}\n:width: 100%"
        text = caption(shown, fresh)
        parts.append(f"```{{figure}} _files/{shown.name}.png\n{options}\n\n{text}\n```")
    parts += ["## Every run", run_table(fresh or shown, notebooks, words)]
    parts.append(
        f"The whole table, its columns named as runs name them: "
        f"{{download}}`{shown.name}.csv <_files/{shown.name}.csv>`."
    )
    for result in filter(None, [shown, fresh]):
        if len(result.failed):
            parts += ["## Runs that failed", _failures(result)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(result: SweepResult) -> str:
    return result.about["title"] or result.name


def _card(shown: SweepResult, fresh: SweepResult | None) -> str:
    lines = [_made(shown, "Published" if shown.about.get("is_published") else "Made here")]
    lines += [_made(fresh, "Made here, shown beside it")] if fresh else []
    sums = [[f"`{name}`", f"`{sha}`"] for name, sha in shown.about["inputs"].items()]
    fold = ["", ":::{dropdown} Data files", ":class-body: source-files"]
    data = [*fold, table(["File", "sha256"], sums), ":::"] if sums else []
    return "\n".join(
        [
            f"::::{{admonition}} {shown.about['n_runs']} runs",
            ":class: run-card",
            *lines,
            *data,
            "::::",
        ]
    )


def _made(result: SweepResult, what: str) -> str:
    about = result.about
    hardware = about.get("hardware", {})
    machine = ", ".join(
        str(part) for part in (hardware.get("gpu"), hardware.get("cpu")) if part is not None
    )
    seconds = readable_duration(about.get("seconds", 0))
    return (
        f"- {what}: {about['n_finished']} of {about['n_runs']} runs, {seconds} of runs in all, "
        f"{' and '.join(about.get('devices', [])).upper()} ({machine}, "
        f"{hardware.get('cores', '?')} cores), commit `{readable_commit(about)}`, "
        f"{about.get('date', 'no date')}."
    )


def _varied(result: SweepResult, parameters: Sequence[Parameter]) -> str:
    meaning = {parameter.name: parameter.comment for parameter in parameters}
    drawn = result.about["drawn"]
    rows = [
        [f"`{name}`", meaning.get(name, ""), _values(result.table[name], drawn.get(name))]
        for name in result.varied
    ]
    seeds = ", ".join(str(seed) for seed in result.about["seeds"])
    search = " The values were chosen by Optuna as it learnt." if result.about["search"] else ""
    text = table(["Parameter", "Meaning", "Values"], rows) if rows else ""
    return f"{text}\n\nSeeds: {seeds or 'as the notebook has it'}.{search}".strip()


def _values(column: pd.Series, drawn: Mapping[str, Any] | None) -> str:
    if drawn:
        ((kind, given),) = drawn.items()
        words = ", ".join(inert(readable_value(value)) for value in given)
        return {"choice": f"one of {words}", "uniform": f"Uniform({words})"}.get(
            kind, f"10^Uniform({words})"
        )
    return ", ".join(inert(readable_value(value)) for value in column.dropna().unique())


def _fixed(result: SweepResult, parameters: Sequence[Parameter]) -> str | None:
    by_name = {parameter.name: parameter for parameter in parameters}
    rows = [
        [
            f"`{name}`",
            inert(readable_value(value)),
            inert(readable_value(by_name[name].default)),
            by_name[name].comment,
        ]
        for name, value in result.about["same"].items()
        if name in by_name and value != by_name[name].default
    ]
    return table(["Parameter", "Here", "Default", "Meaning"], rows) if rows else None


def _failures(result: SweepResult) -> str:
    rows = [
        [f"`{row['run_id']}`", inert(row.get("error", ""))] for _, row in result.failed.iterrows()
    ]
    return table(["Run", "Why"], rows)


def _stage_notebooks(result: SweepResult, results: Path, target: Path) -> dict[str, str]:
    """Copy the executed notebooks of the runs that are here; run id → file for a link."""
    links = {}
    for _, row in result.finished.head(MOST_ROWS).iterrows():
        notebook = results / str(row.get("folder", "")) / "notebook.ipynb"
        if notebook.is_file():
            shutil.copy(notebook, target / f"{row['run_id']}.ipynb")
            links[row["run_id"]] = f"_files/{row['run_id']}.ipynb"
    return links


def _list_pages(toc: Path, names: Sequence[str]) -> None:
    """List the pages in `toc` below the page book/sweeps, where there is one."""
    content = yaml.safe_load(toc.read_text(encoding="utf-8"))

    def visit(node: Any) -> None:
        if isinstance(node, dict) and node.get("file") == FOLDER and names:
            node["sections"] = [{"file": f"{FOLDER}/{name}"} for name in names]
        for child in node if isinstance(node, list) else getattr(node, "values", list)():
            if isinstance(child, list | dict):
                visit(child)

    visit(content)
    toc.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
