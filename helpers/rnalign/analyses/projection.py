"""Samples in two dimensions, before and after they are aligned."""

from collections.abc import Mapping

import numpy as np


def project_before_after(
    aligned: Mapping[str, np.ndarray], seed: int, rows: np.ndarray | slice = slice(None)
) -> list[np.ndarray]:
    """UMAP of the input and of what RNAlign makes of it, samples × 2 each, from one seed.

    `aligned`: method → samples × genes. `rows`: samples that are projected.
    """
    import umap

    return [
        umap.UMAP(random_state=seed, n_jobs=1).fit_transform(aligned[method][rows])
        for method in ("input", "rnalign")
    ]
