"""A space drawn in two dimensions with UMAP, and how far the drawing can be trusted."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.figures.umap_layout import umap_layout
from helpers.pancan_vae.latent_space.neighbourhoods import trustworthiness


@dataclass(frozen=True)
class UmapPicture:
    """xy: sample × 2. trust: share of neighbours kept, see `representation.trustworthiness`."""

    xy: np.ndarray
    trust: float
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """`latent.trustworthiness.umap`."""
        return {"latent.trustworthiness.umap": self.trust}


def draw_umap(z: np.ndarray, seed: int, n_epochs: int | None = None) -> UmapPicture:
    """`umap_layout` of `z` (sample × latent) and how far its neighbours can be trusted."""
    xy = umap_layout(z, seed, n_epochs)
    return UmapPicture(xy, trustworthiness(z, xy))
