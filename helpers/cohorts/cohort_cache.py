"""Built cohorts kept as `.h5ad`, so that only the first load parses the publishers' files.

`data/cache/cohorts/<name>-<digest>.h5ad`; the digest is of the source files' sums and of the code
that builds the cohort, so that a changed loader or source is never answered from the cache. Beside
it lies its sha256, checked at every load: a damaged or half-written file is built again. Large
arrays are mapped, not read: processes share them, and what one writes into its own stays its own.

`data/cache/tables/<name>-<digest>.parquet`: the same of a table that several cohorts read.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pooch

from helpers.cohorts.sources import cache_folder
from helpers.files import write_text, write_whole

_MAPPED_FROM = 65_536  # bytes from which an array is mapped
_PAGE = 4096  # bytes: larger arrays start at a multiple of it in their file


def cached_cohort(
    name: str, build: Callable[[], anndata.AnnData], made_of: Mapping[str, str]
) -> anndata.AnnData:
    """The cohort from the cache, or built and cached; the same object either way.

    Its large arrays are views of the file that may be written to: a changed page becomes a copy in
    memory, and the file stays as it is.

    `made_of`: sha256 by name of everything that decides what the cohort is: files and code.
    """
    file = _file("cohorts", name, ".h5ad", made_of)
    _make(file, name, lambda part: _write_cohort(build(), part))
    return _read_cohort(file)


def cached_table(
    name: str, build: Callable[[], pd.DataFrame], made_of: Mapping[str, str]
) -> pd.DataFrame:
    """A table of text and numbers from the cache, or built and cached; missing values are NaN.

    `made_of`: see `cached_cohort`.
    """
    file = _file("tables", name, ".parquet", made_of)
    _make(file, name, lambda part: build().to_parquet(part))
    table = pd.read_parquet(file)
    for column in table.select_dtypes(object):
        table[column] = table[column].where(table[column].notna(), np.nan)  # a file says None
    return table


def is_built(name: str) -> bool:
    """Whether some version of the cohort is in the cache, so that it may load without its files."""
    return any((cache_folder() / "cohorts").glob(f"{name}-{'?' * 16}.h5ad"))


def is_cached(name: str, made_of: Mapping[str, str]) -> bool:
    """Whether this very version of the cohort is in the cache; `made_of` as `cached_cohort`."""
    return _file("cohorts", name, ".h5ad", made_of).is_file()


def _file(kind: str, name: str, suffix: str, made_of: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(repr(sorted(made_of.items())).encode()).hexdigest()[:16]
    return cache_folder() / kind / f"{name}-{digest}{suffix}"


def _make(file: Path, name: str, write: Callable[[Path], object]) -> None:
    """Let `file` be there and intact: the file whole, then its sum."""
    if _is_intact(file):
        return
    write_whole(file, write)
    write_text(_sum_file(file), pooch.file_hash(str(file)) + "\n")
    _remove_older(name, file)


def _sum_file(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _is_intact(file: Path) -> bool:
    if not (file.is_file() and _sum_file(file).is_file()):
        return False
    return pooch.file_hash(str(file)) == _sum_file(file).read_text(encoding="utf-8").strip()


def _write_cohort(cohort: anndata.AnnData, part: Path) -> None:
    cohort = cohort.copy()
    cohort.strings_to_categoricals()
    aligned = {"alignment_threshold": _MAPPED_FROM, "alignment_interval": _PAGE}
    with h5py.File(part, "w", **aligned) as stored:
        anndata.io.write_elem(stored, "/", cohort)


def _read_cohort(file: Path) -> anndata.AnnData:
    """As built: text columns are text again (a file keeps them as categories), lists are lists."""

    def read(read_element, _name, element, iospec):
        is_array = iospec.encoding_type == "array" and isinstance(element, h5py.Dataset)
        return _mapped(file, element) if is_array else read_element(element)

    with h5py.File(file) as stored:
        cohort = anndata.experimental.read_dispatched(stored["/"], read)
    for table in (cohort.obs, cohort.var):
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(object)
    for key in ("default_types", "notes"):
        cohort.uns[key] = [str(value) for value in cohort.uns.get(key, [])]
    return cohort


def _mapped(file: Path, stored: h5py.Dataset) -> np.ndarray:
    """A stored array: a copy-on-write view of the file if it is large and in one piece."""
    offset = stored.id.get_offset()  # None for an array in chunks
    is_plain = stored.dtype.kind in "fiu" and offset is not None
    if not is_plain or stored.nbytes < _MAPPED_FROM or offset % stored.dtype.itemsize:
        return stored[()]
    return np.asarray(np.memmap(file, stored.dtype, "c", offset, stored.shape))


def _remove_older(name: str, file: Path) -> None:
    """Delete what other versions of the code or the sources left of this cohort."""
    for other in file.parent.glob(f"{name}-{'?' * 16}.*"):
        if other.stem.partition(".")[0] != file.stem:
            other.unlink(missing_ok=True)
