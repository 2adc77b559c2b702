"""Disks that are small or closed, for faults that are done and not imitated."""

import subprocess

import pytest


class SmallDisk:
    """A file system of its own at `folder`, which can grow, and be closed for writing."""

    def __init__(self, folder):
        self.folder = folder

    def _mount(self, *options):
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True)

    def open(self, n_kib):
        self.folder.mkdir()
        try:
            done = self._mount(f"size={n_kib}k")
        except FileNotFoundError:
            pytest.skip("no `mount` here, so no small disk can be made")
        if done.returncode:
            pytest.skip(f"a small disk needs the right to mount one: {done.stderr.strip()}")

    def resize(self, n_kib):
        assert self._mount("remount", f"size={n_kib}k").returncode == 0

    def close_for_writing(self):
        assert self._mount("remount", "ro").returncode == 0

    def end(self):
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


@pytest.fixture
def small_disk(tmp_path):
    """A `SmallDisk` of 256 KiB; skipped where none can be mounted."""
    disk = SmallDisk(tmp_path / "disk")
    disk.open(256)
    yield disk
    disk.end()
