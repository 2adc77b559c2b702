"""The exercises: notebooks with solutions in notebooks/course/, run and scored.

A cell is graded by its nbgrader metadata: `points` are earned when the cell, which asserts what a
right answer has, ends without an error. Written answers are a person's to grade and earn nothing
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from helpers import files

TIMEOUT = 600  # seconds a cell may take


@dataclass(frozen=True)
class Score:
    """One graded cell: its id, the points earned and possible, the error it ended with or ""."""

    cell: str
    earned: float
    possible: float
    error: str


def exercise_notebooks() -> list[Path]:
    """The source notebooks, with solutions, in the order of the chapters."""
    return sorted((files.project_root() / "notebooks" / "course").glob("*.ipynb"))


def run_exercises(
    notebook: Path, parameters: Mapping[str, Any] | None = None, folder: Path | None = None
) -> NotebookNode:
    """The notebook executed to its end, whatever its cells raise, by this Python.

    `parameters` replace those of its parameters cell; `folder` is the kernel's, by default the
    project's.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    content = load_notebook_node(str(notebook))
    if parameters:
        content = parameterize_notebook(content, dict(parameters))
    kernels = KernelSpecManager(kernel_dirs=[])  # this Python's own, whatever is registered
    client = NotebookClient(
        content,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=kernels),
        timeout=TIMEOUT,
        allow_errors=True,
        resources={"metadata": {"path": str(folder or files.working_root())}},
    )
    return client.execute()


def score_cells(executed: NotebookNode) -> list[Score]:
    """What every automatically graded cell of an executed notebook earned."""
    return [
        Score(grader["grade_id"], 0.0 if error else points, points, error)
        for cell, grader in graded_cells(executed)
        if cell.cell_type == "code"
        for points, error in [(float(grader["points"]), _error(cell))]
    ]


def graded_cells(notebook: NotebookNode) -> list[tuple[NotebookNode, Mapping[str, Any]]]:
    """The cells that earn points, asserted or written, each with its nbgrader metadata."""
    found = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    return [(cell, grader) for cell, grader in found if grader.get("grade")]


def _error(cell: NotebookNode) -> str:
    """Name and text of the error that a cell ended with; "" where it ended well."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if cell.execution_count is None and not errors:
        return "not run"
    return f"{errors[0].ename}: {errors[0].evalue}" if errors else ""
