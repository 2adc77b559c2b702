"""Which cell lines are nearest to a group of tumours, and how near lines of other types are."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.rnalign.origins import as_samples, as_types


def line_distances(x: ArrayLike, is_line: ArrayLike, tumours: ArrayLike) -> np.ndarray:
    """1 − Pearson's r over genes of some tumours and all lines, tumour × line, in [0, 2].

    `x`: samples × genes, aligned. `tumours`: rows of `x`.

    Raises:
        ValueError: as `as_samples`.
    """
    x, line = as_samples(x, is_line, needs_both=True)
    return 1 - unit_rows(x[np.asarray(tumours)]) @ unit_rows(x[line]).T


def rank_lines(distance: ArrayLike, line_type: ArrayLike, own_types: Iterable[str]) -> pd.DataFrame:
    """Lines by their mean distance to tumours, nearest first, beside lines of other types.

    The null: how near are lines that are of none of the tumours' types? p of a line of their types
    is (1 + n nearer) / (1 + n), with n lines of other types of which n nearer are as near or
    nearer. A small p says that a line is nearer than other organs' lines, not that it is a good
    model. Lines of other types are the null, and have no p.

    `distance`: tumour × line, or one value a line. `line_type`: one a line. `own_types`: the types
    of the tumours.
    Index: position of the line. Columns: rank (from 1, among all lines), distance, p (NaN also
    where all lines are of the tumours' types).

    Raises:
        ValueError: another number of types than of lines.
    """
    distance = np.atleast_2d(np.asarray(distance, float)).mean(axis=0)
    types = as_types(line_type, len(distance))
    is_other = ~np.isin(types, [*own_types])
    others = np.sort(distance[is_other])
    p = (1 + np.searchsorted(others, distance, side="right")) / (1 + len(others))
    p = np.where(is_other | (len(others) == 0), np.nan, p)
    table = pd.DataFrame({"distance": distance, "p": p})
    table = table.iloc[np.argsort(distance, kind="stable")]
    table.insert(0, "rank", np.arange(1, len(distance) + 1))
    return table


def unit_rows(x: np.ndarray) -> np.ndarray:
    """Rows centred with unit length, so that a product of two is Pearson's r.

    Raises:
        ValueError: a row without variance.
    """
    centred = x - x.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    if (length <= 0).any():
        raise ValueError("Correlation needs genes that differ within every tumour and line.")
    return centred / length
