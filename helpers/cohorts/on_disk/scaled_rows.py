"""Preprocessed rows in a temporary file of their own: what is trained on, epoch after epoch.

Choosing 5,000 of 20,000 genes and standardising them costs a pass over the cohort; the result is a
quarter of it, uncompressed, and is read at the speed of the disk's cache.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.cohorts.on_disk.column_groups import scratch_folder

_CHUNK_BYTES = 2**22  # of rows that belong together
_BLOCK_BYTES = 2**26


class ScaledRows:
    """Rows × features, float32, on disk; the chosen ones of them are numbered from 0.

    A source of rows for `models.training.fit`; of itself it can be asked for a block (`blocks`),
    for its rows as an array (`numpy.asarray`), or for some of its rows (`of`).
    """

    def __init__(self, blocks: Iterable[np.ndarray], n_features: int):
        """Write `blocks`, row × feature, one after the other."""
        self._file = tempfile.TemporaryFile(dir=scratch_folder())  # noqa: SIM115
        n_rows = 0
        for block in blocks:
            self._file.write(np.ascontiguousarray(block, np.float32))
            n_rows += len(block)
        self._file.flush()
        self.n_features = n_features
        self.chunk_rows = max(1, _CHUNK_BYTES // (4 * n_features))
        self.positions = np.arange(n_rows)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, features)."""
        return len(self), self.n_features

    def of(self, index: np.ndarray) -> "ScaledRows":
        """The rows `index` (positions or bool), in the order of the file, on the same file."""
        part = object.__new__(type(self))
        part.__dict__ |= self.__dict__
        part.positions = np.sort(self.positions[index])
        return part

    def rows(self, index: Int[np.ndarray, " sample"]) -> tuple[Float[Tensor, "sample feature"]]:
        """The rows `index` (ascending) as a new tensor, the one part that `fit` takes."""
        x = np.empty((len(index), self.n_features), np.float32)
        at = self.positions[index]
        starts = np.flatnonzero(np.diff(at, prepend=-2) != 1)  # each run of neighbours is one read
        for start, end in zip(starts, [*starts[1:], len(at)], strict=True):
            offset = 4 * self.n_features * int(at[start])
            _read_all(self._file.fileno(), x[start:end], offset)
        return (torch.from_numpy(x),)

    def blocks(self) -> Iterator[np.ndarray]:
        """All rows, some at a time, in order."""
        step = max(1, _BLOCK_BYTES // (4 * self.n_features))
        for start in range(0, len(self), step):
            (x,) = self.rows(np.arange(start, min(start + step, len(self))))
            yield x.numpy()

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """All rows in memory."""
        (x,) = self.rows(np.arange(len(self)))
        return x.numpy().astype(dtype or np.float32, copy=False)


def _read_all(file: int, into: np.ndarray, offset: int) -> None:
    """Fill `into` from `offset` on; one call of the system reads 2 GB at most."""
    left = memoryview(into).cast("B")
    while left:
        n_read = os.preadv(file, [left], offset)
        if not n_read:
            raise EOFError("the temporary file of preprocessed rows is shorter than it was written")
        left, offset = left[n_read:], offset + n_read
