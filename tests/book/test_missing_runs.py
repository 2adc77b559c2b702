"""The runs of a book that are not there: their order, their pool, what fails, what is stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from helpers.book import missing_runs
from helpers.book.build import finish_runs
from helpers.book.contents import Entry
from helpers.book.forecast import forecast, time_to_end
from helpers.book.missing_runs import BookProgress, RunsFailed, room_for, unfinished_entries
from helpers.runs.plans import Plan
from helpers.sweeps.machine import Share
from helpers.sweeps.worker import Outcome
from tests.fixtures.projects import PARAMETERS, REPORT

ROOT = Path(__file__).parents[2]
WAIT = 120  # seconds; a machine under load needs many


def entry(seed, minutes=None):
    """A page of the notebook `tiny`, run with `seed` on either kind of data."""
    given = {"cohort": "demo-pancan", "seed": seed}
    weights = {"demo": minutes} if minutes else {}
    return Entry("tiny", f"notebooks/tiny_{seed}", given, given, f" · {seed}", minutes=weights)


@pytest.fixture
def root(tmp_path, write_notebook):
    """A folder with the notebook `tiny`, whose cohort is really there."""
    write_notebook("tiny", REPORT, parameters=PARAMETERS.replace("demo-tiny", "demo-pancan"))
    return tmp_path


@pytest.fixture
def pool(monkeypatch):
    """A pool in place of Dask's that notes the seeds it is given; seeds of `fails` fail."""

    class FakePool:
        fails, begun, n_slots = set(), [], 2

        def __init__(self, given):
            self.waiting = []

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        @property
        def n_pending(self):
            return len(self.waiting)

        @property
        def n_room(self):
            return self.n_slots - self.n_pending

        def submit(self, run):
            self.waiting.append(run)
            self.begun.append(run.plan.parameters["seed"])

        def collect(self, timeout):
            run = self.waiting.pop(0)
            if run.plan.parameters["seed"] in self.fails:
                return [(run, Outcome("failed", "KeyError: x. Traceback: there/traceback.txt"))]
            finished(run.plan.folder, run.plan.parameters, 10)
            return [(run, Outcome("finished"))]

    monkeypatch.setattr(missing_runs, "LocalPool", FakePool)
    monkeypatch.setattr(missing_runs, "room_for", lambda missing: [Share(1), Share(1)])
    return FakePool


def finished(folder, parameters, seconds):
    folder.mkdir(parents=True)
    about = {"notebook": "tiny", "status": "finished", "parameters": parameters}
    about |= {"duration_s": seconds, "peak_memory_mb": 300.0, "started": f"{seconds}"}
    (folder / "run.json").write_text(json.dumps(about))


def test_only_runs_that_are_not_there_need_data(root, pool):
    entries = [entry(0), entry(1), Entry("gone", "notebooks/gone", {}, {})]
    finish_runs(entries[:1], "real", False, root / "results", root)
    assert unfinished_entries(entries, False, root / "results", root) == entries[1:]


def test_the_costliest_is_begun_first_and_what_is_there_is_not_made_again(root, pool, capsys):
    entries = [entry(0, minutes=1), entry(1, minutes=3), entry(2), entry(3, minutes=2)]
    made = finish_runs(entries, "demo", False, root / "results", root)
    assert pool.begun == [1, 3, 0, 2]
    assert [run.entry.page for run in made] == [one.page for one in entries]
    assert all(run.run["status"] == "finished" for run in made)
    shown = capsys.readouterr()
    assert "4 runs, 0 of them already there; 2 workers, 1 thread each" in shown.out
    assert "4/4 done" in shown.err and "left | tiny cohort=demo-pancan, seed=1" in shown.err
    finish_runs([*entries, entry(4)], "demo", False, root / "results", root)
    assert pool.begun == [1, 3, 0, 2, 4]
    finish_runs(entries, "demo", False, root / "results", root)
    assert "4 runs, all there." in capsys.readouterr().out.splitlines()


def test_two_pages_of_one_run_make_it_once(root, pool):
    finish_runs([entry(0), entry(0)], "demo", False, root / "results", root)
    assert pool.begun == [0]


def test_what_fails_lets_the_others_finish_and_is_named_with_its_traceback(root, pool):
    pool.fails = {1, 2}
    entries = [entry(seed) for seed in range(4)]
    message = (
        r"2 of the book's 4 runs failed.*tiny cohort=demo-pancan, seed=1: KeyError: x\. Traceback: "
        r"there/traceback\.txt; tiny cohort=demo-pancan, seed=2: KeyError"
    )
    with pytest.raises(RunsFailed, match=message):
        finish_runs(entries, "demo", False, root / "results", root)
    assert len(list((root / "results" / "tiny").glob("*/run.json"))) == 2


def test_what_a_run_reads_is_fetched_and_a_refused_run_starts_nothing(root, pool, monkeypatch):
    asked = []
    monkeypatch.setattr(missing_runs, "fetch_inputs", lambda plans, say: asked.append(len(plans)))
    finish_runs([entry(0), entry(1)], "demo", False, root / "results", root)
    assert asked == [2]
    misspelt = Entry("tiny", "p", real={}, demo={"sede": 1})
    with pytest.raises(ValueError, match="unknown parameter `sede`"):
        finish_runs([entry(5), misspelt], "demo", False, root / "results", root)
    assert pool.begun == [0, 1]


# ---- how long it takes ----------------------------------------------------------------------


def plan(**parameters):
    """A plan that is only looked at."""
    return Plan(Path("tiny.ipynb"), {"cohort": "a", "quick": False} | parameters, {}, "x", Path())


def test_the_latest_run_of_the_same_kind_tells_and_otherwise_the_books_list():
    def made(seconds, **parameters):
        about = {"notebook": "tiny", "duration_s": seconds, "peak_memory_mb": seconds}
        return about | {"parameters": plan(**parameters).parameters}

    runs = [made(9.0), made(5.0, seed=7), made(700.0, cohort="b"), made(1.0, quick=True)]
    told = forecast(plan(), entry(0, minutes=3), "demo", runs)
    assert (told.seconds, told.memory) == (5.0, 5 * 2**20)
    assert forecast(plan(quick=True), entry(0), "demo", runs).seconds == 1.0
    assert forecast(plan(cohort="c"), entry(0, minutes=3), "demo", runs).seconds == 180
    assert forecast(plan(cohort="c"), entry(0, minutes=3), "real", []).seconds == 60
    assert forecast(plan(quick=True), entry(0, minutes=3), "demo", []).seconds < 180
    other = [runs[0] | {"notebook": "other"}, runs[0] | {"duration_s": None}]
    assert forecast(plan(), entry(0), "demo", other).memory is None


@pytest.mark.parametrize(
    ("seconds", "n_slots", "expected"),
    [([], 2, 0), ([4], 2, 4), ([4, 3, 2, 1], 2, 5), ([4, 3, 2, 1], 1, 10), ([1, 1, 4], 2, 5)],
)
def test_time_to_the_end_is_that_of_runs_begun_in_order(seconds, n_slots, expected):
    assert time_to_end(seconds, n_slots) == expected


def test_time_left_follows_the_pace_of_the_runs_that_ended(root, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(missing_runs.time, "monotonic", lambda: now[0])
    entries = [entry(seed, minutes=1) for seed in range(3)]
    plans = missing_runs.plan_entries(entries, "demo", False, root / "results", root)
    missing = missing_runs.missing_runs(entries, plans, "demo", False, root / "results")
    progress = BookProgress(missing, 3)
    assert progress.time_left(2) == 120
    for one in missing[:2]:
        progress.began(one.run)
    now[0] += 30
    assert progress.has_ended(missing[0].run) == 30  # half of what was expected
    assert progress.time_left(2) == 30  # the third; the second should have ended just now


def test_as_many_run_at_once_as_the_cores_and_the_largest_of_them_have_memory_for(
    root, monkeypatch
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("helpers.sweeps.machine._n_cores", lambda: 8)
    monkeypatch.setattr("helpers.sweeps.machine.visible_gpus", list)
    free = psutil.virtual_memory()._replace(available=9 * 2**30)
    monkeypatch.setattr("psutil.virtual_memory", lambda: free)
    entries = [entry(seed) for seed in range(6)]
    plans = missing_runs.plan_entries(entries, "demo", False, root / "results", root)
    missing = missing_runs.missing_runs(entries, plans, "demo", False, root / "results")
    assert room_for(missing) == [Share(2)] * 4  # 2 GiB each, where none is known
    monkeypatch.setattr("helpers.sweeps.machine.visible_gpus", lambda: ["0"])
    assert [share.gpu for share in room_for(missing)] == ["0"] * 4


# ---- on Dask --------------------------------------------------------------------------------

TOGETHER = """
import pathlib, time
marks = pathlib.Path({marks!r})
(marks / str(seed)).touch()
while len(list(marks.iterdir())) < 2:
    time.sleep(0.05)
assert seed == 0, "only the first one finishes"
"""
SLOW = """
import os, pathlib, time
pathlib.Path({mark!r}).write_text(str(os.getpid()))
time.sleep(600)
"""


def write(write_notebook, cell):
    cells = [cell, REPORT]
    write_notebook("tiny", *cells, parameters=PARAMETERS.replace("demo-tiny", "demo-pancan"))


@pytest.mark.kernel
def test_runs_are_made_beside_each_other(root, write_notebook, monkeypatch):
    """Each waits until the other is there; one raises, the other finishes."""
    monkeypatch.setattr(missing_runs, "room_for", lambda missing: [Share(1), Share(1)])
    (root / "marks").mkdir()
    write(write_notebook, TOGETHER.format(marks=str(root / "marks")))
    with pytest.raises(RunsFailed, match=r"seed=1: run .* failed in cell 3 of 4: AssertionError"):
        finish_runs([entry(0), entry(1)], "demo", False, root / "results", root)
    (made,) = (root / "results" / "tiny").glob("*/run.json")
    about = json.loads(made.read_text())
    assert about["parameters"]["seed"] == 0
    (failed,) = (root / "results" / "tiny" / "failed").glob("*/traceback.txt")
    assert "only the first one finishes" in failed.read_text()


@pytest.mark.kernel
def test_an_interrupted_book_leaves_no_kernel_and_no_run(root, write_notebook):
    mark = root / "started"
    write(write_notebook, SLOW.format(mark=str(mark)))
    code = (
        "import pathlib\nfrom helpers.book.build import finish_runs\n"
        "from tests.book.test_missing_runs import entry\n"
        f"root = pathlib.Path({str(root)!r})\n"
        "finish_runs([entry(0)], 'demo', False, root / 'results', root)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + WAIT
    while not (mark.exists() and mark.read_text()):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    kernel, workers = int(mark.read_text()), psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=WAIT)
    assert process.returncode != 0 and "KeyboardInterrupt" in said
    psutil.wait_procs(workers, timeout=WAIT)
    assert not psutil.pid_exists(kernel) or psutil.Process(kernel).status() == "zombie"
    assert not list((root / "results" / "tiny").glob("[!f]*"))
