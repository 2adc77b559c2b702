"""Chapter 1 through papermill: quick on simulated and on real data, and what it must report."""

import json
import subprocess
import sys

import nbformat
import pytest

from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook
from tests.notebooks.reports import check_files, metrics, quick_run

NOTEBOOK = "01_pancan_vae"
SECTIONS = (
    "Parameters", "Data", "What would count as reproduced", "Model", "Training", "Checks",
    "The paper's analyses", "Beyond the paper", "Reproduction table", "What differs and why",
    "Exercises", "Key takeaways", "References",
)  # fmt: skip
SPREADS = [
    f"classifier.{metric}.{variant}"
    for metric in ("accuracy", "balanced_accuracy")
    for variant in ("vae", "paper", "pca", "raw", "shuffled")
] + ["latent.active_units", "latent.silhouette.vae", "clusters.ari.paper", "hallmarks.tasks.axes"]


def finished(cohort, tmp_path_factory):
    return quick_run(NOTEBOOK, tmp_path_factory, cohort=cohort)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return finished("demo-pancan", tmp_path_factory)


@pytest.fixture(scope="module")
def real(real_data, tmp_path_factory):
    return finished("tcga-mirna", tmp_path_factory)


def written_by_code(run):
    """All Markdown that the run's cells put out, such as the takeaways."""
    cells = nbformat.read(run / "notebook.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("data", {}).get("text/markdown", "") for output in outputs)


def check_report(run):
    found = metrics(run)
    missing = [k for s in SPREADS for k in (s, f"{s}_sd") if k not in found]
    assert not missing
    assert "enrichment.n_significant" in found
    check_files(
        run,
        (
            "classifier_scores", "confusion", "per_class", "reproduction", "survival",
            "clusters", "hallmarks_by_fold", "cluster_explained", "paper_rows",
        ),
        (
            "umap", "confusion", "history", "classifier_scores", "enrichment", "model",
            "cluster_tasks",
        ),
    )  # fmt: skip


def test_the_six_common_parameters_and_the_demo_default():
    known = {p.name: p for p in notebook_parameters(find_notebook(NOTEBOOK))}
    assert {"cohort", "seed", "device", "n_epochs", "quick", "out_dir"} <= set(known)
    assert known["cohort"].default == '"demo-pancan"' or known["cohort"].default == "demo-pancan"


def test_sections_stand_in_order_under_one_title():
    notebook = nbformat.read(find_notebook(NOTEBOOK), as_version=4)
    lines = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
    ]
    assert sum(line.startswith("# ") for line in lines) == 1
    assert [line[3:] for line in lines if line.startswith("## ")] == list(SECTIONS)


@pytest.mark.notebook
def test_demo_reports_everything_and_sees_its_truth(demo):
    """A quick run has 640 patients and 15 epochs; test_demo_truth.py holds the full bounds."""
    check_report(demo)
    found = metrics(demo)
    assert found["truth.recovered.directions"] > found["truth.recovered.axes"]
    assert found["enrichment.n_significant.noise"] <= 2
    assert found["truth.sets_found.directions"] >= 0.8
    assert found["enrichment.random_sets_found"] <= 0.05
    assert found["hallmarks.found.noise"] <= 2 < found["hallmarks.found_fixed.noise"]
    assert found["reproduction.n_rows.missing"] == 0
    assert found["classifier.accuracy.vae"] > 2 * found["classifier.accuracy.majority"]
    assert found["batch.balanced_accuracy.corrected"] < found["batch.balanced_accuracy.uncorrected"]


@pytest.mark.notebook
def test_the_demo_run_speaks_of_its_own_cohort_and_numbers(demo):
    said, found = written_by_code(demo), metrics(demo)
    assert f"{found['classifier.balanced_accuracy.vae']:.3g} ± " in said
    assert "held-out BLOOD tumours" in said and "tcga" not in said
    assert "The model as the paper has it is" in said and " rows of the paper: " in said
    assert "LAML" not in said and "nan" not in said.lower()


@pytest.mark.notebook
@pytest.mark.real
def test_real_tumours_are_told_apart_and_shuffled_labels_are_not(real):
    check_report(real)
    found = metrics(real)
    assert found["classifier.accuracy.vae"] > 0.7
    assert found["classifier.balanced_accuracy.shuffled"] < 0.25
    cohort = json.loads((real / "cohort.json").read_text())
    assert len(cohort["cancer_types"]) == 13
    said = written_by_code(real)
    assert "held-out LAML tumours" in said and "older pipeline" in said and "BLOOD" not in said
    assert cohort["n_samples"] == cohort["n_patients"]


@pytest.mark.notebook
@pytest.mark.real
def test_real_run_names_its_inputs(real):
    run = json.loads((real / "run.json").read_text())
    assert sum(name.endswith("miRNASeq.rda") for name in run["inputs"]) == 33
    assert all(len(digest) == 64 for digest in run["inputs"].values())


@pytest.mark.notebook
def test_plain_papermill_works_with_no_helpers_command_in_between(tmp_path):
    """Only until the record is opened: the rest is what the runs above execute."""
    source = nbformat.read(find_notebook(NOTEBOOK), as_version=4)
    code = [i for i, cell in enumerate(source.cells) if cell.cell_type == "code"]
    source.cells = source.cells[: code[3] + 1]
    nbformat.write(source, tmp_path / "in.ipynb")
    arguments = [str(tmp_path / "in.ipynb"), str(tmp_path / "out.ipynb"), "-p", "quick", "true"]
    papermill = [
        sys.executable,
        "-m",
        "papermill",
        *arguments,
        "-p",
        "out_dir",
        str(tmp_path / "o"),
    ]
    done = subprocess.run(papermill, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "o" / "cohort.json").exists()
