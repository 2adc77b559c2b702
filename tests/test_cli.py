"""The command line: help for a newcomer, one line for what is refused, the right exit code."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.cli import main
from helpers.runs import execution as runs

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "umap", "anndata", "pandas", "papermill", "sklearn", "matplotlib")


def helpers(*arguments, **options):
    command = [sys.executable, "-m", "helpers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)


def refused(capsys, *arguments, code=2):
    """The one line on stderr of a command that ends with `code`."""
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("error: "), err
    return err


@dataclass
class FakeSource:
    bytes: int
    licence: str


@dataclass
class FakeCohort:
    tier: str
    groups: tuple
    enrichment_groups: tuple = ()
    what: str = "tumours"


# Help


def test_help_shows_every_command_with_examples():
    done = helpers("--help")
    assert done.returncode == 0 and done.stderr == ""
    for command in ("fetch", "cohorts", "params", "run", "compare", "sweep", "book"):
        assert f"python -m helpers {command}" in done.stdout


def test_the_command_line_imports_nothing_heavy():
    code = f"import helpers.cli, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_params_reads_a_notebook_without_the_grammar_of_addresses():
    code = (
        "import sys; from helpers.cli import main\n"
        "assert main(['params', '01_pancan_vae']) == 0\n"
        "print([m for m in ('rfc3987_syntax', 'lark', 'torch') if sys.modules.get(m)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_refusal_imports_no_torch(tmp_path):
    code = (
        "import sys; from helpers.cli import main\n"
        "assert main(['run', 'no_such_notebook']) == 2\n"
        "print([m for m in ('torch', 'umap', 'anndata') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]" and done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["fetch", "cohorts", "params", "run", "sweep", "book"])
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0 and "usage: python -m helpers" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["rnu"], ["run"], ["run", "a", "-p", "x"], ["book", "--dataset", "fake"]]
)
def test_a_command_that_is_not_one_is_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as done:
        main(arguments)
    out, err = capsys.readouterr()
    assert done.value.code == 2 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1 and "--help" in err


# Refusals, with exit code 2


def test_an_unknown_notebook(tiny_project, capsys):
    said = refused(capsys, "run", "tinny")
    assert said == "error: unknown notebook `tinny`; nearest: `tiny`. All: tiny\n"
    assert refused(capsys, "params", "tinny") == said


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["n_latnet", "3"], "unknown parameter `n_latnet` of tiny; nearest: `n_latent`. All: coh"),
        (["n_latent", "abc"], "`n_latent` of tiny is int (latent dimensions): got 'abc'"),
        (["n_latent", "1.5"], "`n_latent` of tiny is int"),
        (["kl_weight", "heavy"], "`kl_weight` of tiny is float"),
        (["quick", "maybe"], "`quick` of tiny is bool"),
        (["cohort", "tcga"], "unknown cohort `tcga`. All: demo-tiny"),
        (["out_dir", "x"], "`out_dir` is set by the run itself"),
    ],
)
def test_a_bad_parameter(tiny_project, monkeypatch, capsys, given, message):
    monkeypatch.setattr(runs, "_execute", lambda *_: pytest.fail("a kernel was started"))
    assert message in refused(capsys, "run", "tiny", "-p", *given)


def test_a_parameter_given_twice(tiny_project, capsys):
    said = refused(capsys, "run", "tiny", "-p", "seed", "1", "-p", "seed", "2")
    assert "`seed` is given twice" in said


def test_a_sweep_with_a_bad_file_or_run(tiny_project, capsys):
    path = tiny_project / "latent.yaml"
    assert "cannot read the sweep" in refused(capsys, "sweep", str(path))
    path.write_text("notebook: tiny\ngrid: {n_latent: [2\n")
    assert "latent.yaml, line 3: not YAML" in refused(capsys, "sweep", str(path))
    path.write_text("notebook: tiny\ngrid: {n_latnet: [2]}\n")
    said = refused(capsys, "sweep", str(path))
    assert "latent.yaml, line 2: " in said and "nearest: `n_latent`" in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scheduler", "tcp://127.0.0.1:9", "--workers", "2"], "leave out --workers"),
        (["--workers", "-1"], "--workers must be at least 0: got -1"),
        (["--quick", "--publish"], "--publish is for the whole sweep"),
    ],
)
def test_options_of_a_sweep_that_do_not_go_together(tiny_project, capsys, options, message):
    path = tiny_project / "latent.yaml"
    path.write_text("notebook: tiny\ngrid: {n_latent: [2]}\n")
    assert message in refused(capsys, "sweep", str(path), *options)


def test_a_dry_run_prints_the_runs_and_starts_none(tiny_project, capsys):
    path = tiny_project / "latent.yaml"
    path.write_text("notebook: tiny\ngrid: {n_latent: [2, 3]}\nseeds: [0, 1]\n")
    assert main(["sweep", str(path), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["run", "status", "seed", "n_latent"]
    assert lines[1].split()[1:] == ["to", "do", "0", "2"] and len(lines) == 7
    assert lines[-1] == "4 runs, 0 of them already there; no earlier run tells how long one takes."
    assert not (tiny_project / "results").exists()


def test_a_file_that_is_no_h5ad(write_notebook, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("helpers.files.project_root", lambda: tmp_path)
    write_notebook("tiny", "1")
    monkeypatch.chdir(tmp_path)
    Path("bad.h5ad").write_text("not HDF5")
    for name in ("bad.h5ad", "none.h5ad"):
        assert name in refused(capsys, "run", "tiny", "-p", "cohort", name)


def test_a_cohort_that_lacks_a_column(write_notebook, tmp_path, monkeypatch, capsys):
    import numpy as np
    import pandas as pd
    from anndata import AnnData

    monkeypatch.setattr("helpers.files.project_root", lambda: tmp_path)
    write_notebook("tiny", "1")
    obs = pd.DataFrame({"patient": ["a", "b"]}, index=["s1", "s2"])
    AnnData(np.ones((2, 2), np.float32), obs=obs).write_h5ad(tmp_path / "mine.h5ad")
    said = refused(capsys, "run", "tiny", "-p", "cohort", str(tmp_path / "mine.h5ad"))
    assert "cancer_type" in said


def test_an_unknown_cohort_by_the_real_command(write_notebook):
    done = helpers("run", str(write_notebook("tiny", "1")), "-p", "cohort", "tgca-mirna")
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert "tcga-mirna" in done.stderr and "demo-pancan" in done.stderr


# What is started


def test_params_are_listed_with_their_meaning(tiny_project, capsys):
    assert main(["params", "tiny"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["parameter", "type", "default", "meaning"]
    assert lines[5].split(maxsplit=3) == ["n_latent", "int", "8", "latent dimensions"]


@pytest.mark.kernel
def test_a_run_prints_its_folder_and_nothing_else(tiny_project, capfd):
    assert main(["run", "tiny", "-p", "n_latent", "3", "-p", "kl_weight", "1e-1"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    metrics = json.loads((Path(out.strip()) / "metrics.json").read_text())
    assert metrics == {"fit.loss": pytest.approx(0.3)}


@pytest.mark.kernel
def test_a_failed_run_is_exit_code_1_and_the_path_of_its_traceback(
    tiny_project, write_notebook, capsys
):
    write_notebook("broken", "raise OSError('two\\nlines')")
    said = refused(capsys, "run", "broken", code=1)
    assert "failed in cell" in said and "OSError: two." in said
    assert Path(said.strip().rsplit(" ", 1)[1]).name == "traceback.txt"
    assert Path(said.strip().rsplit(" ", 1)[1]).exists()


@pytest.mark.kernel
def test_a_sweep_with_a_failed_run_is_exit_code_1(tiny_project, write_notebook, capsys):
    write_notebook("broken", "assert seed == 1")
    path = tiny_project / "seeds.yaml"
    path.write_text("notebook: broken\nlist: [{}]\nseeds: [0, 1]\n")
    assert main(["sweep", str(path), "--workers", "0"]) == 1
    out, err = capsys.readouterr()
    assert out.strip() == str(tiny_project / "results" / "sweeps" / "seeds.csv")
    assert err.splitlines()[0] == "2 runs of broken, 0 of them already there"
    assert err.splitlines()[-1] == "error: 1 of 2 runs failed; the table says why"


@pytest.mark.kernel
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing(tiny_project, write_notebook, number):
    mark = tiny_project / "started"
    write_notebook("slow", f"import time\nopen({str(mark)!r}, 'w').close()\ntime.sleep(600)")
    code = (
        "import sys, pathlib, helpers.files, helpers.cohorts.registry as cohorts\n"
        f"helpers.files.project_root = lambda: pathlib.Path({str(tiny_project)!r})\n"
        "cohorts.check_cohort = lambda *a, **k: None\ncohorts.cohort_inputs = lambda name: {}\n"
        "cohorts.cohort_code = lambda name: []\n"
        "from helpers.cli import main\nsys.exit(main(['run', 'slow']))"
    )
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not mark.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == ""
    assert err == "error: interrupted. The same command starts again where it can\n"
    assert list((tiny_project / "results" / "slow").iterdir()) == []


# Data and book


@pytest.fixture
def fake_data(monkeypatch):
    """Two real cohorts and a simulated one; the groups that were fetched."""
    fetched = []
    cohorts = {
        "demo-tiny": FakeCohort("demo", ()),
        "tcga-a": FakeCohort("real", ("counts", "clinical"), ("sets",)),
        "tcga-b": FakeCohort("real", ("clinical",)),
        "paper-a": FakeCohort("paper", ("huge",)),
    }
    sources = {
        "counts": [FakeSource(1_000_000, "CC0"), FakeSource(500_000, "CC0")],
        "clinical": [FakeSource(250_000, "open")],
        "huge": [FakeSource(None, "open")],
        "sets": [FakeSource(50_000, "open")],
    }
    monkeypatch.setattr("helpers.cohorts.registry.COHORTS", cohorts)
    monkeypatch.setattr("helpers.cohorts.sources.load_sources", lambda: sources)
    monkeypatch.setattr("helpers.cohorts.sources.is_available", lambda group: group != "huge")
    monkeypatch.setattr(
        "helpers.cohorts.sources.fetch_group", lambda group, progress: fetched.append(group)
    )
    return fetched


def test_cohorts_says_what_is_at_hand(fake_data, capsys):
    assert main(["cohorts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:3] == ["demo-tiny", "demo", "simulated"]
    assert lines[2].split()[:3] == ["tcga-a", "real", "available"]
    assert lines[4].split()[:4] == ["paper-a", "paper", "not", "reachable"]


@pytest.mark.parametrize(
    ("targets", "groups"),
    [
        ([], ["counts", "clinical", "sets"]),
        (["tcga-b"], ["clinical"]),
        (["huge", "tcga-b"], ["huge", "clinical"]),
        (["demo-tiny"], []),
    ],
)
def test_fetch_takes_cohorts_groups_or_what_the_book_needs(fake_data, capsys, targets, groups):
    assert main(["fetch", *targets]) == 0
    assert fake_data == groups and capsys.readouterr().out == ""


def test_fetch_says_how_much_and_under_which_licence(fake_data, capsys):
    main(["fetch", "tcga-a"])
    assert capsys.readouterr().err.splitlines() == [
        "counts: 2 files, 1.5 MB, CC0",
        "clinical: 1 file, 250 kB, open",
        "sets: 1 file, 50 kB, open",
        "all there and verified: 4 files, 1.8 MB",
    ]


def test_fetching_what_does_not_exist_is_refused(fake_data, capsys):
    said = refused(capsys, "fetch", "tcga-a", "clincal")
    assert "nothing to fetch is called `clincal`; nearest: `clinical`. All: demo-tiny" in said
    assert fake_data == []


def test_data_that_does_not_come_is_exit_code_1(fake_data, monkeypatch, capsys):
    def offline(group, progress):
        raise OSError(f"{group} could not be downloaded")

    monkeypatch.setattr("helpers.cohorts.sources.fetch_group", offline)
    assert main(["fetch", "counts"]) == 1
    assert capsys.readouterr().err.endswith("error: counts could not be downloaded\n")


@pytest.mark.parametrize("dataset", ["auto", "demo", "real"])
def test_book_prints_the_path_to_open(monkeypatch, capsys, dataset):
    monkeypatch.setattr(
        "helpers.book.build.build_book", lambda dataset: Path("build") / dataset / "index.html"
    )
    assert main(["book", "--dataset", dataset]) == 0
    assert capsys.readouterr().out == f"build/{dataset}/index.html\n"
