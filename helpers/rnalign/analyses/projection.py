"""Samples in two dimensions, before and after they are aligned."""

from collections.abc import Mapping

import numpy as np

from helpers.figures.umap_layout import umap_layout


def project_before_after(
    aligned: Mapping[str, np.ndarray],
    seed: int,
    rows: np.ndarray | slice = slice(None),
    n_epochs: int | None = None,
) -> list[np.ndarray]:
    """UMAP of the input and of what RNAlign makes of it, samples × 2 each, from one seed.

    `aligned`: method → samples × genes. `rows`: samples that are projected. `n_epochs`: as
    `umap_layout`.
    """
    return [umap_layout(aligned[method][rows], seed, n_epochs) for method in ("input", "rnalign")]
