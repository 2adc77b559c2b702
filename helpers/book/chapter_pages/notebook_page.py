"""An executed notebook → the page of the book that shows it.

The page gets what a reader asks first (on which data, on which machine, with which parameters)
and loses what only the machinery needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_markdown_cell

from helpers.book.chapter_pages.figure_numbers import number_figures
from helpers.book.chapter_pages.labels import rename_labels
from helpers.book.chapter_pages.opening import one_minute
from helpers.book.chapter_pages.output_tables import mend_tables
from helpers.book.chapter_pages.run_cards import commands, parameter_table, run_card
from helpers.book.finished import FinishedRun
from helpers.book.overviews.claim_rows import read_claims
from helpers.book.overviews.questions import Question
from helpers.book.overviews.results_page import claims_table

TITLE = re.compile(r"^# +(?P<title>.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Setting:
    """What a page takes from the book around it: its chapter's question and number, how names are
    read, which way columns are better, and their units.
    """

    question: Question | None = None
    chapter: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    better: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


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
    notebook: nbformat.NotebookNode, finished: FinishedRun, parameters: list, setting: Setting
) -> nbformat.NotebookNode:
    """Copy of `notebook` (from `with_outputs`), ready for the book.

    Adds the title's suffix, the answer in one minute and the run card below the title, and the
    commands and the table of `parameters` (`Parameter(name, type, default, comment)`) in the place
    of the parameters cell; numbers the figures, mends the tables; drops widget state and
    papermill's notes. On pages with a suffix, leaves out `first-page-only` cells and gives every
    label an ending of its own.

    Raises: ValueError when the notebook has no title or no parameters cell.
    """
    page = deepcopy(notebook)
    if finished.entry.suffix:
        page.cells = [cell for cell in page.cells if "first-page-only" not in _tags(cell)]
        rename_labels(page, ending="-" + finished.entry.page.rsplit("/", 1)[-1])
    for cell in page.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code" and "hide-input" not in _tags(cell):
            cell.metadata["tags"] = [*_tags(cell), "hide-input"]
    page.metadata.pop("widgets", None)
    _place_parameters(page, finished, parameters, setting.question)
    number_figures(page, setting.chapter)
    _show_claims(page, finished)
    mend_tables(page, setting.words, setting.better, setting.units)
    _insert_top(page, finished, setting.question)
    return page


def _place_parameters(
    page: nbformat.NotebookNode,
    finished: FinishedRun,
    parameters: list,
    question: Question | None,
) -> None:
    index = _parameters_index(page)
    cell = page.cells[index]
    cell.metadata["tags"] = [*_tags(cell), "remove-cell"]
    about = [
        (commands(finished, parameters, question), "commands"),
        (parameter_table(finished.run["parameters"], parameters), "parameter-table"),
    ]
    for place, (text, name) in enumerate(about, start=index + 1):
        page.cells.insert(place, _markdown(text, name))


def _tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _parameters_index(page: nbformat.NotebookNode) -> int:
    for index, cell in enumerate(page.cells):
        if "parameters" in _tags(cell):
            return index
    raise ValueError("The notebook must have a code cell tagged `parameters`; none was found.")


def _show_claims(page: nbformat.NotebookNode, finished: FinishedRun) -> None:
    """The table of claims as the page of results has it, in the place of the printed one."""
    claims = read_claims(finished)
    for cell in page.cells if claims else []:
        for output in cell.get("outputs", []) if cell.cell_type == "code" else []:
            html = "".join(output.get("data", {}).get("text/html", ""))
            if all(f"<th>{name}</th>" in html for name in ("claim", "tolerance", "verdict")):
                output["data"]["text/html"] = claims_table(claims, finished.entry.notebook)


def _insert_top(
    page: nbformat.NotebookNode, finished: FinishedRun, question: Question | None
) -> None:
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
    added = [
        (one_minute(finished, question), "one-minute"),
        (run_card(finished), "run-card"),
        (f"## The paper and this chapter\n\n{rest}" if rest else "", "after-run-card"),
    ]
    cells = [_markdown(text, name) for text, name in added if text]
    page.cells[index + 1 : index + 1] = cells


def _markdown(source: str, name: str) -> nbformat.NotebookNode:
    # A fixed id: nbformat's random one would make every staging look like a change.
    return new_markdown_cell(source, id=name)
