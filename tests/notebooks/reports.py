"""What the tests of every chapter ask of a run: make it quickly, read it, list its headings."""

import json

import nbformat
import pandas as pd

from helpers.runs.plans import find_notebook, plan_run
from tests.fixtures.quick_runs import made_once, shared_results


def quick_run(notebook, tmp_path_factory, **parameters):
    """Folder of a quick run on the CPU, made once a session."""
    given = {"quick": True} | parameters
    return made_once(plan_run(notebook, given, results=shared_results(tmp_path_factory)))


def metrics(run):
    """The run's metrics.json."""
    return json.loads((run / "metrics.json").read_text())


def headings(name, level):
    """Headings of the notebook's Markdown cells at a level, in order."""
    notebook = nbformat.read(find_notebook(name), as_version=4)
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    lines = [line for source in text for line in source.splitlines()]
    return [line for line in lines if line.startswith("#" * level + " ")]


def check_files(run, tables, figures):
    """The run left its weights, each table with a row at least, and each figure with a drawing."""
    for table in tables:
        assert len(pd.read_csv(run / "tables" / f"{table}.csv")), table
    for figure in figures:
        assert (run / "figures" / f"{figure}.png").stat().st_size > 10_000, figure
    assert (run / "model.pt").exists()
