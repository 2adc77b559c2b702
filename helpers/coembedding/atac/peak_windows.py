"""Peaks on disk, read a window at a time: memory does not grow with the number of peaks.

`write_peaks` makes a Zarr store that `anndata.read_zarr` opens too: X is sample × peak in chunks of
256 samples × 5,000 peaks. `PeakWindows` reads it in windows of contiguous peaks, in genomic order.

Windows and chromosomes. A window never crosses a chromosome's end: neighbours in a window are
neighbours on DNA. Each chromosome is cut on its own at offset, offset + window, …; what is left at
its two ends is a narrower window, padded with 0 to full width (`mask` says where peaks are, and 0
is the training mean once `standardise` was called). Between passes the cuts slide by `slide` peaks
(offset 0, 1,000, …, 4,000, 0, …), so that a pass sees each peak once and five passes see it in
five places. Level two of the hierarchical VAE takes the windows of offset 0 in genomic order
(`of(rows, still=True)`); `spans(0)` says which chromosome each is on.
"""

import copy
import itertools
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd
import zarr

from helpers.coembedding.atac.genome import check_peaks
from helpers.coembedding.atac.peak_demographics import PeakDemographics
from helpers.cohorts.on_disk.row_blocks import dense, is_on_disk, row_blocks

CHUNK = (256, 5_000)  # samples × peaks


class Window(NamedTuple):
    """Peaks `start` … `stop` − 1 of the store, all on `chrom`."""

    chrom: str
    start: int
    stop: int


class PeakWindows:
    """Windows of a store made by `write_peaks`; iterating is one pass and slides the next one.

    path: the store. window: peaks in a window (the paper: 5,000). slide: peaks by which the cuts
    move between passes (1,000; 0 keeps them). rows: samples to yield, in this order; all if None.
    seed: shuffles the order of the windows of each pass; None keeps the genome's. demographics:
    take age, sex and race out of the peaks when they are standardised.

    Attributes: obs, var (chrom, start, end), n_samples, n_peaks, window, offset (of the next pass).

    Raises:
        ValueError: no such store, peaks unsorted or off hg38, or a window that is not positive.
    """

    def __init__(
        self,
        path: str | Path,
        window: int = 5_000,
        slide: int = 1_000,
        rows: np.ndarray | None = None,
        seed: int | None = None,
        demographics: bool = False,
    ):
        if window < 1 or not 0 <= slide < window:
            raise ValueError(
                f"window must be positive and 0 ≤ slide < window; got window = {window}, "
                f"slide = {slide}"
            )
        self._store = _open(Path(path))
        self._x = self._store["X"]
        self.obs = anndata.io.read_elem(self._store["obs"])
        self.var = anndata.io.read_elem(self._store["var"])
        check_peaks(self.var)
        self.window, self.slide, self.offset = window, slide, 0
        self.demographics = demographics
        self.rows = np.arange(len(self.obs)) if rows is None else np.asarray(rows)
        self.n_samples, self.n_peaks = len(self.rows), len(self.var)
        self._rng = None if seed is None else np.random.default_rng(seed)
        self._edges = _chromosome_edges(self.var["chrom"])
        self._mean, self._scale = np.float32(0), np.float32(1)
        self._effect: PeakDemographics | None = None

    def __len__(self) -> int:
        """Windows in the next pass."""
        return len(self.spans())

    def __iter__(self) -> Iterator[tuple]:
        """One pass: (window index, float32 tensor sample × window, bool tensor "is a peak").

        The index counts the windows of this pass along the genome; where a window is narrower than
        `window`, it is padded with 0 and false. When the pass has ended, the cuts slide for the
        next one; a pass that is broken off leaves them.
        """
        import torch

        spans = self.spans()
        order = np.arange(len(spans)) if self._rng is None else self._rng.permutation(len(spans))
        for index in order:
            span = spans[index]
            yield int(index), torch.from_numpy(self.read(span)), torch.from_numpy(self.mask(span))
        self.offset = (self.offset + self.slide) % self.window

    def spans(self, offset: int | None = None) -> list[Window]:
        """The windows of a pass in genomic order; `offset` None is that of the next pass."""
        offset = self.offset if offset is None else offset
        spans = []
        for chrom, start, stop in self._edges:
            cuts = range(start + offset % self.window, stop, self.window)
            edges = sorted({start, *cuts, stop})
            spans += [Window(chrom, a, b) for a, b in itertools.pairwise(edges)]
        return spans

    def read(self, span: Window) -> np.ndarray:
        """float32 sample × window: the peaks of `span`, then 0 up to the full width."""
        values = np.zeros((self.n_samples, self.window), dtype=np.float32)
        values[:, : span.stop - span.start] = self._scaled(span.start, span.stop, self.rows)
        return values

    def mask(self, span: Window) -> np.ndarray:
        """Bool of length window: true where `span` has a peak, false where it is padded."""
        return np.arange(self.window) < span.stop - span.start

    def of(self, rows: np.ndarray, still: bool = False) -> "PeakWindows":
        """The same windows of other samples, on the same scale; rows count in the store.

        still: windows stay at offset 0 in genomic order, for validation and for level two.
        """
        other = copy.copy(self)
        other.rows, other.n_samples = np.asarray(rows), len(rows)
        if still:
            other.slide, other.offset, other._rng = 0, 0, None
        return other

    def standardise(self, train_rows: np.ndarray) -> "PeakWindows":
        """From now on subtract each peak's mean over `train_rows` and divide by its deviation.

        `train_rows` count in the store. Peaks that are constant there are only centred. One read of
        the store, or two; a few numbers a peak are kept. With `demographics` each peak first loses
        what age, sex and race explain over `train_rows` beside the cancer type, as obs has them.

        Raises:
            ValueError: there are fewer than two training rows.
        """
        train_rows = np.asarray(train_rows)
        if len(train_rows) < 2:
            raise ValueError(f"train_rows must be two or more; got {len(train_rows)}")
        self._effect = None
        if self.demographics:
            self._effect = PeakDemographics(self.obs, train_rows, self.n_peaks)
        mean, scale = np.empty(self.n_peaks, np.float32), np.empty(self.n_peaks, np.float32)
        for _, start, stop in self.spans(0):
            if self._effect:
                self._effect.fit(np.asarray(self._x[:, start:stop])[train_rows], start)
            values = self._corrected(start, stop, train_rows)
            mean[start:stop] = values.mean(axis=0, dtype=np.float64)
            scale[start:stop] = values.std(axis=0, dtype=np.float64)
        self._mean, self._scale = mean, np.where(scale > 0, scale, 1).astype(np.float32)
        return self

    def observed(self, rows: np.ndarray) -> np.ndarray:
        """All peaks of some samples in the unit of the store, less what `standardise` removes."""
        parts = [self._corrected(start, stop, rows) for _, start, stop in self.spans(0)]
        return np.concatenate(parts, axis=1)

    def in_unit(self, scaled: np.ndarray) -> np.ndarray:
        """Standardised values of all peaks (sample × peak) back in the unit of the store."""
        return (scaled * self._scale + self._mean).astype(np.float32)

    def _corrected(self, start: int, stop: int, rows: np.ndarray) -> np.ndarray:
        values = np.asarray(self._x[:, start:stop])[rows]
        return self._effect.corrected(values, rows, start) if self._effect else values

    def _scaled(self, start: int, stop: int, rows: np.ndarray) -> np.ndarray:
        """Peaks `start` … `stop` − 1 of some samples, float32."""
        values = self._corrected(start, stop, rows)
        if np.ndim(self._mean) == 0:
            return values
        return (values - self._mean[start:stop]) / self._scale[start:stop]


def write_peaks(
    source: anndata.AnnData | Iterable[np.ndarray],
    path: str | Path,
    obs: pd.DataFrame | None = None,
    var: pd.DataFrame | None = None,
) -> Path:
    """Write peaks as a Zarr store and return its path; an existing store is replaced when whole.

    source: an AnnData sample × peak, whose X may be on disk, or sample × some-peaks arrays one
    after another in genomic order, with `obs` and `var` (chrom, start, end) of the whole. At most
    a few chunks are held.

    Raises:
        ValueError: peaks unsorted or off hg38, a block of another number of samples, or blocks
            with more or fewer peaks than `var`.
    """
    if isinstance(source, anndata.AnnData):
        obs, var, source = source.obs, source.var, _parts_of(source.X)
    if obs is None or var is None:
        raise ValueError("blocks of peaks must come with their obs and var; pass write_peaks both")
    check_peaks(var)
    path = Path(path)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_store(draft, source, obs, var)
        shutil.rmtree(path, ignore_errors=True)
        os.replace(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return path


def _write_store(
    path: Path, blocks: Iterable[np.ndarray], obs: pd.DataFrame, var: pd.DataFrame
) -> None:
    """`blocks`: of columns in genomic order, or a matrix on disk."""
    store = zarr.open_group(path, mode="w")
    store.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    with anndata.settings.override(auto_shard_zarr_v3=False):
        for name, table in (("obs", obs), ("var", var)):
            anndata.io.write_elem(store, name, table)
    chunks = min(CHUNK[0], len(obs)), min(CHUNK[1], len(var))
    # Not compressed: accessibility shrinks by a fifth only, and each pass would unpack it again.
    shape = len(obs), len(var)
    x = store.create_array("X", shape=shape, chunks=chunks, dtype="float32", compressors=None)
    x.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    if is_on_disk(blocks):
        _fill_rows(x, blocks)
        return
    done = 0
    for values in _whole_chunks(blocks, len(obs)):
        stop = done + values.shape[1]
        if stop > len(var):
            raise ValueError(f"blocks must have the {len(var):,} peaks of var; they have more")
        x[:, done:stop] = values
        done = stop
    if done < len(var):
        raise ValueError(f"blocks must have the {len(var):,} peaks of var; they have {done:,}")


def _whole_chunks(blocks: Iterable[np.ndarray], n_samples: int) -> Iterator[np.ndarray]:
    """The same peaks in pieces of a chunk's width, so that each chunk is written once."""
    width, waiting = CHUNK[1], np.empty((n_samples, 0), np.float32)
    for block in blocks:
        if np.ndim(block) != 2 or len(block) != n_samples:
            raise ValueError(
                f"every block must be {n_samples} samples × some peaks; got shape {np.shape(block)}"
            )
        waiting = np.concatenate([waiting, np.asarray(block, np.float32)], axis=1)
        while waiting.shape[1] >= width:
            yield waiting[:, :width]
            waiting = waiting[:, width:]
    if waiting.shape[1]:
        yield waiting


def _parts_of(x: object) -> object:
    """Blocks of columns of a matrix in memory; one on disk as it is, which is stored by rows."""
    if is_on_disk(x):
        return x
    starts = range(0, x.shape[1], CHUNK[1])
    return (dense(x[:, start : start + CHUNK[1]]) for start in starts)


def _fill_rows(stored: zarr.Array, x: object) -> None:
    start = 0
    for rows in row_blocks(x):
        stored[start : start + len(rows)] = rows
        start += len(rows)


def is_peak_store(path: Path) -> bool:
    """Whether `PeakWindows` can read what is at `path`: a Zarr store whose X is a plain table."""
    try:
        x = zarr.open_group(path, mode="r")["X"]
    except (FileNotFoundError, KeyError):
        return False
    return isinstance(x, zarr.Array) and x.ndim == 2


def _open(path: Path) -> zarr.Group:
    try:
        store = zarr.open_group(path, mode="r")
        store["X"], store["obs"], store["var"]
    except (FileNotFoundError, KeyError) as error:
        raise ValueError(
            f"{path} must be a store of peaks with X, obs and var. Write it with "
            "write_peaks(adata, path)"
        ) from error
    return store


def _chromosome_edges(chrom: pd.Series) -> list[Window]:
    names = chrom.astype(str).to_numpy()
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    stops = np.r_[starts[1:], len(names)]
    return [Window(names[a], int(a), int(b)) for a, b in zip(starts, stops, strict=True)]
