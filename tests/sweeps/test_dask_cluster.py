"""Sweeps on Dask: what is killed, interrupted or shared ends with every run there exactly once."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from helpers.sweeps.pool import WORKER_DIED
from helpers.sweeps.sweep import Where, run_sweep
from helpers.sweeps.worker import make_run_elsewhere

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
WAIT = 120  # seconds; a machine under load needs many
SWEEP = """
import sys
from helpers import files
from helpers.cli import main
files.results_folder = lambda results=None: __import__("pathlib").Path(sys.argv[2])
if __name__ == "__main__":
    sys.exit(main(["sweep", sys.argv[1], *sys.argv[3:]]))
"""
# Writes its process id, then sleeps if it is the first to come: the others, and it when it is made
# again, go on at once.
SLOW_ONCE = """
import os, pathlib, time
mark = pathlib.Path({mark!r})
try:
    with open(mark, "x") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
except FileExistsError:
    pass
"""
# Of two runs the first waits until the file `release` is there, whoever makes it and however often.
SLOW_UNTIL = """
import os, pathlib, time
if n_latent == 2:
    pathlib.Path({mark!r}).write_text(str(os.getpid()))
    while not pathlib.Path({release!r}).exists():
        time.sleep(0.05)
"""


@pytest.fixture
def project(write_notebook, tmp_path):
    """Function (cells, YAML) → path of a sweep over a notebook whose cohort is really there."""
    from tests.fixtures.projects import PARAMETERS, REPORT

    def write(*cells, what="grid: {n_latent: [2, 3]}", name="mine"):
        parameters = PARAMETERS.replace("demo-tiny", "demo-pancan")
        notebook = write_notebook("tiny", *cells, REPORT, parameters=parameters)
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"notebook: {notebook}\n{what}\n")
        return path

    return write


def wait_for(condition):
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    return True


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def all_once(results, n_runs):
    """Every run is there, finished, and nothing else is."""
    folders = list((results / "tiny").iterdir())
    statuses = [json.loads((folder / "run.json").read_text())["status"] for folder in folders]
    return statuses == ["finished"] * n_runs


def start(path, results, *arguments):
    """The sweep in a process group of its own, as a terminal would start it."""
    command = [sys.executable, "-c", SWEEP, str(path), str(results), *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_killed_worker_is_replaced_and_its_run_made_again(project, tmp_path):
    mark, results = tmp_path / "mark", tmp_path / "results"
    path = project(SLOW_ONCE.format(mark=str(mark)))

    def kill():
        wait_for(lambda: mark.exists() and mark.read_text())
        psutil.Process(int(mark.read_text())).parent().kill()

    killer = threading.Thread(target=kill)
    killer.start()
    table = run_sweep(path, results=results, where=Where(workers=1), progress=False)
    killer.join()
    assert list(table["status"]) == ["finished"] * 2 and all_once(results, 2)
    assert wait_for(lambda: is_gone(int(mark.read_text())))


def test_a_run_that_always_kills_its_worker_fails_after_three_retries(project, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    kills = (
        "import os, psutil, pathlib, time\n"
        f"if n_latent == 2:\n    pathlib.Path({str(marks)!r}, str(os.getpid())).touch()\n"
        "    psutil.Process().parent().kill(); time.sleep(600)"
    )
    table = run_sweep(
        project(kills), results=tmp_path / "results", where=Where(workers=1), progress=False
    )
    assert list(table["status"]) == ["failed", "finished"]
    assert table["error"][0] == WORKER_DIED
    pids = [int(mark.name) for mark in marks.iterdir()]
    assert len(pids) == 4 and wait_for(lambda: all(map(is_gone, pids)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_sweep_leaves_no_process_and_resumes(project, tmp_path, number):
    mark, release, results = tmp_path / "mark", tmp_path / "release", tmp_path / "results"
    path = project(SLOW_UNTIL.format(mark=str(mark), release=str(release)))
    process = start(path, results, "--workers", "2")
    wait_for(lambda: (mark.exists() and mark.read_text()) or process.poll() is not None)
    wait_for(lambda: list(results.glob("tiny/*/run.json")) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    members = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=WAIT)
    assert wait_for(lambda: all(is_gone(member.pid) for member in members)), err
    if number == signal.SIGINT:
        assert process.returncode == 130 and out == ""
        assert err.splitlines()[-1] == (
            "error: interrupted. The same command starts again where it can"
        )
        assert not list(results.glob("tiny/.running-*")) and "Traceback" not in err
    release.touch()
    again = start(path, results, "--workers", "0")
    out, err = again.communicate(timeout=WAIT)
    assert again.returncode == 0, err
    assert "2 runs of" in err and "1 of them already there" in err
    assert all_once(results, 2) and pd.read_csv(out.strip())["run_id"].is_unique


def test_two_sweeps_at_once_do_not_spoil_each_other(project, tmp_path):
    results = tmp_path / "results"
    path = project()
    both = [start(path, results, "--workers", "0") for _ in range(2)]
    said = [one.communicate(timeout=WAIT) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert all_once(results, 2)
    assert list(pd.read_csv(results / "sweeps" / "mine.csv")["status"]) == ["finished"] * 2


# A cluster that is there already


def end(process):
    """Wait for a terminated process; a worker that hangs without its scheduler is killed."""
    try:
        process.wait(WAIT / 2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(WAIT)


@contextlib.contextmanager
def cluster(folder, n_workers, *worker_options):
    """(address, its process) of a scheduler with workers, each a process of its own."""
    log = (folder / "log").open("w+")
    options = {"stdout": log, "stderr": log, "cwd": ROOT}
    dask = [sys.executable, "-m", "dask"]
    local = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    processes = [subprocess.Popen([*dask, "scheduler", *local, "--port", "0"], **options)]
    pattern = re.compile(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)")
    wait_for(lambda: pattern.search((folder / "log").read_text()))
    address = pattern.search((folder / "log").read_text())[1]
    for _ in range(n_workers):
        place = ["--nthreads", "1", "--local-directory", str(folder)]
        command = [*dask, "worker", address, *local, *place, *worker_options]
        processes.append(subprocess.Popen(command, **options))
    try:
        yield address, processes[0]
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            end(process)
        log.close()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Address of a scheduler with two workers."""
    with cluster(tmp_path_factory.mktemp("dask"), n_workers=2) as (address, _):
        yield address


def test_a_sweep_by_address_with_a_shared_folder(project, tmp_path, scheduler):
    results = tmp_path / "results"
    path = project("assert n_latent != 3, 'unlucky'")
    table = run_sweep(path, results=results, where=Where(scheduler=scheduler), progress=False)
    assert list(table["status"]) == ["finished", "failed"]
    assert table["fit.loss"][0] == 2.0 and "unlucky" in table["error"][1]
    assert (results / table["folder"][0] / "notebook.ipynb").exists()
    assert "unlucky" in (results / table["folder"][1] / "traceback.txt").read_text()


def test_leaving_a_cluster_stops_what_runs_there(project, tmp_path, scheduler):
    mark, results = tmp_path / "mark", tmp_path / "results"
    path = project(SLOW_ONCE.format(mark=str(mark)), what="list: [{}]")
    process = start(path, results, "--scheduler", scheduler)
    wait_for(lambda: (mark.exists() and mark.read_text()) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=WAIT)
    assert process.returncode == 130
    assert wait_for(lambda: is_gone(int(mark.read_text())))
    wait_for(lambda: not list((results / "tiny").rglob("run.json")))


def test_a_worker_without_a_nanny_finishes_its_run(project, tmp_path):
    mark, release, results = tmp_path / "mark", tmp_path / "release", tmp_path / "results"
    waits = SLOW_UNTIL.format(mark=str(mark), release=str(release))
    path = project(waits, what="list: [{n_latent: 2}]")
    with cluster(tmp_path, 1, "--no-nanny") as (address, _):
        process = start(path, results, "--scheduler", address)
        wait_for(lambda: (mark.exists() and mark.read_text()) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=WAIT)
        assert process.returncode == 130 and "Traceback" not in err
        release.touch()
        wait_for(lambda: list(results.glob("tiny/*/run.json")))
    assert wait_for(lambda: is_gone(int(mark.read_text()))) and all_once(results, 1)


def test_a_scheduler_that_goes_away_ends_the_sweep_in_one_line(project, tmp_path):
    mark, results = tmp_path / "mark", tmp_path / "results"
    path = project(SLOW_ONCE.format(mark=str(mark)), what="list: [{}]")
    with cluster(tmp_path, n_workers=1) as (address, process):
        sweep = start(path, results, "--scheduler", address)
        wait_for(lambda: (mark.exists() and mark.read_text()) or sweep.poll() is not None)
        assert sweep.poll() is None, sweep.communicate()
        process.kill()
        _, err = sweep.communicate(timeout=WAIT)
    assert sweep.returncode == 1 and "Traceback" not in err
    assert err.splitlines()[-1] == "error: the Dask scheduler went away. The same command resumes"
    assert wait_for(lambda: is_gone(int(mark.read_text())))


def test_no_scheduler_is_a_refusal(project, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.sweeps.pool.CONNECT_TIMEOUT", 1)
    with pytest.raises(ConnectionError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run_sweep(project(), results=tmp_path, where=Where(scheduler="tcp://127.0.0.1:9"))


def test_a_worker_with_other_code_refuses_the_run(project, tmp_path):
    project()
    notebook = str(tmp_path / "notebooks" / "tiny.ipynb")
    outcome = make_run_elsewhere(notebook, {}, "0" * 12, str(tmp_path / "results"))
    assert outcome.status == "failed" and "the worker has other code" in outcome.error
    outcome = make_run_elsewhere("tinny", {}, "0" * 12, str(tmp_path / "results"))
    assert "the worker refuses the run: unknown notebook `tinny`" in outcome.error
    assert not (tmp_path / "results").exists()
