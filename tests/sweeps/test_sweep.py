"""A sweep is checked as a whole, resumes, and ends in one table whatever fails."""

import errno
import json
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.runs import kernel
from helpers.sweeps import sweep as sweeps
from helpers.sweeps.expansion import load_sweep, plan_sweep
from helpers.sweeps.sweep import DiskFull, Where, estimate, run_sweep
from helpers.sweeps.table import publish

HERE = Where(workers=0)  # in this process, where `executed` can stand in for kernels


@pytest.fixture
def executed(monkeypatch):
    """Parameters of the runs that were executed; `n_latent` 13 fails, no kernel is started."""
    done = []

    def execute(notebook, output, parameters, folder, log, watch):
        done.append(parameters)
        output.write_text(json.dumps({"metadata": {"papermill": {}}}))
        log.touch()
        if parameters["n_latent"] == 13:
            raise RuntimeError("unlucky")
        loss = parameters["n_latent"] * parameters["kl_weight"]
        (output.parent / "metrics.json").write_text(json.dumps({"fit.loss": loss}))

    monkeypatch.setattr(kernel, "execute", execute)
    return done


def table_path(project, name="latent"):
    return project / "results" / "sweeps" / f"{name}.csv"


def test_one_bad_run_refuses_the_sweep_before_the_first_starts(tiny_project, write_sweep, executed):
    path = write_sweep("notebook: tiny\nlist:\n- {n_latent: 2}\n- {n_latnet: 3}")
    with pytest.raises(ValueError, match=r"latent\.yaml, line 4: .* nearest: `n_latent`"):
        run_sweep(path, where=HERE)
    assert executed == [] and not (tiny_project / "results").exists()


def test_a_failure_does_not_stop_the_others_and_finished_ones_are_skipped(
    tiny_project, write_sweep, executed, capsys
):
    path = write_sweep("notebook: tiny\ngrid: {n_latent: [2, 13, 8]}\nseeds: [5]")
    table = run_sweep(path, where=HERE)
    assert list(table["status"]) == ["finished", "failed", "finished"]
    assert list(table["n_latent"]) == [2, 13, 8] and set(table["seed"]) == {5}
    assert table["fit.loss"].dropna().tolist() == [2.0, 8.0]
    (error,) = table["error"].dropna()
    assert "unlucky" in error and "failed/" in table["folder"][1]
    assert (
        "unlucky" in (tiny_project / "results" / table["folder"][1] / "traceback.txt").read_text()
    )
    assert (table["seconds"] >= 0).all() and table["run_id"].is_unique
    on_disk = pd.read_csv(table_path(tiny_project))
    pd.testing.assert_frame_equal(on_disk, table, check_dtype=False)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "1/3 done, 1 failed" in lines[1] and "n_latent=13: FAILED" in lines[1]
    run_sweep(path, progress=False, where=HERE)
    assert [run["n_latent"] for run in executed] == [2, 13, 8, 13]
    assert capsys.readouterr() == ("", "")


def test_the_table_says_where_it_comes_from(tiny_project, write_sweep, executed):
    text = "notebook: tiny\nabout: Why.\ngrid: {n_latent: [2, 3]}\nseeds: [0, 1]\nshow: [fit.loss]"
    run_sweep(write_sweep(text), progress=False, where=HERE)
    about = json.loads(table_path(tiny_project).with_suffix(".json").read_text())
    assert about["varied"] == ["n_latent"] and about["seeds"] == [0, 1]
    assert about["about"] == "Why." and about["show"] == ["fit.loss"]
    assert about["same"]["kl_weight"] == 1.0 and "n_latent" not in about["same"]
    assert (about["n_runs"], about["n_finished"]) == (4, 4)
    assert {"git_commit", "hardware", "versions", "inputs", "date", "seconds"} <= set(about)


def test_an_interrupted_sweep_has_its_table_and_resumes(
    tiny_project, write_sweep, executed, monkeypatch
):
    path = write_sweep("notebook: tiny\ngrid: {n_latent: [2, 3, 4]}")
    working = kernel.execute

    def interrupted(*arguments):
        if len(executed) == 1:
            raise KeyboardInterrupt
        working(*arguments)

    monkeypatch.setattr(kernel, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(path, where=HERE)
    table = pd.read_csv(table_path(tiny_project))
    assert list(table["status"]) == ["finished", "not run", "not run"]
    monkeypatch.setattr(kernel, "execute", working)
    assert list(run_sweep(path, where=HERE)["status"]) == ["finished"] * 3
    assert [run["n_latent"] for run in executed] == [2, 3, 4]


def test_quick_is_a_sweep_of_its_own(tiny_project, write_sweep, executed):
    path = write_sweep(
        "notebook: tiny\nfixed: {n_epochs: 9}\ngrid: {n_latent: [2, 3]}\nseeds: [0, 1]\n"
        "quick: {fixed: {n_epochs: 1}, seeds: [7]}"
    )
    table = run_sweep(path, quick=True, where=HERE, progress=False)
    assert list(table["seed"]) == [7, 7] and set(table["n_epochs"]) == {1}
    assert table["quick"].all()
    assert not table_path(tiny_project).exists()
    assert (tiny_project / "results" / "sweeps" / "quick" / "latent.csv").exists()


# A full disk


@pytest.mark.parametrize("when", ["before", "in the notebook", "while it is written"])
def test_a_full_disk_ends_the_sweep_and_counts_nothing_as_done(
    tiny_project, write_sweep, executed, monkeypatch, when
):
    path = write_sweep("notebook: tiny\ngrid: {n_latent: [2, 3, 4]}")
    working, full = kernel.execute, OSError(errno.ENOSPC, "No space left on device")

    def out_of_space(*arguments):
        if executed:
            raise full
        working(*arguments)

    def cannot_write(*_):
        if executed:
            raise full

    with monkeypatch.context() as patch:
        if when == "before":
            usage = SimpleNamespace(free=1e9)
            patch.setattr(sweeps.shutil, "disk_usage", lambda _: usage)
            patch.setattr(kernel, "execute", lambda *a: (working(*a), setattr(usage, "free", 1e6)))
        else:
            patch.setattr(kernel, "execute", out_of_space)
        if when == "while it is written":
            patch.setattr("helpers.runs.execution._keep_failed", cannot_write)
        with pytest.raises(DiskFull, match=r"is full after 1 of 3 runs .* same command resumes"):
            run_sweep(path, where=HERE, progress=False)
    home = tiny_project / "results" / "tiny"
    assert len([folder for folder in home.iterdir() if folder.name != "failed"]) == 1
    assert list(pd.read_csv(table_path(tiny_project))["status"]) == [
        "finished",
        "not run",
        "not run",
    ]
    assert list(run_sweep(path, where=HERE, progress=False)["status"]) == ["finished"] * 3


# Publishing, estimating


def test_a_finished_sweep_is_published_small(tiny_project, write_sweep, executed):
    text = "notebook: tiny\ngrid: {n_latent: [2, 3]}\nseeds: [0, 1]\nminimise: fit.loss"
    path, folder = write_sweep(text), tiny_project / "book" / "published"
    run_sweep(path, progress=False, where=HERE)
    target = publish(load_sweep(path), tiny_project / "results", folder)
    published = pd.read_csv(target)
    assert list(published["fit.loss"]) == [2, 2, 3, 3]
    assert {"run_id", "seconds", "n_latent", "seed"} <= set(published)
    assert not {"kl_weight", "status", "folder", "cohort"} & set(published)
    assert json.loads(target.with_suffix(".json").read_text())["metric"] == "fit.loss"


def test_failures_are_published_and_unfinished_sweeps_are_not(tiny_project, write_sweep, executed):
    path = write_sweep("notebook: tiny\ngrid: {n_latent: [2, 13]}")
    run_sweep(path, progress=False, where=HERE)
    target = publish(load_sweep(path), tiny_project / "results", tiny_project / "kept")
    assert list(pd.read_csv(target)["status"]) == ["finished", "failed"]
    csv = table_path(tiny_project)
    csv.write_text(csv.read_text().replace("failed,", "not run,"))
    with pytest.raises(ValueError, match="1 of 2 runs of latent have not been made"):
        publish(load_sweep(path), tiny_project / "results", tiny_project)


def test_the_estimate_comes_from_the_runs_most_alike(tiny_project, write_sweep, executed):
    results = tiny_project / "results"

    def estimated(text):
        sweep = load_sweep(write_sweep(text))
        return estimate(sweep, plan_sweep(sweep), HERE, results)

    grid = "notebook: tiny\ngrid: {n_latent: [2, 3, 4, 5]}\nfixed: {n_epochs: 50}"
    assert "4 runs, 0 of them already there; no earlier run tells" in estimated(grid)
    for seed, (n_epochs, seconds) in enumerate([(50, 30.0), (1, 2.0)]):
        run_sweep(
            write_sweep(
                f"notebook: tiny\nlist: [{{n_latent: 2, n_epochs: {n_epochs}, seed: {seed}}}]"
            ),
            progress=False,
            where=HERE,
        )
        for path in results.glob("tiny/*/run.json"):
            about = json.loads(path.read_text())
            if about["parameters"]["n_epochs"] == n_epochs:
                path.write_text(json.dumps(about | {"duration_s": seconds}))
    said = estimated(grid)
    assert "4 runs, 1 of them already there; about 1 min 30 s one after the other" in said
    assert "at 30 s a run (the mean of 1 like it)" in said
    shutil.rmtree(results / "sweeps")
