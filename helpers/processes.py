"""Which process made something, and whether it still lives.

What is made beside its place carries its maker in its name (folders of running runs, parts of
downloads) or in a note (trials of a search), so that what a killed process left can be told from
what a living one is at.
"""

import os
import socket

import psutil

SAME_START = 2.0  # seconds by which two readings of one process's start may differ


def this_process() -> str:
    """The running process as text for a name: "<process id>-<its start>-<host>"."""
    return f"{os.getpid()}-{psutil.Process().create_time():.0f}-{socket.gethostname()}"


def is_alive(maker: str) -> bool:
    """Whether the process that `this_process` named `maker` lives; False for any other text.

    One on another host cannot be seen from here and is taken to live. The start tells a process
    from a later one that was given the same id. One that has ended lives no more, though nobody
    may have asked for its exit status yet.
    """
    pid, _, rest = maker.partition("-")
    started, _, host = rest.partition("-")
    if not (pid.isdigit() and started.isdigit() and host):
        return False
    if host != socket.gethostname():
        return True
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - int(started)) <= SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
