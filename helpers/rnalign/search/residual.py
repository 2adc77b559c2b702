"""What a model does not explain of a sample, given back to it after alignment.

A departure from paper 4, and the project's own: the paper's aligned profile is what the decoder
says and nothing else, so that a sample keeps only what fits through z. The decoder's answer to
other labels, minus its answer to the sample's own, is a shift; added to the sample it aligns too,
and a share of the residual between the two is a choice. MOBER can be given the same.
"""

from typing import NamedTuple

import numpy as np


class Decoded(NamedTuple):
    """Samples × genes as a model decodes them: with the labels aligned to, and with their own.

    own: None for methods that have no decoder and keep residuals by themselves.
    """

    aligned: np.ndarray
    own: np.ndarray | None = None


def with_residual(x: np.ndarray, decoded: Decoded, share: float) -> np.ndarray:
    """Aligned + share · (x − own), samples × genes; 0 is the paper's, 1 the sample plus a shift.

    Raises:
        ValueError: a share outside 0–1, or no `own` to take a residual from.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"`share` of the residual must lie between 0 and 1; got {share}.")
    if share == 0:
        return decoded.aligned
    if decoded.own is None:
        raise ValueError("a method without a decoder has no residual: take a share of 0.")
    return decoded.aligned + np.asarray(share, x.dtype) * (x - decoded.own)
