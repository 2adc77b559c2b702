"""Servers that stall, answer a web page, err or break off: in words, and nothing is left behind."""

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.cohorts import download
from helpers.cohorts.sources import CorruptDownload, DataUnavailable, Source, fetch

ROOT = Path(__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 400
PAGES = [
    b"<!DOCTYPE html><html><body>Please log in</body></html>",
    b"\xef\xbb\xbf\n <html lang='en'>502 Bad Gateway</html>",
]


def a_source(address, registered=True):
    return Source(
        group="group", path="table.gz", url=f"{address}/table.gz", mirror_path="o/r/table.gz",
        bytes=len(CONTENT) if registered else None,
        sha256=hashlib.sha256(CONTENT).hexdigest() if registered else None,
        licence="", citation="", what="",
    )  # fmt: skip


@pytest.fixture
def served(server):
    folder, address, handler = server
    (folder / "table.gz").write_bytes(CONTENT)
    return folder / "table.gz", address, handler


def files_in(folder):
    return [path.name for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("registered", [True, False], ids=["registered", "not registered"])
@pytest.mark.parametrize("page", PAGES)
def test_a_web_page_is_no_data(empty_cache, served, page, registered):
    file, address, _ = served
    file.write_bytes(page)
    with pytest.raises(CorruptDownload, match=r"table\.gz .* must be data; got a web page"):
        fetch(a_source(address, registered))
    assert files_in(empty_cache) == []
    file.write_bytes(CONTENT)
    assert fetch(a_source(address, registered)).read_bytes() == CONTENT


def test_a_server_that_stalls_is_given_up(empty_cache, served, monkeypatch):
    _, address, handler = served
    monkeypatch.setattr(download, "TIMEOUT", (1.0, 0.3))
    handler.fault = "slow"
    began = time.monotonic()
    with pytest.raises(DataUnavailable, match=r"table\.gz stopped answering .*HELPERS_DATA_MIRROR"):
        fetch(a_source(address))
    assert time.monotonic() - began < 5 and files_in(empty_cache) == []
    handler.fault = ""
    assert fetch(a_source(address)).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fault", "told"), [("error", "answered 500"), ("half", "broke off the transfer")]
)
def test_a_server_that_errs_or_breaks_off(empty_cache, served, fault, told):
    _, address, handler = served
    handler.fault = fault
    with pytest.raises(DataUnavailable, match=told):
        fetch(a_source(address))
    assert files_in(empty_cache) == []


# Two at once

FETCH = """
import sys
from tests.faults.test_bad_servers import a_source
from helpers.cohorts.sources import fetch
print(len(fetch(a_source(sys.argv[1])).read_bytes()))
"""


def test_threads_that_fetch_one_file_all_have_it(empty_cache, served):
    _, address, _ = served
    with ThreadPoolExecutor(8) as pool:
        got = [pool.submit(lambda: fetch(a_source(address)).read_bytes()) for _ in range(24)]
    assert all(one.result() == CONTENT for one in got)
    assert files_in(empty_cache) == ["table.gz"]


@pytest.mark.kernel
def test_processes_that_fetch_one_file_all_have_it(empty_cache, served):
    _, address, _ = served
    command, given = [sys.executable, "-c", FETCH, address], {"cwd": ROOT, "env": dict(os.environ)}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given)
        for _ in range(3)
    ]
    said = [one.communicate(timeout=120) for one in both]
    assert [out.strip() for out, _ in said] == [b"102400"] * 3, said
    assert files_in(empty_cache) == ["table.gz"] and not list(empty_cache.rglob("*.part-*"))


def test_a_file_that_another_process_puts_there_meanwhile_stays(empty_cache, served, monkeypatch):
    """Between the look at the place and the download; it was deleted once."""
    _, address, _ = served
    source, seen = a_source(address), []

    def downloaded(url, mirror_path, target, *_):
        seen.append(target.exists())
        return target

    class Late(type(source.local_path)):
        """A path whose file comes the moment after it was looked for."""

        def is_file(self):
            self.parent.mkdir(parents=True)
            self.write_bytes(CONTENT)
            return False

    monkeypatch.setattr(Source, "local_path", property(lambda _: Late(empty_cache / "table.gz")))
    monkeypatch.setattr("helpers.cohorts.sources.download", downloaded)
    fetch(source)
    assert seen == [True]
