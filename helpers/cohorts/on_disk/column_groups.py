"""A matrix a group of columns at a time, all rows of it: what medians need.

Rows are stored together, so a column is everywhere in the file. One pass writes the groups into a
temporary file, which then gives them back one after the other. (Selecting medians by counting, in
passes without such a file, took ten times as long: 150 ns a value against 15.)
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers.cohorts.on_disk.row_blocks import row_blocks
from helpers.cohorts.sources import cache_folder

GROUP_BYTES = 2**25  # of float32 columns in memory at a time


def scratch_folder() -> Path:
    """Where temporary files of a cohort's size go; they have no name, so nothing can be left."""
    folder = cache_folder() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def column_groups(x: object, columns: np.ndarray) -> Iterator[np.ndarray]:
    """Consecutive groups of the chosen columns of a matrix: all rows × some columns, float32.

    The temporary file is as large as all of the chosen columns.
    """
    n_rows = x.shape[0]
    step = max(1, GROUP_BYTES // (4 * n_rows))
    groups = [slice(start, start + step) for start in range(0, len(columns), step)]
    with tempfile.TemporaryFile(dir=scratch_folder()) as file:
        start = 0
        for block in row_blocks(x, columns):
            for group in groups:
                part = np.ascontiguousarray(block[:, group], np.float32)
                # Groups lie one after the other, each row by row.
                os.pwrite(file.fileno(), part, 4 * (group.start * n_rows + start * part.shape[1]))
            start += len(block)
        for group in groups:
            n_columns = len(columns[group])
            file.seek(4 * group.start * n_rows)
            yield np.fromfile(file, np.float32, n_rows * n_columns).reshape(n_rows, n_columns)
