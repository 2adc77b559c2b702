"""The rows that are trained on: tensors in memory, or a source on disk that is read in windows.

What does not fit in memory is shuffled in two steps, as file formats allow: the chunks in which
rows are stored come in random order, and the rows of as many chunks as fit a window are shuffled
among themselves. While one window is trained on, a thread reads the next.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

WINDOW_BYTES = 2**28  # of rows that are shuffled as one; two windows are in memory, at times three
N_ROWS = 4096  # looked at at a time, where nothing is trained
Parts = tuple[Tensor, ...]
Index = Int[Tensor, " sample"]


@runtime_checkable
class RowSource(Protocol):
    """Samples on disk, a row each, as the model takes them: selected, corrected, standardised.

    chunk_rows: rows stored together, which are cheapest read together: those from a multiple of it
    to the next, in the source's own numbering. A source of some rows of a file numbers its own in
    the order of the file.
    """

    chunk_rows: int

    def __len__(self) -> int:
        """Number of rows."""

    def rows(self, index: Int[np.ndarray, " sample"]) -> Parts:
        """New tensors of float32 on the CPU, as `fit` takes them, of the rows `index`.

        `index` ascends, without doubles. Called from one thread at a time, not always the same.
        """


Data = Tensor | Sequence[Tensor] | RowSource


class RowsInMemory:
    """Tensors of one length, which stay on the device."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.device = tuple(parts), parts[0].device

    def __len__(self) -> int:
        return len(self.parts[0])

    @property
    def example(self) -> Parts:
        """Where a step finds its rows before the first minibatch."""
        return self.parts

    def minibatches(self, size: int) -> Iterator[tuple[Parts, Index]]:
        """Tensors and which rows of them: every row once, in an order that torch draws."""
        for rows in torch.randperm(len(self)).to(self.device).split(size):
            yield self.parts, rows

    def in_order(self) -> Iterator[Parts]:
        """Every row, a few thousand at a time."""
        for start in range(0, len(self), N_ROWS):
            yield tuple(part[start : start + N_ROWS] for part in self.parts)


class RowsOnDisk:
    """The same of a `RowSource`; a window at a time is on the device.

    If all rows fit one window their order is that of `RowsInMemory`.
    """

    def __init__(
        self, source: RowSource, device: torch.device, window_bytes: int | None = None
    ) -> None:
        self.source, self.device = source, device
        self.example = tuple(part.to(device) for part in source.rows(np.arange(1)))
        row_bytes = sum(part.element_size() * part.numel() for part in self.example)
        most = max(1, (window_bytes or WINDOW_BYTES) // row_bytes)
        self.window_chunks = max(1, most // source.chunk_rows)
        self.chunks_in_order = max(1, min(most, N_ROWS) // source.chunk_rows)

    def __len__(self) -> int:
        return len(self.source)

    def minibatches(self, size: int) -> Iterator[tuple[Parts, Index]]:
        """As `RowsInMemory.minibatches`; only the last minibatch of all is smaller."""
        windows = self._draw_windows()
        orders = [torch.randperm(len(rows)).to(self.device) for rows in windows]
        left: Parts = ()  # rows of a window that are too few for a minibatch
        with closing(self._read_ahead(windows)) as read:
            for parts, order in zip(read, orders, strict=True):
                if left:
                    n_missing = size - len(left[0])
                    left = _joined(left, _picked(parts, order[:n_missing]))
                    order = order[n_missing:]
                    if len(left[0]) < size:
                        continue
                    yield left, torch.arange(size, device=self.device)
                n_whole = len(order) // size * size
                for start in range(0, n_whole, size):
                    yield parts, order[start : start + size]
                left = _picked(parts, order[n_whole:]) if n_whole < len(order) else ()
        if left:
            yield left, torch.arange(len(left[0]), device=self.device)

    def in_order(self) -> Iterator[Parts]:
        """Every row, some chunks at a time."""
        chunks = torch.arange(self._n_chunks).split(self.chunks_in_order)
        yield from self._read_ahead([self._rows_of(some) for some in chunks])

    @property
    def _n_chunks(self) -> int:
        return -(-len(self) // self.source.chunk_rows)

    def _draw_windows(self) -> list[Index]:
        """The rows of each window, ascending; chunks are drawn if there is more than one window."""
        if self._n_chunks <= self.window_chunks:
            return [torch.arange(len(self))]
        chunks = torch.randperm(self._n_chunks).split(self.window_chunks)
        return [self._rows_of(some) for some in chunks]

    def _rows_of(self, chunks: Int[Tensor, " chunk"]) -> Index:
        within = torch.arange(self.source.chunk_rows)
        rows = (chunks.sort().values[:, None] * self.source.chunk_rows + within).flatten()
        return rows[rows < len(self)]

    def _read_ahead(self, windows: Sequence[Index]) -> Iterator[Parts]:
        """Each window on the device; the next one is read meanwhile, by a thread."""
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(self.source.rows, windows[0].numpy())
            for rows in [*windows[1:], None]:
                parts = coming.result()
                if rows is not None:
                    coming = reader.submit(self.source.rows, rows.numpy())
                yield tuple(part.to(self.device) for part in parts)


def _picked(parts: Parts, rows: Index) -> Parts:
    return tuple(part.index_select(0, rows) for part in parts)


def _joined(first: Parts, second: Parts) -> Parts:
    return tuple(map(torch.cat, zip(first, second, strict=True)))


Rows = RowsInMemory | RowsOnDisk


def as_rows(data: Data, name: str, device: torch.device) -> Rows:
    """`data` as what the trainer goes through.

    Raises:
        ValueError: no rows, or parts of unequal length; `name` says of which argument.
    """
    if isinstance(data, RowSource):
        if len(data) == 0:
            raise ValueError(f"`{name}` must have rows; this source has none.")
        return RowsOnDisk(data, device)
    parts = (data,) if isinstance(data, Tensor) else tuple(data)
    lengths = [len(part) for part in parts]
    if not lengths or min(lengths) == 0 or len(set(lengths)) > 1:
        raise ValueError(
            f"`{name}` must hold tensors of one and the same length above 0; got lengths {lengths}."
        )
    return RowsInMemory(tuple(part.to(device) for part in parts))
