"""Which tumours resemble cell lines in the one respect that is known: how pure they are."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def is_purest(
    purity: ArrayLike, is_line: ArrayLike, cancer_type: ArrayLike, share: float = 1 / 3
) -> np.ndarray:
    """True for all lines and for the purest `share` of each type's tumours; one bool a sample.

    What is left between these tumours and the lines is less likely to be stroma. Ties at the
    threshold are kept.

    Raises:
        ValueError: `share` is not inside (0, 1], or parts of unequal length.
    """
    if not 0 < share <= 1:
        raise ValueError(f"`share` must lie above 0 and not above 1; got {share}.")
    line = np.asarray(is_line, dtype=bool)
    values, own_type = (
        pd.Series(np.asarray(purity, dtype=float)),
        np.asarray(cancer_type, dtype=str),
    )
    if not len(values) == len(line) == len(own_type):
        raise ValueError(
            "`purity`, `is_line` and `cancer_type` must have one value per sample; got "
            f"{len(values)}, {len(line)} and {len(own_type)}."
        )
    threshold = (
        values[~line].groupby(own_type[~line]).transform(lambda part: part.quantile(1 - share))
    )
    chosen = line.copy()
    chosen[~line] = (values[~line] >= threshold).to_numpy()
    return chosen
