"""Which cells of a page can be looked at closer, and where their data go.

A notebook says it in a cell's metadata, beside its caption: `"look_closer": {"kind": "map",
"table": "umap"}`, with the name of a recorded table. Where a run did not record it, the picture
stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbformat.v4 import new_markdown_cell

from helpers.book.finished import FinishedRun
from helpers.book.interactive.flows import describe_flow
from helpers.book.interactive.line_finder import describe_line_finder
from helpers.book.interactive.maps import describe_map
from helpers.book.interactive.packed_columns import script_of
from helpers.book.interactive.volcanoes import describe_volcano

ASKED = "look_closer"  # key of a cell's metadata
NAMES = ("sample", "tumour", "line", "feature")  # columns that are text whatever they look like
FOLDER = Path("book") / "_static" / "interactive"


def offer_closer_looks(page: nbformat.NotebookNode, finished: FinishedRun, site: Path) -> None:
    """Put a place for a drawing after each cell of `page` that asks for one; write its data.

    Data go below `site`, a file a drawing, and are loaded when the reader asks for them.

    Raises: ValueError when a cell asks for a kind of drawing that there is not.
    """
    cells = []
    for cell in page.cells:
        cells.append(cell)
        asked = cell.metadata.get(ASKED)
        description = asked and _described(asked, finished)
        if description:
            name = f"{finished.entry.page.rsplit('/', 1)[-1]}-{asked['kind']}-{asked['table']}"
            write_data(site, name, description)
            cells.append(
                new_markdown_cell(place_of(name, asked["kind"]), id=f"closer-{len(cells)}")
            )
    page.cells = cells


def _described(asked: Mapping[str, str], finished: FinishedRun) -> dict[str, Any] | None:
    """The drawing that a cell asks for; None where the run has no such table, or an empty one."""
    kind, table = asked["kind"], _table(finished, asked["table"])
    if kind not in ("map", "flow", "volcano", "lines"):
        raise ValueError(
            f"a cell's `{ASKED}` must name a kind of drawing: map, flow, volcano or lines; got "
            f"{kind!r} in {finished.entry.notebook}.ipynb. Change the cell's metadata."
        )
    if table is None or table.empty:
        return None
    if kind == "map":
        return describe_map(table)
    if kind == "flow":
        return describe_flow(table)
    if kind == "volcano":
        return describe_volcano(table, finished.run["parameters"].get(asked.get("threshold"), 0.0))
    return describe_line_finder(
        table, _table(finished, "ranked_lines"), _table(finished, "ranked_drugs")
    )


def _table(finished: FinishedRun, name: str) -> pd.DataFrame | None:
    path = finished.folder / "tables" / f"{name}.csv"
    if not path.is_file():
        return None
    # Only what is empty is missing: a gene or a sample may be called NA.
    table = pd.read_csv(path, dtype=dict.fromkeys(NAMES, str), keep_default_na=False, na_values="")
    return table if len(table) else None


def write_data(site: Path, name: str, description: dict[str, Any]) -> None:
    """Write the data of the drawing `name` below `site`."""
    folder = site / FOLDER / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.js").write_text(script_of(name, description), encoding="utf-8")


def place_of(name: str, kind: str) -> str:
    """HTML of the place where a drawing is offered, below its picture."""
    return f'<div class="look-closer" data-figure="{name}" data-kind="{kind}"></div>'
