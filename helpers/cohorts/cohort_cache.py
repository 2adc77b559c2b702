"""Built cohorts kept as `.h5ad`, so that only the first load parses the publishers' files.

`data/cache/cohorts/<name>-<digest>.h5ad`; the digest is of the source files' sums and of the code
that builds the cohort, so that a changed loader or source is never answered from the cache. Beside
it lies its sha256, checked at every load: a damaged or half-written file is built again.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import anndata
import pooch

from helpers.cohorts.sources import cache_folder
from helpers.files import write_text, write_whole


def cached_cohort(
    name: str, build: Callable[[], anndata.AnnData], made_of: Mapping[str, str]
) -> anndata.AnnData:
    """The cohort from the cache, or built and cached; the same object either way.

    `made_of`: sha256 by name of everything that decides what the cohort is: files and code.
    """
    digest = hashlib.sha256(repr(sorted(made_of.items())).encode()).hexdigest()[:16]
    file = cache_folder() / "cohorts" / f"{name}-{digest}.h5ad"
    if not _is_intact(file):
        _write(build(), file)
        _remove_older(name, file)
    return _read(file)


def is_built(name: str) -> bool:
    """Whether some version of the cohort is in the cache, so that it may load without its files."""
    return any((cache_folder() / "cohorts").glob(f"{name}-{'?' * 16}.h5ad"))


def _sum_file(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _is_intact(file: Path) -> bool:
    if not (file.is_file() and _sum_file(file).is_file()):
        return False
    return pooch.file_hash(str(file)) == _sum_file(file).read_text(encoding="utf-8").strip()


def _write(cohort: anndata.AnnData, file: Path) -> None:
    """The file whole, then its sum."""
    write_whole(file, cohort.copy().write_h5ad)
    write_text(_sum_file(file), pooch.file_hash(str(file)) + "\n")


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
