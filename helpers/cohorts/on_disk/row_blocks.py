"""A matrix a block of rows at a time, whether it is in memory or stays in its file."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

BLOCK_BYTES = 2**26  # of float32 rows read at once


def is_on_disk(x: object) -> bool:
    """Whether a cohort's X stays in its file (a dask array, which holds how to read it)."""
    return not isinstance(x, np.ndarray) and hasattr(x, "blocks")


def rows_a_block(n_columns: int, stored_rows: int = 1) -> int:
    """Rows of a block: whole chunks of `stored_rows`, if these are not far too large themselves."""
    n_rows = max(1, BLOCK_BYTES // (4 * max(1, n_columns)))
    if (
        stored_rows > n_rows
    ):  # a chunk is unpacked whole, so that reading it in parts costs as often
        return stored_rows if stored_rows <= 4 * n_rows else n_rows
    return n_rows // stored_rows * stored_rows


def row_blocks(x: object, columns: np.ndarray | slice = slice(None)) -> Iterator[np.ndarray]:
    """Blocks row × chosen column of a NumPy, sparse or dask matrix, in order; dense."""
    if is_on_disk(x):
        for number in range(x.numblocks[0]):
            yield dense(x.blocks[number].compute(scheduler="synchronous"))[:, columns]
        return
    step = rows_a_block(x.shape[1])
    for start in range(0, x.shape[0], step):
        yield dense(x[start : start + step])[:, columns]


def dense(x: object) -> np.ndarray:
    """A NumPy or sparse matrix as an array."""
    return x.toarray() if sparse.issparse(x) else np.asarray(x)
