"""Machine and data are asked about before a kernel starts, once for all commands."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.cli import main
from helpers.runs import chapter_needs, execution
from helpers.runs.chapter_needs import check_data, check_device
from helpers.runs.folders import WORKING
from helpers.runs.inputs import build_inputs
from helpers.runs.opened_notebook import check_opened
from helpers.runs.plans import plan_run
from tests.fixtures.projects import PARAMETERS, REPORT

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent.name for path in (ROOT / "helpers").glob("*/needs.py"))


@pytest.fixture
def asked(tiny_project, write_notebook, monkeypatch):
    """What the chapter `tiny_room`, which wants n_latent below 100, was asked about."""
    seen = []

    def check_needs(given):
        seen.append(dict(given))
        if given["n_latent"] >= 100:
            raise ValueError(f"`n_latent` must be below 100 here: got {given['n_latent']}")

    needs = SimpleNamespace(NEEDS=("cohort", "n_latent", "seed"), check_needs=check_needs)
    needs.__name__ = "helpers.tiny_room.needs"
    monkeypatch.setitem(sys.modules, needs.__name__, needs)
    of_notebook = lambda path: needs if path.stem == "01_tiny_room" else None  # noqa: E731
    monkeypatch.setattr(chapter_needs, "_needs_of", of_notebook)
    monkeypatch.setattr(chapter_needs, "_tier", lambda cohort: "demo")
    monkeypatch.setattr(execution, "_execute", lambda *_: pytest.fail("a kernel was started"))
    chapter_needs._check_once.cache_clear()
    write_notebook("01_tiny_room", REPORT)
    yield seen
    chapter_needs._check_once.cache_clear()


def test_a_run_is_refused_by_what_its_chapter_needs(asked, capsys):
    assert main(["run", "01_tiny_room", "-p", "n_latent", "100"]) == 2
    assert capsys.readouterr().err == "error: `n_latent` must be below 100 here: got 100\n"
    assert asked == [{"cohort": "demo-tiny", "n_latent": 100, "seed": 0}]


def test_a_sweep_is_refused_at_the_line_of_the_value(asked, write_sweep, capsys):
    path = write_sweep("notebook: 01_tiny_room\ngrid:\n  n_latent: [8, 100]\n")
    assert main(["sweep", str(path)]) == 2
    error = capsys.readouterr().err
    assert "latent.yaml, line 3: `n_latent` must be below 100 here: got 100" in error


def test_a_search_is_refused_by_the_ends_of_what_it_may_draw(asked, write_sweep, capsys):
    path = write_sweep(
        "notebook: 01_tiny_room\nsearch: optuna\nrandom:\n  n: 1\n"
        "  parameters:\n    n_latent: {choice: [8, 8, 8, 8, 8, 8, 8, 8, 100]}\n"
        "maximise: fit.loss\n"
    )
    assert main(["sweep", str(path)]) == 2
    assert "line 6: `n_latent` must be below 100" in capsys.readouterr().err


def test_the_same_is_asked_once_and_a_changed_file_again(asked, tiny_project):
    notebook = tiny_project / "notebooks" / "01_tiny_room.ipynb"
    given = {"cohort": "my.h5ad", "n_latent": 8, "seed": 0}
    for inputs in ({"my.h5ad": "a"}, {"my.h5ad": "a"}, {"my.h5ad": "b"}):
        check_data(notebook, given, inputs)
    assert len(asked) == 2


@pytest.mark.parametrize(("tier", "seeds"), [("demo", [0, 1]), ("file", [0])])
def test_the_seed_decides_what_is_simulated_only(asked, monkeypatch, tier, seeds):
    monkeypatch.setattr(chapter_needs, "_tier", lambda cohort: tier)
    for seed in (0, 1):
        plan_run("01_tiny_room", {"seed": seed})
    assert [given["seed"] for given in asked] == seeds


def test_a_cohort_that_is_not_at_hand_is_asked_about_once_it_is_fetched(asked, monkeypatch):
    monkeypatch.setattr(chapter_needs, "_tier", lambda cohort: "not at hand")
    plan = plan_run("01_tiny_room", {"n_latent": 100})
    assert asked == []
    with pytest.raises(ValueError, match="must be below 100"):
        build_inputs([plan])


def test_a_notebook_of_no_chapter_is_asked_nothing(tiny_project):
    assert plan_run("tiny")
    assert chapter_needs._needs_of(Path("notebooks/tiny.ipynb")) is None
    assert chapter_needs._needs_of(Path("notebooks/05_my own.ipynb")) is None


@pytest.mark.parametrize("room", ROOMS)
def test_a_chapter_is_asked_by_the_name_of_its_notebook(room):
    """And asking imports nothing that takes seconds."""
    code = (
        "import sys; from pathlib import Path; from helpers.runs import chapter_needs\n"
        f"chapter = chapter_needs._needs_of(Path('notebooks/01_{room}.ipynb'))\n"
        f"assert chapter.__name__ == 'helpers.{room}.needs' and chapter.check_needs\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_device_must_be_there(tiny_project, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for there in ("auto", "cpu", "cuda", "cuda:1"):
        check_device(there)
    with pytest.raises(ValueError, match="got 'cuda:2', and it has cpu, cuda:0, cuda:1, cuda"):
        check_device("cuda:2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="`device` must be one that this machine has: got 'cuda'"):
        plan_run("tiny", {"device": "cuda"})
    assert plan_run("tiny", {"device": "cuda"}, elsewhere=True)  # a worker's, which asks itself


def test_no_cohort_is_refused_where_one_is_needed(tiny_project):
    with pytest.raises(ValueError, match="`cohort` must be a registered cohort"):
        plan_run("tiny", {"cohort": " "})


def opened(**changed):
    values = {}
    exec(PARAMETERS, values)
    return values | changed


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_latent": -3}, "`n_latent` must be at least 1: got -3"),
        ({"n_latent": "many"}, "`n_latent` of tiny is int"),
        ({"device": "tpu"}, "`device` must be auto, cpu, cuda"),
        ({"cohort": "tcga"}, "unknown cohort `tcga`"),
        ({"kl_weight": 7.0}, "no sevens"),
    ],
)
def test_a_notebook_opened_by_hand_says_the_same(tiny_project, changed, message):
    def check_needs(given):
        if given["kl_weight"] == 7.0:
            raise ValueError("no sevens")

    check_opened("tiny", opened(), check_needs)
    with pytest.raises(ValueError, match=message):
        check_opened("tiny", opened(**changed), check_needs)
    headless = f"results/tiny/{WORKING}abc"  # checked before its kernel started
    check_opened("tiny", opened(out_dir=headless, **changed), check_needs)
