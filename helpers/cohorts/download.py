"""One file, from a mirror or from its publisher, to a place where it is whole or absent.

`pooch` downloads into a folder of its own beside the target (`<name>.part-<random>-<process>`);
the file is checked there and only then renamed onto the target, which is atomic. So whatever
stops a download (an exception, Ctrl-C, `kill -9`, two processes at once) leaves the target as it
was; folders left behind by dead processes are removed by the next download of the same file.
"""

import os
import shutil
import time
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pooch
import requests

from helpers import files
from helpers.processes import is_alive, this_process

MIRROR_VARIABLE = "HELPERS_DATA_MIRROR"
TIMEOUT = (5.0, 30.0)  # seconds to connect, and between two pieces of an answer
_ATTEMPTS = 2  # a transfer that breaks halfway is tried once more
_STALE_AFTER = 24 * 3600  # seconds: whether a process of another machine lives cannot be seen


class DataUnavailable(OSError):
    """A file is not in the cache, not in the mirror, and its publisher does not answer."""


class CorruptDownload(OSError):
    """A file is not the registered one: wrong size or sha256. It was deleted."""


def download(
    url: str,
    mirror_path: str,
    target: Path,
    sha256: str | None = None,
    n_bytes: int | None = None,
    progress: bool = False,
) -> Path:
    """Put the file at `target`, verified. `sha256` and `n_bytes` of None are not checked.

    Raises:
        DataUnavailable: neither the mirror has it nor the publisher answers.
        CorruptDownload: what came is not the registered file; nothing is left behind.
        CannotWrite: the disk is full or the folder closed, see `files.writing_to`.
    """
    with files.writing_to(target.parent):
        return _downloaded(url, MirrorFirst(mirror_path, sha256, n_bytes, progress), target)


def _downloaded(url: str, downloader: "MirrorFirst", target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_stale_parts(target)
    part = target.with_name(f"{target.name}.part-{uuid4().hex[:8]}-{this_process()}")
    pooch.get_logger().setLevel("WARNING")
    try:
        known_hash = f"sha256:{downloader.sha256}" if downloader.sha256 else None
        pooch.retrieve(url, known_hash, fname=target.name, path=part, downloader=downloader)
        os.replace(part / target.name, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


class MirrorFirst:
    """A pooch downloader: the mirror named by HELPERS_DATA_MIRROR, else the network; then checks.

    The mirror is a folder or a base address; a file it lacks is asked of the publisher.
    """

    def __init__(self, mirror_path: str, sha256: str | None, n_bytes: int | None, progress: bool):
        self.mirror_path, self.sha256, self.n_bytes = mirror_path, sha256, n_bytes
        # Nothing may be compressed underway: sizes and sums are those of the file itself.
        headers = {"Accept-Encoding": "identity"}
        self.http = pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT, headers=headers)

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Write the verified file to `output_file`; pooch deletes it if this raises."""
        origin = self._from_mirror(output_file) or self._from_network(url, output_file)
        problem = describe_mismatch(Path(output_file), self.sha256, self.n_bytes)
        if is_web_page(Path(output_file)) and not self.mirror_path.endswith((".html", ".htm")):
            problem = "must be data; got a web page, as of a log-in or of an error"
        if problem:
            raise CorruptDownload(
                f"{self.mirror_path} from {origin} {problem}. It was deleted and is not used. "
                f"Fetch it again; if that does not help, the copy at {origin} is damaged or was "
                f"changed: repair it, or choose another with {MIRROR_VARIABLE}."
            )

    def _from_mirror(self, output_file: str) -> str | None:
        mirror = os.environ.get(MIRROR_VARIABLE, "")
        if not mirror:
            return None
        place = mirror_location(mirror, self.mirror_path)
        if isinstance(place, Path):
            return str(shutil.copyfile(place, output_file) and place) if place.is_file() else None
        try:
            self.http(place, output_file, None)
        except requests.RequestException:
            return None
        return place

    def _from_network(self, url: str, output_file: str) -> str:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.http(url, output_file, None)
                return url
            except requests.exceptions.ChunkedEncodingError as error:
                if attempt == _ATTEMPTS:
                    raise unavailable(self.mirror_path, url, "broke off the transfer") from error
            except requests.HTTPError as error:
                answer = f"answered {error.response.status_code}"
                raise unavailable(self.mirror_path, url, answer) from error
            except requests.RequestException as error:
                stalled = "timed out" in str(error)
                answer = "stopped answering" if stalled else "could not be reached"
                answer += f" ({type(error).__name__})"
                raise unavailable(self.mirror_path, url, answer) from error
        raise AssertionError("unreachable: the last attempt returns or raises")


def mirror_location(mirror: str, mirror_path: str) -> Path | str:
    """Where a mirror keeps a file: a path in a folder, or an address.

    A relative folder is taken from the project's root (if installed, from the current folder), so
    that notebooks find the same one.
    """
    if mirror.startswith(("http://", "https://")):
        return f"{mirror.rstrip('/')}/{quote(mirror_path)}"
    return files.working_root() / Path(mirror).expanduser() / mirror_path


def unavailable(what: str, url: str, answer: str) -> DataUnavailable:
    """The error that says what to do when a file cannot be had."""
    mirror = os.environ.get(MIRROR_VARIABLE)
    looked = f"the mirror {mirror} does not have it" if mirror else f"{MIRROR_VARIABLE} is not set"
    return DataUnavailable(
        f"{what} is not in the cache, {looked}, and {url} {answer}. Connect to the network, or set "
        f"{MIRROR_VARIABLE} to a folder or address laid out like data/cache/sources of a machine "
        "that has the files, or use a demo cohort, which needs none (cohort = demo-pancan)."
    )


def describe_mismatch(path: Path, sha256: str | None, n_bytes: int | None) -> str:
    """What is wrong with a file, "must have …; got …", or "" if it is as registered."""
    size = path.stat().st_size
    if n_bytes is not None and size != n_bytes:
        return f"must have {n_bytes:,} bytes; got {size:,}"
    if sha256 is not None and (got := pooch.file_hash(str(path), alg="sha256")) != sha256:
        return f"must have sha256 {sha256}; got {got}"
    return ""


def is_web_page(path: Path) -> bool:
    """Whether a file begins as HTML does: what a portal answers in place of what it was asked."""
    with path.open("rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))


def remove_stale_parts(target: Path) -> None:
    """Remove what downloads of `target` by processes that are gone left beside it."""
    for part in target.parent.iterdir():
        name = part.name.removeprefix(f"{target.name}.part-")
        if name == part.name:
            continue
        _, _, maker = name.partition("-")
        if not is_alive(maker) or _age(part) > _STALE_AFTER:
            shutil.rmtree(part, ignore_errors=True)


def _age(part: Path) -> float:
    """Seconds since `part` was changed; 0 once its download is done and it is gone."""
    try:
        return time.time() - part.stat().st_mtime
    except FileNotFoundError:
        return 0.0
