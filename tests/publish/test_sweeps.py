"""A sweep is checked as a whole, resumes, and ends in one table whatever fails."""

import json

import pandas as pd
import pytest

from helpers.publish import kernel
from helpers.publish.sweeps import load_sweep, plan_sweep, run_sweep, sweep_table_path


@pytest.fixture
def write_sweep(tmp_path):
    def write(text, name="latent"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        return path

    return write


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


def test_a_grid_is_every_combination_with_every_seed(write_sweep):
    sweep = load_sweep(
        write_sweep(
            "notebook: tiny\nparameters: {n_epochs: 3}\n"
            "grid: {n_latent: [2, 8], kl_weight: [0.5, 1e-3]}\nseeds: [0, 1, 2]"
        )
    )
    assert (sweep.name, sweep.notebook, len(sweep.runs)) == ("latent", "tiny", 12)
    assert len({tuple(sorted(run.items())) for run in sweep.runs}) == 12
    assert sweep.runs[0] == {"n_epochs": 3, "n_latent": 2, "kl_weight": 0.5, "seed": 0}


def test_a_list_is_taken_as_it_is(write_sweep):
    sweep = load_sweep(
        write_sweep("notebook: tiny\nlist: [{n_latent: 2}, {kl_weight: 3, seed: 4}]")
    )
    assert sweep.runs == ({"n_latent": 2}, {"kl_weight": 3, "seed": 4})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notebook: tiny\ngrid: {a: [1]\n", "latent.yaml is not YAML: .*line 2"),
        ("[1, 2]", "latent.yaml must be fields with values"),
        ("", "latent.yaml must be fields with values"),
        ("grid: {n_latent: [1]}", "latent.yaml must name its notebook"),
        ("notebook: tiny\ngird: {n_latent: [1]}", "unknown field `gird`; nearest: `grid`"),
        ("notebook: tiny", "must have either `grid` or `list`"),
        ("notebook: tiny\ngrid: {a: [1]}\nlist: [{a: 1}]", "must have either `grid` or `list`"),
        ("notebook: tiny\ngrid: {n_latent: 2}", "needs a list of values for `n_latent`: got 2"),
        ("notebook: tiny\ngrid: {n_latent: []}", "needs a list of values for `n_latent`"),
        ("notebook: tiny\nlist: [2]", "`list` must be a list of"),
        ("notebook: tiny\nlist: [{}]\nseeds: 3", "`seeds` must be a list of integers: got 3"),
        ("notebook: tiny\nlist: [{}]\nseeds: [a]", "`seeds` must be a list of integers"),
        ("notebook: tiny\nlist: [{}]\nparameters: [a]", "`parameters` must be"),
        ("notebook: !!python/object/apply:os.getcwd []", "is not YAML"),
    ],
)
def test_a_file_of_another_form_is_refused(write_sweep, text, message):
    with pytest.raises(ValueError, match=message):
        load_sweep(write_sweep(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read the sweep .*none.yaml: No such file"):
        load_sweep(tmp_path / "none.yaml")


def test_one_bad_run_refuses_the_sweep_before_the_first_starts(tiny_project, write_sweep, executed):
    path = write_sweep("notebook: tiny\nlist: [{n_latent: 2}, {n_latnet: 3}]")
    with pytest.raises(ValueError, match="nearest: `n_latent`"):
        run_sweep(path)
    assert executed == [] and not (tiny_project / "results").exists()


def test_the_same_run_twice_is_one(tiny_project, write_sweep):
    sweep = load_sweep(
        write_sweep("notebook: tiny\nlist: [{kl_weight: 1}, {kl_weight: '1.0'}, {}]")
    )
    assert len(plan_sweep(sweep)) == 1


def test_a_failure_does_not_stop_the_others_and_finished_ones_are_skipped(
    tiny_project, write_sweep, executed, capsys
):
    path = write_sweep("notebook: tiny\ngrid: {n_latent: [2, 13, 8]}\nseeds: [5]")
    table = run_sweep(path)
    assert list(table["status"]) == ["finished", "failed", "finished"]
    assert list(table["n_latent"]) == [2, 13, 8] and set(table["seed"]) == {5}
    assert table["fit.loss"].dropna().tolist() == [2.0, 8.0]
    assert table["error"].dropna().tolist() == ["RuntimeError: unlucky"]
    assert (table["seconds"] >= 0).all() and table["run_id"].is_unique
    on_disk = pd.read_csv(sweep_table_path("latent"))
    pd.testing.assert_frame_equal(on_disk, table, check_dtype=False)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "run 2/3" in lines[1] and "unlucky" in lines[1]
    run_sweep(path, progress=False)
    assert [run["n_latent"] for run in executed] == [2, 13, 8, 13]
    assert capsys.readouterr() == ("", "")


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
        run_sweep(path)
    table = pd.read_csv(sweep_table_path("latent"))
    assert list(table["status"]) == ["finished", "not run", "not run"]
    monkeypatch.setattr(kernel, "execute", working)
    assert list(run_sweep(path)["status"]) == ["finished"] * 3
    assert [run["n_latent"] for run in executed] == [2, 3, 4]
