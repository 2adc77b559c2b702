"""A guided search learns, counts its trials across interruptions, and says why it cannot go on."""

import json

import pandas as pd
import pytest

from helpers.runs import kernel
from helpers.sweeps.sweep import Where, run_sweep

HERE = Where(workers=0)
SEARCH = """
notebook: tiny
search: optuna
minimise: fit.loss
random:
  n: {n}
  parameters:
    n_latent: {{choice: [1, 2, 3, 13]}}
    kl_weight: {{log10_uniform: [-3, 0]}}
seeds: {seeds}
"""


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
        loss = parameters["n_latent"] * parameters["kl_weight"] + parameters["seed"]
        (output.parent / "metrics.json").write_text(json.dumps({"fit.loss": loss}))

    monkeypatch.setattr(kernel, "execute", execute)
    return done


@pytest.fixture
def search(tiny_project):
    """Function (n, seeds) → table of the search."""
    path = tiny_project / "guided.yaml"

    def run(n, seeds="[0]", text=SEARCH):
        path.write_text(text.format(n=n, seeds=seeds))
        return run_sweep(path, where=HERE, progress=False)

    return run


def study(project):
    import optuna

    storage = f"sqlite:///{project / 'results' / 'sweeps' / 'guided.db'}"
    names = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=names[-1], storage=storage)


def test_a_search_learns(executed, search):
    table = search(24)
    assert list(table["trial"]) == list(range(24)) and table["run_id"].is_unique
    loss = table["fit.loss"]
    assert loss[14:].mean() < loss[:10].mean()
    assert (table["status"] == "failed").sum() == (table["n_latent"] == 13).sum()


def test_a_trial_is_worth_its_mean_over_seeds(tiny_project, executed, search):
    table = search(3, seeds="[0, 1]")
    assert list(table["trial"]) == [0, 0, 1, 1, 2, 2] and list(table["seed"]) == [0, 1] * 3
    for trial, rows in table.groupby("trial"):
        known = study(tiny_project).trials[trial]
        if (rows["status"] == "finished").all():
            assert known.value == pytest.approx(rows["fit.loss"].mean())
        else:
            assert known.state.name == "PRUNED"


def test_a_search_resumes_and_a_larger_n_goes_on(executed, search):
    first = search(5)
    again = search(5)
    n_good = (first["status"] == "finished").sum()
    assert len(executed) == 5 and list(again["run_id"]) == list(first["run_id"])
    more = search(9)
    assert list(more["run_id"])[:5] == list(first["run_id"]) and len(more) == 9
    assert more["kl_weight"].is_unique and n_good > 0


def test_an_interrupted_trial_is_made_again_and_counted_once(
    tiny_project, executed, search, monkeypatch
):
    working = kernel.execute

    def interrupted(*arguments):
        if len(executed) == 3:
            raise KeyboardInterrupt
        working(*arguments)

    monkeypatch.setattr(kernel, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search(6)
    lost = study(tiny_project).trials[3].params["kl_weight"]
    monkeypatch.setattr(kernel, "execute", working)
    monkeypatch.setattr("helpers.sweeps.search.is_alive", lambda owner: False)
    table = search(6)
    assert len(table) == 6 and len(executed) == 6
    assert lost in list(table["kl_weight"]) and table["run_id"].is_unique
    assert (pd.read_csv(tiny_project / "results/sweeps/guided.csv")["run_id"].nunique()) == 6


def test_a_changed_search_starts_anew(executed, search):
    search(3)
    search(3, text=SEARCH.replace("-3, 0", "-2, 0"))
    assert len(executed) == 6


def test_a_metric_that_runs_do_not_report_ends_the_search(executed, search):
    text = SEARCH.replace("fit.loss", "fit.los").replace(", 13", "")
    with pytest.raises(
        ValueError, match=r"no metric `fit.los`; nearest: `fit.loss`. All: fit.loss"
    ):
        search(9, text=text)
    assert len(executed) == 1
