"""A project in a temporary folder, with notebooks of a few lines."""

import nbformat
import pytest

PARAMETERS = """\
cohort: str = "demo-tiny"  # registered name or .h5ad path
seed: int = 0  # of every random number
device: str = "auto"  # auto, cpu or cuda
n_epochs: int = 2  # passes over the data
n_latent: int = 8  # latent dimensions
kl_weight: float = 1.0  # weight of the KL term
quick: bool = False  # seconds-long run
out_dir: str = ""  # folder of the run
"""
REPORT = """\
from helpers.publish.record import Record
record = Record("tiny", out_dir)
record.metric("fit.loss", n_latent * kl_weight + seed)
record.close()
"""


@pytest.fixture
def write_notebook(tmp_path):
    """Function (name, *code cells, parameters=…) → path of notebooks/<name>.ipynb."""

    def write(name, *cells, parameters=PARAMETERS, metadata=None):
        notebook = nbformat.v4.new_notebook()
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook.metadata = {"kernelspec": kernel, **(metadata or {})}
        first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        title = nbformat.v4.new_markdown_cell("# Tiny")
        notebook.cells = [title, first, *map(nbformat.v4.new_code_cell, cells)]
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def tiny_project(tmp_path, monkeypatch, write_notebook):
    """Root of a project with the notebook `tiny`; its cohort `demo-tiny` is the only one known."""

    def check(cohort, needs=("patient", "cancer_type")):
        if cohort != "demo-tiny":
            raise ValueError(f"unknown cohort `{cohort}`. All: demo-tiny")
        if "os_time" in needs:
            raise ValueError("cohort `demo-tiny` lacks the column `os_time`")

    monkeypatch.setattr("helpers.data.sources.project_root", lambda: tmp_path)
    monkeypatch.setattr("helpers.data.cohorts.check_cohort", check)
    monkeypatch.setattr("helpers.data.cohorts.cohort_inputs", lambda cohort: {})
    write_notebook("tiny", REPORT)
    return tmp_path


@pytest.fixture
def write_sweep(tmp_path):
    """Function (text, name) → path of a sweep's file."""

    def write(text, name="latent"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        return path

    return write
