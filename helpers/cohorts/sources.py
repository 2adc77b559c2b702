"""The registry of upstream files (`data/sources.toml`) and the verified local copy of each.

Files live in `data/cache/sources/<repository>/<commit>/<path>`, the layout of a mirror: copy that
folder to a machine without network, set HELPERS_DATA_MIRROR to it there, and everything works.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from helpers import files
from helpers.cohorts.download import (
    MIRROR_VARIABLE,
    CorruptDownload,
    DataUnavailable,
    describe_mismatch,
    download,
    mirror_location,
)
from helpers.files import write_json

__all__ = [
    "CorruptDownload",
    "DataUnavailable",
    "Source",
    "cache_folder",
    "fetch",
    "fetch_files",
    "fetch_group",
    "is_available",
    "load_sources",
    "missing_files",
    "registered_sums",
]

_GITHUB = "https://raw.githubusercontent.com"
_DOWNLOADS_AT_ONCE = 8
UNKNOWN_SUM = "not yet downloaded"
"""Stands for the sha256 of a file that the registry has none of, until its first download."""
_LARGE = 5_000_000  # bytes from which a file gets a progress bar of its own


@dataclass(frozen=True)
class Source:
    """One upstream file. `bytes` and `sha256` are None until a first download records them."""

    group: str
    path: str  # inside its repository
    url: str
    mirror_path: str  # inside a mirror, and inside the cache
    bytes: int | None
    sha256: str | None
    licence: str
    citation: str
    what: str

    @property
    def local_path(self) -> Path:
        """Where the verified copy is, or will be."""
        return cache_folder() / "sources" / self.mirror_path


def cache_folder() -> Path:
    """HELPERS_DATA_CACHE if it is set, or data/cache of the checkout, or the user's cache."""
    if given := os.environ.get("HELPERS_DATA_CACHE"):
        return Path(given)
    if files.is_installed():
        import platformdirs

        return Path(platformdirs.user_cache_dir("cancer-latents", appauthor=False))
    return files.project_root() / "data" / "cache"


def load_sources(registry: Path | None = None) -> dict[str, list[Source]]:
    """Every registered file by group, in the order of `data/sources.toml`."""
    text = (registry or files.content_root() / "data" / "sources.toml").read_text(encoding="utf-8")
    return {group: list(sources) for group, sources in _parse(text).items()}


def fetch(source: Source, progress: bool = False) -> Path:
    """The local copy of one file, verified now; downloaded if it is absent or damaged.

    Raises:
        DataUnavailable: it is not in the cache or the mirror and its publisher does not answer.
        CorruptDownload: what came is not the registered file.
    """
    target = source.local_path
    recorded = _recorded_sum(target) if source.sha256 is None else {}
    sha256 = source.sha256 or recorded.get("sha256")
    n_bytes = source.bytes or recorded.get("bytes")
    if target.is_file():
        if sha256 and not describe_mismatch(target, sha256, n_bytes):
            return target
        target.unlink(missing_ok=True)  # not what another process may put there meanwhile
    download(source.url, source.mirror_path, target, sha256, n_bytes, progress)
    if sha256 is None:
        _record_sum(target)
    return target


def fetch_group(group: str, progress: bool = False) -> list[Path]:
    """The verified local copies of a group's files, in registry order; several at a time.

    A group that was interrupted goes on with the files that are missing.

    Raises:
        KeyError: no such group. And what `fetch` raises, at the first file that fails.
    """
    return fetch_files(_group(group), group, progress)


def fetch_files(sources: list[Source], name: str, progress: bool = False) -> list[Path]:
    """The verified local copies of some files, in their order; several at a time.

    Raises:
        What `fetch` raises, at the first file that fails.
    """
    from tqdm.auto import tqdm

    total = sum(source.bytes or 0 for source in sources)
    bar = tqdm(total=total, desc=name, unit="B", unit_scale=True, disable=not progress)
    with bar, ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        waiting = {
            pool.submit(fetch, source, progress and (source.bytes or _LARGE) >= _LARGE): source
            for source in sources
        }
        try:
            for done in as_completed(waiting):
                done.result()
                bar.update(waiting[done].bytes or 0)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [source.local_path for source in sources]


def missing_files(group: str) -> list[Source]:
    """The files of a group that are not in the cache; those that are may still be damaged."""
    return [source for source in _group(group) if not source.local_path.is_file()]


def is_available(group: str) -> bool:
    """Whether a group can be had: every file cached or in the mirror, or the network answers.

    Quick, so contents are not verified here; `fetch` does that. A few seconds without network.
    """
    missing = [source for source in missing_files(group) if not _is_in_folder(source)]
    return not missing or any(_answers(address) for address in _addresses(missing[0]))


def registered_sums(group: str) -> dict[str, str]:
    """sha256 of each file of a group by its place in a mirror; `UNKNOWN_SUM` if not known yet."""
    return {
        source.mirror_path: source.sha256
        or _recorded_sum(source.local_path).get("sha256", UNKNOWN_SUM)
        for source in _group(group)
    }


@lru_cache(maxsize=2)  # a cohort asks once a group, and parsing takes longer than loading it
def _parse(text: str) -> dict[str, tuple[Source, ...]]:
    return {
        group: tuple(_group_files(group, entry["repository"]))
        for group, entry in tomllib.loads(text).items()
    }


def _group(group: str) -> list[Source]:
    sources = load_sources()
    if group not in sources:
        raise KeyError(f"group must be one of {', '.join(sources)}; got {group!r}")
    return sources[group]


def _group_files(group: str, repositories: list[dict]) -> Iterator[Source]:
    for repository in repositories:
        base = repository.get("base") or f"{_GITHUB}/{repository['name']}/{repository['commit']}"
        folder = base.removeprefix(f"{_GITHUB}/").removeprefix("https://")
        for file in repository["files"]:
            yield Source(
                group=group,
                path=file["path"],
                url=f"{base}/{quote(file.get('remote', file['path']))}",
                mirror_path=f"{folder}/{file['path']}",
                bytes=file.get("bytes"),
                sha256=file.get("sha256"),
                licence=repository["licence"],
                citation=repository["citation"],
                what=repository["what"],
            )


def _is_in_folder(source: Source) -> bool:
    mirror = os.environ.get(MIRROR_VARIABLE, "")
    place = mirror_location(mirror, source.mirror_path) if mirror else ""
    return isinstance(place, Path) and place.is_file()


def _addresses(source: Source) -> list[str]:
    mirror = os.environ.get(MIRROR_VARIABLE, "")
    place = mirror_location(mirror, source.mirror_path) if mirror else None
    return [place, source.url] if isinstance(place, str) else [source.url]


def _answers(address: str) -> bool:
    import requests

    try:
        return requests.head(address, timeout=(3.0, 5.0), allow_redirects=True).ok
    except requests.RequestException:
        return False


def _sum_file(target: Path) -> Path:
    return target.with_name(target.name + ".recorded.json")


def _recorded_sum(target: Path) -> dict:
    """Bytes and sha256 noted at the first download of a file the registry has no sum for."""
    try:
        return json.loads(_sum_file(target).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _record_sum(target: Path) -> None:
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    note = {
        "sha256": digest,
        "bytes": target.stat().st_size,
        "first_downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(_sum_file(target), note)
