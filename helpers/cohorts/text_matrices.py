"""Publishers' tables of feature × sample, as text: read in blocks, turned, only what is wanted.

A table of 20,531 genes × 11,000 samples is a gigabyte of text. pandas takes 185 ns a value for a
row of so many columns, and 39 ns where every value has a line of its own, so that is how a block is
given to it; rows whose name is not wanted are never parsed.
"""

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

_VALUES_AT_ONCE = 4_000_000  # of a block: 16 MB as float32, ten times that while it is parsed


def table_samples(path: Path) -> list[str]:
    """Names of the samples: the first line without its first cell.

    Raises:
        ValueError: it is not tab-separated.
    """
    with _open(path) as lines:
        samples = lines.readline().decode().rstrip("\r\n").split("\t")[1:]
    if not samples:
        raise ValueError(
            f"{path.name} must be tab-separated: a column of features, then one column a sample"
        )
    return samples


def table_blocks(
    path: Path, keep: Callable[[str], bool] = lambda name: True
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Names and values (feature × sample, float32) of the features that `keep` wants, in order.

    Empty cells and NA are NaN. `keep` is asked once a row.

    Raises:
        ValueError: it is not tab-separated, a row has more or fewer cells than the first, or a
            cell is not a number.
    """
    n_samples = len(table_samples(path))
    n_rows = max(1, _VALUES_AT_ONCE // n_samples)
    names: list[str] = []
    rows: list[bytes] = []
    with _open(path) as lines:
        lines.readline()
        for line in lines:
            name, _, cells = line.rstrip(b"\r\n").partition(b"\t")
            if (not name and not cells) or not keep(name.decode()):
                continue
            if cells.count(b"\t") != n_samples - 1:
                raise ValueError(
                    f"every row of {path.name} must have {n_samples:,} cells after its name; "
                    f"{name.decode()} has {cells.count(9) + 1 if cells else 0:,}"
                )
            names.append(name.decode())
            rows.append(cells)
            if len(rows) == n_rows:
                yield names, _parse(rows)
                names, rows = [], []
    if rows:
        yield names, _parse(rows)


def read_table(
    path: Path,
    keep: Callable[[str], bool] = lambda name: True,
    columns: np.ndarray | slice = slice(None),
    complete: bool = False,
) -> tuple[np.ndarray, list[str]]:
    """(sample × feature float32, features): the features that `keep` wants, the chosen samples.

    columns: positions of the samples, in the order they are to have. complete: leave out features
    that are missing in any of them. Memory: the result and one block.

    Raises:
        ValueError: see `table_blocks`.
    """
    features: list[str] = []
    blocks: list[np.ndarray] = []
    for names, block in table_blocks(path, keep):
        values = block[:, columns]
        is_kept = ~np.isnan(values).any(axis=1) if complete else np.ones(len(values), bool)
        features += [name for name, kept in zip(names, is_kept, strict=True) if kept]
        blocks.append(values[is_kept])
    n_samples = len(np.arange(len(table_samples(path)))[columns])
    return _turned(blocks, (n_samples, len(features))), features


def _open(path: Path) -> io.BufferedReader:
    return io.BufferedReader(gzip.open(path), 1 << 20) if path.suffix == ".gz" else path.open("rb")


def _parse(rows: list[bytes]) -> np.ndarray:
    text = b"\n".join([*rows, b""]).replace(b"\t", b"\n")
    column = pd.read_csv(io.BytesIO(text), names=["x"], dtype=np.float32, skip_blank_lines=False)
    return column.to_numpy().reshape(len(rows), -1)


def _turned(blocks: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """The blocks beside each other as columns; each is let go once it is copied."""
    x = np.empty(shape, np.float32)
    start = 0
    blocks.reverse()
    while blocks:
        block = blocks.pop()
        x[:, start : start + len(block)] = block.T
        start += len(block)
    return x
