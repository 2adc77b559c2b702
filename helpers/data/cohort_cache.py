"""Built cohorts kept as `.h5ad`, so that only the first load parses the publishers' files.

`data/cache/cohorts/<name>-<digest>.h5ad`; the digest is of the source files' sums and of the
loaders' code, so that a changed loader or source is never answered from the cache. Beside it lies
its sha256, checked at every load: a damaged or half-written file is built again.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType

import anndata
import pooch

from helpers.data.sources import cache_folder


def cached_cohort(
    name: str,
    build: Callable[[], anndata.AnnData],
    inputs: Mapping[str, str],
    code: Iterable[ModuleType],
) -> anndata.AnnData:
    """The cohort from the cache, or built and cached; the same object either way.

    `inputs`: sha256 by file; `code`: the modules that turn those files into the cohort.
    """
    file = cache_folder() / "cohorts" / f"{name}-{_digest(inputs, code)}.h5ad"
    if not _is_intact(file):
        _write(build(), file)
        _remove_older(name, file)
    return _read(file)


def is_built(name: str) -> bool:
    """Whether some version of the cohort is in the cache, so that it may load without its files."""
    return any((cache_folder() / "cohorts").glob(f"{name}-{'?' * 16}.h5ad"))


def _digest(inputs: Mapping[str, str], code: Iterable[ModuleType]) -> str:
    digest = hashlib.sha256(repr(sorted(inputs.items())).encode())
    for module in code:
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:16]


def _sum_file(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _is_intact(file: Path) -> bool:
    if not (file.is_file() and _sum_file(file).is_file()):
        return False
    return pooch.file_hash(str(file)) == _sum_file(file).read_text(encoding="utf-8").strip()


def _write(cohort: anndata.AnnData, file: Path) -> None:
    """Written under another name and renamed when whole, then its sum likewise."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.draft")
    try:
        cohort.copy().write_h5ad(draft)
        digest = pooch.file_hash(str(draft))
        os.replace(draft, file)
        draft.write_text(digest + "\n", encoding="utf-8")
        os.replace(draft, _sum_file(file))
    finally:
        draft.unlink(missing_ok=True)


def _read(file: Path) -> anndata.AnnData:
    """As built: text columns are text again (a file keeps them as categories), lists are lists."""
    cohort = anndata.read_h5ad(file)
    for table in (cohort.obs, cohort.var):
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(object)
    for key in ("default_types", "notes"):
        cohort.uns[key] = [str(value) for value in cohort.uns.get(key, [])]
    return cohort


def _remove_older(name: str, file: Path) -> None:
    """Delete what other versions of the code or the sources left of this cohort."""
    for other in file.parent.glob(f"{name}-{'?' * 16}.*"):
        if other.stem.partition(".")[0] != file.stem:
            other.unlink(missing_ok=True)
