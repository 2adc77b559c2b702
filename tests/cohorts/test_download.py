"""Downloads that break in every way: nothing wrong is ever used or left behind."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from helpers.cohorts import download as download_module
from helpers.cohorts.sources import CorruptDownload, DataUnavailable, Source, fetch, is_available
from helpers.processes import this_process

CONTENT = bytes(range(256)) * 400  # 102,400 bytes
MIRROR_PATH = "owner/repository/commit/table.rda"


def _source(url, content=CONTENT, registered=True):
    return Source(
        group="group",
        path="table.rda",
        url=url,
        mirror_path=MIRROR_PATH,
        bytes=len(content) if registered else None,
        sha256=hashlib.sha256(content).hexdigest() if registered else None,
        licence="none",
        citation="none",
        what="a test file",
    )


def _cached_files(cache):
    return sorted(str(p.relative_to(cache)) for p in cache.rglob("*") if p.is_file())


def _parts(cache):
    return [path for path in cache.rglob("*.part-*")]


@pytest.fixture
def served(server):
    """The server with the file in its folder: (the file, source, handler)."""
    folder, address, handler = server
    file = folder / "table.rda"
    file.write_bytes(CONTENT)
    return file, _source(f"{address}/table.rda"), handler


def test_a_file_is_downloaded_once_and_then_taken_from_the_cache(empty_cache, served):
    _, source, handler = served
    assert fetch(source).read_bytes() == CONTENT
    assert fetch(source) == empty_cache / "sources" / MIRROR_PATH
    assert handler.requests == ["/table.rda"]
    assert _parts(empty_cache) == []


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (CONTENT[:-1], r"must have 102,400 bytes; got 102,399"),
        (CONTENT + b"\0", r"must have 102,400 bytes; got 102,401"),
        (b"\1" + CONTENT[1:], r"must have sha256 [0-9a-f]{64}; got [0-9a-f]{64}"),
        (b"", r"got 0"),
    ],
    ids=["truncated", "longer", "flipped byte", "empty"],
)
@pytest.mark.parametrize("origin", ["network", "mirror folder", "mirror address"])
def test_a_wrong_file_is_refused_and_deleted(
    empty_cache, served, tmp_path, monkeypatch, damaged, message, origin
):
    file, source, _ = served
    if origin == "network":
        file.write_bytes(damaged)
    else:
        root = tmp_path / "mirror" if origin == "mirror folder" else file.parent
        (root / MIRROR_PATH).parent.mkdir(parents=True)
        (root / MIRROR_PATH).write_bytes(damaged)
        address = source.url.removesuffix("/table.rda")
        monkeypatch.setenv(
            "HELPERS_DATA_MIRROR", str(root) if origin == "mirror folder" else address
        )
    with pytest.raises(CorruptDownload, match=message) as error:
        fetch(source)
    assert MIRROR_PATH in str(error.value)
    assert _cached_files(empty_cache) == []


def test_a_corrupted_cached_file_is_fetched_again(empty_cache, served):
    _, source, handler = served
    fetch(source).write_bytes(b"\1" + CONTENT[1:])
    assert fetch(source).read_bytes() == CONTENT
    fetch(source).write_bytes(CONTENT[:100])
    assert fetch(source).read_bytes() == CONTENT
    assert len(handler.requests) == 3


def test_a_corrupted_cached_file_does_not_stay_when_it_cannot_be_replaced(empty_cache, served):
    _, source, handler = served
    fetch(source).write_bytes(CONTENT[:100])
    handler.fault = "error"
    with pytest.raises(DataUnavailable, match="answered 500"):
        fetch(source)
    assert _cached_files(empty_cache) == []


@pytest.mark.parametrize("registered", [True, False])
def test_a_server_that_dies_halfway_leaves_nothing(empty_cache, served, registered):
    _, source, handler = served
    source = _source(source.url, registered=registered)
    handler.fault = "half"
    with pytest.raises(DataUnavailable, match="broke off the transfer"):
        fetch(source)
    assert len(handler.requests) == 2, "a broken transfer is tried once more"
    assert _cached_files(empty_cache) == []
    handler.fault = ""
    assert fetch(source).read_bytes() == CONTENT


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_download_leaves_nothing(empty_cache, served, monkeypatch, stop):
    _, source, _ = served

    def interrupted(self, url, output_file, pooch):
        with open(output_file, "wb") as file:
            file.write(CONTENT[:1000])
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(download_module.pooch.HTTPDownloader, "__call__", interrupted)
        with pytest.raises(stop):
            fetch(source)
    assert _cached_files(empty_cache) == []
    assert fetch(source).read_bytes() == CONTENT


def test_a_killed_download_leaves_nothing_that_is_trusted(empty_cache, served):
    _, source, handler = served
    handler.fault = "slow"
    code = textwrap.dedent(f"""
        from helpers.cohorts.sources import Source, fetch
        fetch({source!r})
    """)
    child = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    deadline = time.monotonic() + 30
    while not any(p.is_file() and p.stat().st_size for p in _parts_content(empty_cache)):
        assert time.monotonic() < deadline, "the download never began"
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert _parts(empty_cache), "the killed process could not clean up"
    assert not source.local_path.exists()
    handler.fault = ""
    assert fetch(source).read_bytes() == CONTENT
    assert _parts(empty_cache) == [], "the next download does"


def _parts_content(cache):
    return [file for part in _parts(cache) for file in part.glob("*")]


def test_the_part_of_a_running_download_is_left_alone(empty_cache, served):
    _, source, _ = served
    running = source.local_path.with_name(f"table.rda.part-0-{this_process()}")
    running.mkdir(parents=True)
    fetch(source)
    assert running.exists()


def test_a_download_that_ends_while_another_begins_is_no_error(empty_cache, served, monkeypatch):
    _, source, _ = served
    ending = source.local_path.with_name("table.rda.part-0-1-1-host")
    ending.mkdir(parents=True)
    # Its process is running when it is asked about, and has cleaned up a moment later.
    monkeypatch.setattr(download_module, "is_alive", lambda _: not ending.rmdir())
    assert fetch(source).read_bytes() == CONTENT
    assert _parts(empty_cache) == []


def test_a_mirror_is_looked_in_before_the_network(empty_cache, served, tmp_path, monkeypatch):
    _, source, handler = served
    (tmp_path / "mirror" / MIRROR_PATH).parent.mkdir(parents=True)
    (tmp_path / "mirror" / MIRROR_PATH).write_bytes(CONTENT)
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path / "mirror"))
    assert fetch(source).read_bytes() == CONTENT
    assert handler.requests == []


def test_a_mirror_that_lacks_the_file_is_passed_over(empty_cache, served, monkeypatch):
    _, source, handler = served
    monkeypatch.setenv("HELPERS_DATA_MIRROR", source.url.removesuffix("/table.rda"))
    assert fetch(source).read_bytes() == CONTENT
    assert handler.requests == [f"/{MIRROR_PATH}", "/table.rda"]


def test_a_cache_is_a_mirror(empty_cache, served, tmp_path, monkeypatch):
    _, source, handler = served
    fetch(source)
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(empty_cache / "sources"))
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path / "another cache"))
    assert fetch(source).read_bytes() == CONTENT
    assert len(handler.requests) == 1


def test_without_network_the_error_comes_soon_and_says_what_to_do(empty_cache):
    start = time.monotonic()
    with pytest.raises(DataUnavailable, match=r"HELPERS_DATA_MIRROR.*demo-pancan"):
        fetch(_source("http://127.0.0.1:9/table.rda"))
    assert time.monotonic() - start < 5
    assert download_module.TIMEOUT[0] <= 5


def test_the_first_download_of_a_file_without_sum_is_recorded(empty_cache, served):
    file, source, _ = served
    source = _source(source.url, registered=False)
    path = fetch(source)
    note = json.loads(path.with_name("table.rda.recorded.json").read_text())
    assert note["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert note["bytes"] == len(CONTENT)
    path.write_bytes(CONTENT[:5])
    assert fetch(source).read_bytes() == CONTENT, "a damaged copy is replaced"
    path.unlink()
    file.write_bytes(CONTENT + b"a new release")
    with pytest.raises(CorruptDownload, match="was changed"):
        fetch(source)


def test_a_file_without_sum_or_record_is_not_trusted(empty_cache, served):
    _, source, handler = served
    source = _source(source.url, registered=False)
    source.local_path.parent.mkdir(parents=True)
    source.local_path.write_bytes(b"left by something else")
    assert fetch(source).read_bytes() == CONTENT
    assert len(handler.requests) == 1


def test_availability_needs_the_cache_the_mirror_or_an_answer(
    empty_cache, served, tmp_path, monkeypatch
):
    _, source, handler = served
    monkeypatch.setattr("helpers.cohorts.sources.load_sources", lambda: {"group": [source]})
    assert is_available("group")
    unreachable = _source("http://127.0.0.1:9/table.rda")
    monkeypatch.setattr("helpers.cohorts.sources.load_sources", lambda: {"group": [unreachable]})
    assert not is_available("group")
    (tmp_path / "mirror" / MIRROR_PATH).parent.mkdir(parents=True)
    (tmp_path / "mirror" / MIRROR_PATH).write_bytes(CONTENT)
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path / "mirror"))
    assert is_available("group")
    assert handler.requests == [], "availability downloads nothing"
