"""The sweeps of the book: their files hold, and what is kept of them is what a page needs."""

from pathlib import Path

import numpy as np
import pytest

from helpers.book.sweep_pages.sweep_results import read_results
from helpers.runs.record import METRIC
from helpers.sweeps.expansion import combinations, load_sweep, plan_sweep
from helpers.sweeps.sweep import Where, run_sweep
from tests.fixtures.quick_runs import making, on_the_processor, shared_results

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "notebooks" / "sweeps").glob("*.yaml"))
PUBLISHED = read_results(ROOT / "book" / "published")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_files_quick_version_is_small_simulated_and_could_start(path):
    runs = plan_sweep(load_sweep(path, quick=True))
    assert 1 <= len(runs) <= 4
    for run in runs:
        assert run.plan.parameters["quick"] and run.plan.parameters["cohort"].startswith("demo-")


@pytest.mark.notebook
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_files_quick_version_runs_and_has_the_metrics_of_its_page(path, tmp_path_factory):
    """Two sweeps may share a run, and do."""
    sweep, results = load_sweep(path, quick=True), shared_results(tmp_path_factory)
    with making([run.plan for run in plan_sweep(sweep, results=results)]), on_the_processor():
        where = Where(workers=0)
        table = run_sweep(path, results=results, quick=True, where=where, progress=False)
    file = sweep.file
    finished = table[table["status"] == "finished"]
    assert len(finished) and np.isfinite(finished[file.metric]).all()
    assert set(file.shown) <= set(finished)
    lost = table[table["status"] != "finished"]  # a random search may diverge
    assert all("TrainingDiverged" in error for error in lost.get("error", []))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_what_its_page_needs(path):
    file = load_sweep(path).file
    assert file.title and file.about and file.metric
    assert all(METRIC.fullmatch(metric) for metric in file.shown)
    assert len(combinations(file)) >= 12
    assert file.fixed["cohort"].startswith("demo-") == path.stem.endswith("_demo")


@pytest.mark.real
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_could_start_on_the_real_cohorts(path, real_data):
    sweep = load_sweep(path)
    asked = {str(sorted(one.parameters.items())) for one in combinations(sweep.file)}
    assert len(plan_sweep(sweep)) == len(asked)  # draws of few choices may come twice


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_published_table_has_a_file_and_its_metrics(name):
    result = PUBLISHED[name]
    assert name in {path.stem for path in FILES}
    assert result.path.stat().st_size < 300_000
    assert result.metric and result.shown and len(result.finished)
    assert result.about["git_commit"] and result.about["date"]
    assert result.about["inputs"] or name.endswith("_demo")  # simulated samples have no files
