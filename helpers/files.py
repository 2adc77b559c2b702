"""The project's folders, and files that appear whole or not at all.

In a checkout everything is in one folder. Installed from a wheel, the code and what the wheel
carries with it (notebooks, sweeps, published tables, the list of sources) lie where packages lie,
and what is made goes to the folder that the command is called in.

Call them through the module (`files.project_root()`), so that tests can put another folder there.
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_LEAST_SPACE = 128 * 1024  # bytes free, below which a write that failed is taken to be the disk's

CARRIED = Path(__file__).resolve().parent / "carried"
"""What setup.py puts into a wheel beside the code; a checkout has no such folder."""


def is_installed() -> bool:
    """Whether this code came in a wheel, not as a checkout."""
    return CARRIED.is_dir()


def project_root() -> Path:
    """The folder that holds `helpers/`; of a checkout also `data/`, `notebooks/` and the rest."""
    return Path(__file__).resolve().parents[1]


def content_root() -> Path:
    """The folder that holds `notebooks/`, `data/sources.toml` and `book/published/`."""
    return CARRIED if is_installed() else project_root()


def working_root() -> Path:
    """The folder that results/ is made in: the checkout, or the current folder if installed."""
    return Path.cwd() if is_installed() else project_root()


def results_folder(results: str | Path | None = None) -> Path:
    """`results`, or the results/ of `working_root`; absolute."""
    return Path(results or working_root() / "results").resolve()


def read_json(path: Path) -> Any:
    """Content of the JSON file at `path`.

    Raises: OSError where there is none; ValueError where it is no JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


class CannotWrite(OSError):
    """A disk is full, or a folder closed; says which and what to do."""


@contextlib.contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """What is written into `folder` within it fails in words on a full disk or a closed folder.

    Some writers (torch, HDF5) do not say why they fail; then it is the disk if hardly any is free.
    What fails elsewhere, as in reading what is to be written, passes as it is.

    Raises:
        CannotWrite: with `errno` in FULL or CLOSED.
    """
    try:
        yield
    except Exception as error:
        number = getattr(error, "errno", None)
        if isinstance(error, CannotWrite) or not _is_about(error, folder):
            raise
        if number in CLOSED:
            told = (
                f"{folder} cannot be written to ({os.strerror(number)}). Make it writable, or name "
                "another: HELPERS_DATA_CACHE is the folder of data"
            )
        elif number in FULL or (number is None and _is_full(folder)):
            number = number or errno.ENOSPC
            told = (
                f"No space left on device: the disk of {folder} is full, and nothing half-written "
                "was kept. Make room; the same command goes on"
            )
        else:
            raise
        raise CannotWrite(number, told) from error


def _is_about(error: Exception, folder: Path) -> bool:
    """Whether an error names no file, or one in `folder` or on the way to it."""
    name = getattr(error, "filename", None)
    if not isinstance(name, str | os.PathLike):
        return True
    place, named = Path(folder).absolute(), Path(name).absolute()
    return place in (named, *named.parents) or named in place.parents


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_SPACE
    except OSError:
        return False


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` fill a file beside `path` and move it there when it is complete.

    Whatever stops `write`, what was at `path` before is still there and the part is gone.

    Raises:
        CannotWrite: see `writing_to`.
    """
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
    os.close(handle)
    part = Path(name)
    try:
        with writing_to(path.parent):
            write(part)
            part.chmod(0o644)  # mkstemp's files are the owner's alone
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def check_new_cohort(path: Path) -> None:
    """Return if a cohort may be written to `path`, which nobody has yet.

    Raises:
        ValueError: it is no .h5ad, or is there already.
    """
    if path.suffix.casefold() != ".h5ad":
        raise ValueError(
            f"a cohort must be written to an .h5ad file; got {path}: {path}.h5ad will do"
        )
    if path.exists():
        raise ValueError(f"{path} is there already. Give another name, or delete it")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, replacing what is there in one step."""
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8"))


def write_json(path: Path, content: Any) -> None:
    """Write `content` as JSON to `path`, replacing what is there in one step."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
