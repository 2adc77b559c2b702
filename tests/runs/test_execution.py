"""A run is there whole or not at all, is made once, and a failed one says why."""

import json
import subprocess
import sys
import threading
import time
from base64 import b64decode
from pathlib import Path

import pytest

from helpers.processes import this_process
from helpers.runs import execution as runs
from helpers.runs.execution import RunFailed, find_runs, run_notebook
from helpers.runs.folders import move_whole, new_work_folder, remove_stale
from helpers.runs.plans import find_notebook, plan_run
from helpers.runs.record import FIGURE_DPI

KEYS = (
    "notebook run_id status parameters seed cohort device hardware versions git_commit git_dirty "
    "inputs helpers_path started duration_s peak_memory_mb"
)
RUN_AND_SAY = """
import sys
from pathlib import Path
root = Path(sys.argv[1])
import helpers.files, helpers.cohorts.registry
helpers.files.project_root = lambda: root
helpers.cohorts.registry.check_cohort = lambda *a, **k: None
helpers.cohorts.registry.cohort_inputs = lambda name: {}
helpers.cohorts.registry.cohort_code = lambda name: []
from helpers.runs.execution import run_notebook
print(run_notebook(sys.argv[2], results=root / "results"))
"""


def start(project, notebook):
    """A process of its own that runs `notebook` of the tiny project."""
    command = [sys.executable, "-c", RUN_AND_SAY, str(project), notebook]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def finished(folder, run_id="0" * 12, status="finished"):
    folder.mkdir(parents=True, exist_ok=True)
    about = {"status": status, "run_id": run_id, "started": f"2024-01-01T00:00:{run_id[:2]}+00:00"}
    (folder / "run.json").write_text(json.dumps(about))
    return folder


# What a run leaves


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory):
    """Project and folder of one real run of the tiny notebook."""
    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.files.project_root", lambda: root)
        patch.setattr("helpers.cohorts.registry.check_cohort", lambda *_, **__: None)
        patch.setattr("helpers.cohorts.registry.cohort_inputs", lambda _: {"counts.tsv": "ab" * 32})
        patch.setattr("helpers.cohorts.registry.cohort_code", lambda _: [])
        (root / "notebooks").mkdir()
        (root / "notebooks" / "tiny.ipynb").write_text(json.dumps(TINY))
        yield root, run_notebook("tiny", {"n_latent": "4", "seed": 3})


def code(source, tags=()):
    return {
        "cell_type": "code",
        "id": f"c{abs(hash(source)) % 10**6}",
        "metadata": {"tags": list(tags)},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


TINY = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    "cells": [
        code(
            'cohort: str = "demo-tiny"  # cohort\nseed: int = 0  # seed\n'
            'device: str = "auto"  # device\nn_latent: int = 8  # dimensions\n'
            'out_dir: str = ""  # folder',
            ["parameters"],
        ),
        code("import os, sys\nprint(os.getcwd(), sys.executable, out_dir, sep='\\n')"),
        code("import warnings\nwarnings.warn('to stderr, which is no failure')"),
        code(
            "from helpers.runs.record import Record\nrecord = Record('tiny', out_dir)\n"
            "record.metric('fit.loss', n_latent + seed)"
        ),
        code("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"),
        code("axes = plt.subplots(figsize=(4, 2))[1]\nrecord.figure('line', axes)"),
        code("record.figure('line', axes)"),
    ],
}


@pytest.mark.kernel
def test_the_folder_holds_what_was_promised(tiny_run):
    root, folder = tiny_run
    about = json.loads((folder / "run.json").read_text())
    assert sorted(about) == sorted(KEYS.split())
    assert folder == root / "results" / "tiny" / about["run_id"]
    assert about["parameters"] == {
        "cohort": "demo-tiny",
        "seed": 3,
        "device": "auto",
        "n_latent": 4,
    }
    assert about["device"] == "cpu" and about["cohort"] == "demo-tiny" and about["seed"] == 3
    assert about["inputs"] == {"counts.tsv": "ab" * 32}
    assert about["status"] == "finished" and 0 < about["duration_s"] < 300
    assert 20 < about["peak_memory_mb"] < 4000
    assert json.loads((folder / "metrics.json").read_text()) == {"fit.loss": 7}
    assert sorted(path.name for path in folder.iterdir()) == [
        "figures",
        "metrics.json",
        "notebook.ipynb",
        "run.json",
    ]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.kernel
def test_the_kernel_is_this_python_in_the_project(tiny_run):
    root, folder = tiny_run
    notebook = json.loads((folder / "notebook.ipynb").read_text())
    printed = next(c for c in notebook["cells"] if "getcwd" in "".join(c["source"]))
    lines = "".join(printed["outputs"][0]["text"]).splitlines()
    assert Path(lines[0]) == root and lines[1] == sys.executable


@pytest.mark.kernel
def test_a_recorded_figure_is_shown_once_from_its_file(tiny_run):
    _, folder = tiny_run
    plotted, recorded, again = json.loads((folder / "notebook.ipynb").read_text())["cells"][-3:]
    (shown,) = [out for out in recorded["outputs"] if "image/png" in out.get("data", {})]
    file = (folder / "figures" / "line.png").read_bytes()
    assert b64decode("".join(shown["data"]["image/png"])) == file
    width = int.from_bytes(file[16:20], "big")
    # The width alone: a page scales the height with it.
    assert shown["metadata"]["image/png"] == {"width": round(width * 100 / FIGURE_DPI)}
    assert len(plotted["outputs"]) == 1 and not again["outputs"]


@pytest.mark.kernel
def test_the_executed_notebook_shows_its_figure_and_no_working_folder(tiny_run):
    _, folder = tiny_run
    text = (folder / "notebook.ipynb").read_text()
    assert "image/png" in text and ".running-" not in text
    metadata = json.loads(text)["metadata"]["papermill"]
    assert metadata["parameters"]["out_dir"] == f"results/tiny/{folder.name}"
    assert metadata["input_path"] == "tiny.ipynb" and metadata["exception"] is None


@pytest.mark.kernel
def test_a_finished_run_is_not_made_again(tiny_run, monkeypatch):
    _, folder = tiny_run
    monkeypatch.setattr(runs, "_execute", lambda *_: pytest.fail("executed again"))
    assert run_notebook("tiny", {"seed": "3", "n_latent": 4}) == folder
    assert [run["folder"] for run in find_runs()] == [folder]


# What is refused before a kernel starts


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("tinny", {}, "unknown notebook `tinny`; nearest: `tiny`. All: tiny"),
        ("tiny", {"n_latnet": 3}, "unknown parameter `n_latnet` of tiny; nearest: `n_latent`"),
        ("tiny", {"n_latent": "abc"}, "`n_latent` of tiny is int .* got 'abc'"),
        ("tiny", {"cohort": "tcga"}, "unknown cohort `tcga`. All: demo-tiny"),
        ("tiny", {"out_dir": "here"}, "`out_dir` is set by the run itself"),
    ],
)
def test_refusals(tiny_project, monkeypatch, name, parameters, message):
    monkeypatch.setattr(runs, "_execute", lambda *_: pytest.fail("a kernel was started"))
    with pytest.raises(ValueError, match=message):
        run_notebook(name, parameters)
    assert not (tiny_project / "results").exists()


def test_a_notebook_says_which_columns_it_needs(tiny_project, write_notebook):
    write_notebook("survival", "1", metadata={"cohort_needs": ["patient", "os_time"]})
    with pytest.raises(ValueError, match="lacks the column `os_time`"):
        plan_run("survival")


def test_each_cohort_of_a_notebook_may_need_columns_of_its_own(tiny_project, write_notebook):
    from tests.fixtures.projects import PARAMETERS

    write_notebook(
        "two",
        "1",
        parameters=f'{PARAMETERS}\nother_cohort: str = "demo-tiny"  # a second one',
        metadata={"cohort_needs": {"other_cohort": ["patient", "os_time"]}},
    )
    assert plan_run("two", {"other_cohort": ""})
    with pytest.raises(ValueError, match="lacks the column `os_time`"):
        plan_run("two")


def test_a_notebook_that_cannot_report_is_refused(tiny_project, write_notebook):
    write_notebook("mute", "1", parameters="seed: int = 0  # seed")
    with pytest.raises(ValueError, match="mute has no parameter `out_dir`"):
        plan_run("mute")


def test_relative_data_folders_are_the_callers(monkeypatch, tmp_path):
    from helpers.runs.kernel import _environment

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HELPERS_DATA_MIRROR", "mirror")
    monkeypatch.setenv("HELPERS_DATA_CACHE", "https://example.org/x")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    environment = _environment()
    assert environment["HELPERS_DATA_MIRROR"] == str(tmp_path / "mirror")
    assert environment["HELPERS_DATA_CACHE"] == "https://example.org/x"
    assert "MPLBACKEND" not in environment and environment["TQDM_DISABLE"] == "1"


def test_kernels_wait_without_spinning_and_numba_follows_the_number_of_threads(monkeypatch):
    from helpers.runs.kernel import _environment

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert _environment()["OMP_WAIT_POLICY"] == "PASSIVE"
    assert _environment()["NUMBA_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert _environment()["OMP_WAIT_POLICY"] == "ACTIVE"
    assert "NUMBA_NUM_THREADS" not in _environment()


def test_openblas_which_can_only_spin_gets_one_thread_unless_told_otherwise(monkeypatch):
    from helpers.runs.kernel import _environment

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert _environment()["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    assert _environment()["OPENBLAS_NUM_THREADS"] == "4"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert "OPENBLAS_NUM_THREADS" not in _environment()


def test_a_cohorts_path_is_the_callers(tiny_project, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "helpers.cohorts.registry.check_cohort", lambda path, **_: seen.append(path)
    )
    monkeypatch.chdir(tiny_project / "notebooks")
    plan = plan_run("tiny", {"cohort": "../mine.h5ad"})
    assert seen == [str(tiny_project / "mine.h5ad")] == [plan.parameters["cohort"]]


def test_a_notebook_is_found_by_name_and_by_path(tiny_project, monkeypatch):
    path = tiny_project / "notebooks" / "tiny.ipynb"
    monkeypatch.chdir(tiny_project)
    for name in ("tiny", "tiny.ipynb", "notebooks/tiny.ipynb", path):
        assert find_notebook(name) == path


# What fails


@pytest.mark.kernel
def test_a_failed_run_is_kept_with_its_traceback(tiny_project, write_notebook):
    write_notebook("broken", "x = 1", "def f():\n    raise KeyError('no gene TP53')", "f()")
    with pytest.raises(RunFailed, match=r"failed in cell 5 of 5: KeyError: 'no gene TP53'") as got:
        run_notebook("broken", {"seed": 1})
    home = tiny_project / "results" / "broken"
    (folder,) = (home / "failed").iterdir()
    assert got.value.folder == folder and str(got.value.traceback) in str(got.value)
    text = got.value.traceback.read_text()
    assert "no gene TP53" in text and "f()" in text and "\x1b" not in text
    about = json.loads((folder / "run.json").read_text())
    assert about["status"] == "failed" and about["error"] == "KeyError: 'no gene TP53'"
    assert (folder / "notebook.ipynb").exists()
    assert [path.name for path in home.iterdir()] == ["failed"]
    assert find_runs() == [] and [run["folder"] for run in find_runs(failed=True)] == [folder]


@pytest.mark.kernel
def test_executed_notebooks_do_not_stay_in_memory(tiny_project, write_notebook):
    import gc

    import nbformat

    write_notebook("loud", "print(f'loud {seed} ' * 1000)")
    gc.disable()  # a process of few objects collects hardly ever
    try:
        run_notebook("loud", {"seed": 1})
        run_notebook("loud", {"seed": 2})  # a loop in a thread may hold what it ran last
        outputs = [one for one in gc.get_objects() if type(one) is nbformat.NotebookNode]
        texts = [str(one.get("text", "")) for one in outputs]
    finally:
        gc.enable()
    assert not [text for text in texts if text.startswith("loud 1 loud 1")]


@pytest.mark.kernel
def test_a_kernel_that_dies_is_a_failed_run(tiny_project, write_notebook):
    write_notebook("dies", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(RunFailed, match=r"cell \d of 3") as got:
        run_notebook("dies", {"seed": 1})
    assert "the kernel died, most often because memory ran out" in str(got.value)
    assert got.value.traceback.exists()


def test_progress_is_a_line_a_cell_on_a_terminal_and_nothing_elsewhere(monkeypatch, capsys):
    from nbformat.v4 import new_code_cell, new_markdown_cell

    from helpers.runs.kernel import Watch

    def watch(progress):
        watch = Watch(2, "auto", progress)
        for cell in (new_markdown_cell("# T"), new_code_cell("a = 1\nb"), new_code_cell("fit()")):
            watch.start(cell)
            if cell.source != "fit()":
                watch.end()
        watch.end()  # the kernel died in the last one
        watch.end()
        assert (watch.cell, watch.source) == (2, "fit()")
        return capsys.readouterr().err.splitlines()

    assert watch(True) == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert [line.split()[:3] for line in watch(True)] == [
        ["cell", "1/2", "a"],
        ["cell", "2/2", "fit()"],
    ]
    assert watch(False) == []


# What is interrupted, killed or started twice


def test_an_interruption_leaves_nothing(tiny_project, monkeypatch):
    from helpers.runs import kernel

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(kernel, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_notebook("tiny")
    assert list((tiny_project / "results" / "tiny").iterdir()) == []


@pytest.mark.kernel
def test_a_killed_run_leaves_no_kernel_and_no_run(tiny_project, write_notebook):
    import psutil

    mark = tiny_project / "started"
    cell = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    write_notebook("slow", cell)
    process = start(tiny_project, "slow")
    wait_for(lambda: (mark.exists() and mark.read_text()) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    wait_for(lambda: not psutil.pid_exists(int(mark.read_text())))
    home = tiny_project / "results" / "slow"
    assert find_runs() == [] and len(list(home.glob(".running-*"))) == 1
    remove_stale(home)
    assert list(home.iterdir()) == []


@pytest.mark.kernel
def test_two_processes_make_one_run(tiny_project):
    processes = [start(tiny_project, "tiny") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    (folder,) = (tiny_project / "results" / "tiny").iterdir()
    assert {out.strip() for out, _ in said} == {str(folder)}
    assert json.loads((folder / "run.json").read_text())["status"] == "finished"


# Folders


def test_the_first_to_finish_wins(tmp_path):
    target = tmp_path / "run"
    first, second = (finished(new_work_folder(target), "01"), new_work_folder(target))
    move_whole(first, target)
    move_whole(finished(second, "02"), target)
    assert json.loads((target / "run.json").read_text())["run_id"] == "01"
    move_whole(second, target, replace=True)
    assert json.loads((target / "run.json").read_text())["run_id"] == "02"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("content", [None, "", "[]", '{"status": "failed"}', '{"status": '])
def test_a_folder_that_is_no_finished_run_is_replaced(tmp_path, content):
    target = tmp_path / "run"
    target.mkdir()
    (target / "metrics.json").write_text("{}")
    if content is not None:
        (target / "run.json").write_text(content)
    move_whole(finished(new_work_folder(target)), target)
    assert [path.name for path in target.iterdir()] == ["run.json"]


def test_many_movers_leave_one_whole_run(tmp_path):
    target = tmp_path / "run"
    works = [finished(new_work_folder(target), f"{i:02}") for i in range(16)]
    movers = [threading.Thread(target=move_whole, args=(work, target)) for work in works]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()
    left = [work for work in works if work.exists()]
    assert len(left) == 15 and json.loads((target / "run.json").read_text())["run_id"]


def test_only_what_the_dead_left_is_removed(tmp_path):
    here = this_process()
    pid, started, host = here.split("-", 2)
    names = {
        f".running-abc-00000000.by-{pid}-{int(started) - 60}-{host}": False,
        f".running-abc-00000000.by-{pid}-{int(started) - 60}-another-host": True,
        f".running-abc-00000000.by-{here}": True,
        ".running-by-hand": True,
        "abc": True,
    }
    for name in names:
        (tmp_path / name).mkdir()
    remove_stale(tmp_path)
    assert {name: (tmp_path / name).exists() for name in names} == names


@pytest.mark.kernel
def test_plain_papermill_works_too(tiny_project):
    import papermill

    path = tiny_project / "notebooks" / "tiny.ipynb"
    out = tiny_project / "out.ipynb"
    given = {"n_latent": 2, "out_dir": str(tiny_project / "here")}
    papermill.execute_notebook(path, out, given, progress_bar=False)
    assert json.loads((tiny_project / "here" / "metrics.json").read_text()) == {"fit.loss": 2.0}
