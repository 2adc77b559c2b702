"""A `.zarr` or `.h5ad` of your own as an AnnData; its X stays in the file if it is large."""

import hashlib
from pathlib import Path

import anndata
import h5py
import pooch

from helpers.cohorts.on_disk.row_blocks import rows_a_block

SUFFIXES = (".h5ad", ".zarr")
IN_MEMORY_BYTES = 2**31  # of X as dense float32, up to which it is read into memory
_TABLES = ("obs", "var", "uns", "obsm")


def is_store(name: str | Path) -> bool:
    """Whether `name` is the path of a file of one's own rather than a registered name."""
    return Path(name).suffix.casefold() in SUFFIXES


def open_store(
    path: str | Path, lazy: bool | None = None, n_rows: int | None = None
) -> anndata.AnnData:
    """What is stored at `path`. X is a dask array, read when asked for, if `lazy`.

    lazy: None leaves it to the size of X, see `IN_MEMORY_BYTES`. n_rows: rows that are read at
    once; None for `rows_a_block`.

    Raises:
        ValueError: there is no such file, or it is neither.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"cohort file {path} does not exist. Give the path of an .h5ad or a .zarr")
    try:
        stored = _group(path)
        return _read(stored, lazy, n_rows)
    except Exception as error:  # h5py, zarr and anndata raise many kinds, all meaning "not one"
        kind, why = path.suffix.casefold(), " ".join(str(error).split())[:200]
        raise ValueError(
            f"{path} cannot be read as {kind} ({type(error).__name__}: {why}). "
            f"Write it with adata.write_{kind[1:]}(path)"
        ) from error


def is_large(shape: tuple[int, int]) -> bool:
    """Whether X of so many rows and columns stays in its file."""
    return 4 * shape[0] * shape[1] > IN_MEMORY_BYTES


def store_stamp(path: str | Path) -> tuple[int, int, int]:
    """Files, bytes and last change of what is stored: another after a change; (0, 0, 0) if absent.

    Quick, where `store_sum` reads everything.
    """
    path = Path(path)
    found = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    states = [file.stat() for file in found]
    newest = max((state.st_mtime_ns for state in states), default=0)
    return len(states), sum(state.st_size for state in states), newest


def store_sum(path: str | Path) -> str:
    """sha256 of a file, or of the names and contents of a folder's files."""
    path = Path(path)
    if path.is_file():
        return pooch.file_hash(str(path))
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def _group(path: Path) -> object:
    if path.suffix.casefold() == ".h5ad":
        return h5py.File(path, "r")
    import zarr

    return zarr.open_group(path, mode="r")


def _read(stored: object, lazy: bool | None, n_rows: int | None) -> anndata.AnnData:
    """The tables in memory; X too, unless it is large. Lazy arrays keep the file open."""
    parts = {key: anndata.io.read_elem(stored[key]) for key in _TABLES if key in stored}
    shape = len(parts["obs"]), len(parts["var"])
    x = stored.get("X")
    if x is None:  # what is there instead is what the file's reader will want to know
        parts["uns"] = {**parts.get("uns", {}), "_layers": sorted(stored.get("layers", {}))}
        return anndata.AnnData(None, **parts)
    if lazy or (lazy is None and is_large(shape)):
        return anndata.AnnData(_lazy(x, shape, n_rows, is_whole=lazy is None), **parts)
    cohort = anndata.AnnData(anndata.io.read_elem(x), **parts)
    if isinstance(stored, h5py.File):
        stored.close()
    return cohort


def _lazy(stored: object, shape: tuple[int, int], n_rows: int | None, is_whole: bool) -> object:
    """`is_whole`: all of it is going to be read, in blocks of rows."""
    if stored.attrs.get("encoding-type") == "csc_matrix":
        if is_whole:
            raise ValueError("X is large and stored by columns; use adata.X = adata.X.tocsr()")
        return anndata.experimental.read_elem_lazy(stored)
    chunks = getattr(stored, "chunks", None)  # None: in one piece, or sparse
    n_rows = n_rows or rows_a_block(shape[1], chunks[0] if chunks else 1)
    chunks = (max(1, min(shape[0], n_rows)), shape[1])
    return anndata.experimental.read_elem_lazy(stored, chunks=chunks)
