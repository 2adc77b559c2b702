"""An executed notebook → the page of the book that shows it.

The page gets what a reader asks first (on which data, on which machine, with which parameters)
and loses what only the machinery needs.
"""

from __future__ import annotations

import re
from copy import deepcopy

import nbformat
from nbformat.v4 import new_markdown_cell

from helpers.book.finished import FinishedRun
from helpers.book.labels import rename_labels
from helpers.runs.number_format import code, inert, readable_duration, table

TITLE = re.compile(r"^# +(?P<title>.+?)[ \t]*$", re.MULTILINE)


def with_outputs(
    source: nbformat.NotebookNode, executed: nbformat.NotebookNode
) -> nbformat.NotebookNode:
    """The notebook `source` with the outputs of its `executed` copy.

    A run stays valid when only prose changes, so prose, tags and captions come from `source`.
    Papermill's cell of injected parameters is kept, out of sight.

    Raises: ValueError when the code of the two differs.
    """
    page = deepcopy(source)
    ran = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    injected = [cell for cell in ran if "injected-parameters" in _tags(cell)]
    ran = [cell for cell in ran if cell not in injected]
    code = [cell for cell in page.cells if cell.cell_type == "code" and cell.source.strip()]
    if [cell.source.strip() for cell in code] != [cell.source.strip() for cell in ran]:
        raise ValueError(
            "The executed notebook must have the code of its source; its code cells differ, as "
            "when a notebook is edited while it runs. Make the book again."
        )
    for cell, result in zip(code, ran, strict=True):
        cell.outputs, cell.execution_count = result.outputs, result.execution_count
    for cell in injected:
        cell.metadata["tags"] = [*_tags(cell), "remove-cell"]
        page.cells.insert(_parameters_index(page) + 1, cell)
    page.metadata["papermill"] = {
        "exception": executed.metadata.get("papermill", {}).get("exception")
    }
    return page


def notebook_page(
    notebook: nbformat.NotebookNode, finished: FinishedRun, parameters: list
) -> nbformat.NotebookNode:
    """Copy of `notebook` (from `with_outputs`), ready for the book.

    Adds the title's suffix, the run card below the title and the table of `parameters`
    (`Parameter(name, type, default, comment)`) below the parameters cell;
    drops widget state and papermill's notes. On pages with a suffix, leaves out
    `first-page-only` cells and gives every label an ending of its own.

    Raises: ValueError when the notebook has no title or no parameters cell.
    """
    page = deepcopy(notebook)
    if finished.entry.suffix:
        page.cells = [cell for cell in page.cells if "first-page-only" not in _tags(cell)]
        rename_labels(page, ending="-" + finished.entry.page.rsplit("/", 1)[-1])
    for cell in page.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    page.metadata.pop("widgets", None)
    about = parameter_table(finished.run["parameters"], parameters)
    page.cells.insert(_parameters_index(page) + 1, _markdown(about, "parameter-table"))
    _insert_run_card(page, finished)
    return page


def _tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _parameters_index(page: nbformat.NotebookNode) -> int:
    for index, cell in enumerate(page.cells):
        if "parameters" in _tags(cell):
            return index
    raise ValueError("The notebook must have a code cell tagged `parameters`; none was found.")


def _insert_run_card(page: nbformat.NotebookNode, finished: FinishedRun) -> None:
    for index, cell in enumerate(page.cells):  # noqa: B007
        heading = TITLE.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            break
    else:
        raise ValueError(
            f"{finished.entry.notebook}.ipynb must have a title: a Markdown cell with a `# ` line."
        )
    title = f"# {heading['title']}{finished.entry.suffix}"
    rest = cell.source[heading.end() :].strip()
    cell.source = (cell.source[: heading.start()] + title).strip()
    page.cells.insert(index + 1, _markdown(run_card(finished), "run-card"))
    if rest:
        page.cells.insert(index + 2, _markdown(rest, "after-run-card"))


def _markdown(source: str, name: str) -> nbformat.NotebookNode:
    # A fixed id: nbformat's random one would make every staging look like a change.
    return new_markdown_cell(source, id=name)


def run_card(finished: FinishedRun) -> str:
    """MyST admonition: cohort and size in its title, caveats, and the provenance on demand."""
    run = finished.run
    took = readable_duration(run["duration_s"])
    notes = "\n".join(f"- {note}" for note in finished.cohort.get("notes", []))
    return "\n".join(
        [
            f"::::{{admonition}} Run card: `{finished.cohort_name}`, {finished.size}",
            ":class: run-card",
            f"Computed in **{took}** on **{finished.device}**, {run['started'][:10]}.",
            *(["", "About these data:", "", notes] if notes else []),
            "",
            ":::{dropdown} Everything needed to repeat this run",
            table(["", ""], _provenance(finished)),
            ":::",
            "::::",
        ]
    )


def _provenance(finished: FinishedRun) -> list[list[str]]:
    run, versions = finished.run, finished.run.get("versions", {})
    return [
        ["Cohort", f"`{finished.cohort_name}`, {finished.size}"],
        ["Unit", inert(finished.cohort.get("unit", "not recorded"))],
        ["Seed", f"`{run.get('seed', run['parameters'].get('seed', 'none'))}`"],
        ["Device", finished.device],
        ["Duration", readable_duration(run["duration_s"])],
        ["Peak memory", finished.peak_memory],
        ["Python", versions.get("python", "not recorded")],
        ["torch", versions.get("torch", "not recorded")],
        ["Code", f"commit `{finished.commit}`"],
        ["helpers", f"`{run.get('helpers_path', 'not recorded')}`"],
        ["Run id", f"`{run['run_id']}`"],
        ["Started", f"{run['started'][:19].replace('T', ' ')} UTC"],
    ]


def parameter_table(used: dict, parameters: list) -> str:
    """Table of the run's parameters; a value that differs from its default stands in bold."""
    rows = []
    for parameter in parameters:
        if parameter.name == "out_dir":  # where the run was written, not what it computed
            continue
        value = used.get(parameter.name, parameter.default)
        shown = code(repr(value)) if value == parameter.default else f"**{code(repr(value))}**"
        rows.append(
            [
                f"`{parameter.name}`",
                shown,
                code(repr(parameter.default)),
                f"`{getattr(parameter.type, '__name__', parameter.type)}`",
                parameter.comment,
            ]
        )
    header = ["Parameter", "In this run", "Default", "Type", "Meaning"]
    return (
        "The run shown on this page used these values; those that differ from the default are "
        f"in bold.\n\n:::{{div}} parameter-table\n\n{table(header, rows)}\n\n:::"
    )
