"""Folders that appear whole: work is done beside the place and moved there in one step.

A working folder carries the process that made it in its name, so what a killed process left is
recognised and deleted, and what a living one is filling is left alone.
"""

import os
import shutil
import uuid
from pathlib import Path

from helpers.files import writing_to
from helpers.processes import is_alive, this_process
from helpers.runs.plans import read_status

WORKING, MADE_BY = ".running-", ".by-"


def new_work_folder(target: Path) -> Path:
    """A new empty folder beside `target`, named for it and for this process."""
    work = target.with_name(_working_name(target.name))
    with writing_to(target.parent):
        work.mkdir(parents=True)
    return work


def move_whole(work: Path, target: Path, *, replace: bool = False) -> None:
    """Rename the complete run `work` to `target`.

    A finished run already there stays (another process was faster) unless `replace`; anything
    else that is there is no run and goes.

    Raises:
        OSError: the rename failed for another reason than a folder being there.
    """
    for _ in range(3):
        if target.exists():
            if read_status(target) == "finished" and not replace:
                return
            _discard(target)
        try:
            os.rename(work, target)
            return
        except OSError:
            if not target.exists():
                raise
    raise OSError(f"{target} keeps coming back; is another process forcing the same run?")


def remove_stale(home: Path) -> None:
    """Delete the working folders in `home` that processes of this machine left when they died."""
    for folder in home.glob(f"{WORKING}*{MADE_BY}*"):
        _, _, maker = folder.name.partition(MADE_BY)
        if not is_alive(maker):
            shutil.rmtree(folder, ignore_errors=True)


def _discard(folder: Path) -> None:
    """Take `folder` away in one step, then delete it at leisure."""
    aside = folder.with_name(_working_name(folder.name))
    try:
        os.rename(folder, aside)
    except FileNotFoundError:
        return
    shutil.rmtree(aside, ignore_errors=True)


def _working_name(name: str) -> str:
    return f"{WORKING}{name}-{uuid.uuid4().hex[:8]}{MADE_BY}{this_process()}"
