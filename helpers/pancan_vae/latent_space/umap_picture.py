"""A space drawn in two dimensions with UMAP, and how far the drawing can be trusted."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch

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


def draw_umap(z: np.ndarray, seed: int) -> UmapPicture:
    """UMAP of `z` (sample × latent), single-threaded, so that a seed gives one picture."""
    from umap import UMAP

    n_threads = torch.get_num_threads()  # UMAP changes it for all that follows
    xy = UMAP(random_state=seed, n_jobs=1).fit_transform(z)
    torch.set_num_threads(n_threads)
    return UmapPicture(xy, trustworthiness(z, xy))
