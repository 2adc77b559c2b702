"""The living are told from the dead, and from those that were given their number."""

import subprocess
import sys
import time

import psutil
import pytest

from helpers import processes
from helpers.processes import is_alive, this_process

NAME = "from helpers.processes import this_process; print(this_process(), flush=True); "


def start(code):
    command = [sys.executable, "-c", NAME + code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_process_lives_until_it_ends():
    process = start("input()")
    maker = process.stdout.readline().strip()
    assert maker.startswith(f"{process.pid}-") and is_alive(maker)
    process.communicate("\n")
    assert not is_alive(maker)


def test_a_process_that_ended_is_dead_before_its_parent_asks():
    process = start("")
    maker = process.stdout.readline().strip()
    process.stdout.read()  # its end
    deadline = time.monotonic() + 30
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it goes on"
    assert not is_alive(maker)
    process.communicate()


def test_a_later_process_of_the_same_number_is_another():
    pid, started, host = this_process().split("-", 2)
    assert is_alive(f"{pid}-{started}-{host}")
    assert not is_alive(f"{pid}-{int(started) - 60}-{host}")


def test_a_process_of_another_host_is_taken_to_live(monkeypatch):
    maker = this_process()
    monkeypatch.setattr(processes.socket, "gethostname", lambda: "another-host")
    assert is_alive(maker)


@pytest.mark.parametrize("text", ["", "abc", "1", "1-2", "1-2-", "x-1-host", "1-x-host"])
def test_text_that_names_no_process_names_no_living_one(text):
    assert not is_alive(text)
