"""Quantile normalisation in passes: every sample gets one distribution of values.

Bolstad et al. (2003, Bioinformatics 19:185): the lowest value of every sample becomes the mean of
the lowest values over the training samples, the second lowest that of the second, and so on. Only
the reference is learnt; a sample is normalised by itself, so that it can be done block by block.
"""

import numpy as np

from helpers.cohorts.on_disk.row_blocks import dense, is_on_disk, row_blocks

_VALUES_AT_ONCE = 2**16  # sorted together: their places stay in the processor's cache


def quantile_reference(x: object, columns: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Mean over the rows of a matrix of their sorted values, ascending, float64; one pass.

    `columns`: the features that are ranked, all of them unless given.
    """
    total = 0.0
    for block in row_blocks(x, columns):
        for part in _parts(*block.shape):
            total = total + np.sort(block[part], axis=1).sum(axis=0, dtype=np.float64)
    return total / x.shape[0]


def at_reference(rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Each row's values replaced by the reference's at their ranks, float32, row × feature.

    Equal values get the reference at their mean rank, half way between two where it is not whole,
    as limma's `normalizeQuantiles(ties = TRUE)`.

    Raises:
        ValueError: the rows have another number of features than the reference.
    """
    if rows.shape[1] != len(reference):
        raise ValueError(
            f"samples must have the {len(reference):,} features of the reference; got "
            f"{rows.shape[1]:,}"
        )
    values = np.empty(rows.shape, np.float32)
    for part in _parts(*rows.shape):
        order = np.argsort(rows[part], axis=1)
        first, last = _tied(np.take_along_axis(rows[part], order, axis=1))
        low, high = (first + last) // 2, (first + last + 1) // 2
        at_ranks = (reference[low] + reference[high]) / 2
        np.put_along_axis(values[part], order, at_ranks.astype(np.float32), axis=1)
    return values


def normalised_rows(x: object, columns: np.ndarray, reference: np.ndarray) -> object:
    """The chosen columns of a matrix, `at_reference`; where it is on disk, when they are asked for.

    A NumPy matrix gives a NumPy matrix, float32; a dask array a dask array with the same blocks of
    rows.
    """
    if not is_on_disk(x):
        return at_reference(np.asarray(x[:, columns]), reference)
    chosen = x.rechunk({1: -1})
    return chosen.map_blocks(
        lambda block: at_reference(dense(block)[:, columns], reference),
        dtype=np.float32,
        chunks=(chosen.chunks[0], (len(columns),)),
        meta=np.empty((0, 0), np.float32),
    )


def _tied(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the first and of the last value that equals each, in rows that ascend."""
    places = np.arange(ordered.shape[1])
    begins = np.ones(ordered.shape, bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ends = np.roll(begins, -1, axis=1)  # where the next one begins, and at the last of all
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    last = np.where(ends, places, places[-1])
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    return first, last


def _parts(n_rows: int, n_columns: int) -> list[slice]:
    """Rows some at a time."""
    step = max(1, _VALUES_AT_ONCE // max(1, n_columns))
    return [slice(start, start + step) for start in range(0, n_rows, step)]
