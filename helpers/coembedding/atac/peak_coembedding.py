"""Co-embeddings whose ATAC side is the hierarchical VAE of paper 2.

The paper trains the window VAE first, lays its embeddings of all windows end to end and gives them
to a hierarchical VAE, since encoding all peaks at once was unstable; its co-embeddings have one
ATAC encoder and one ATAC decoder. So here: the window VAE is fitted on the training donors and
stays as it is, and a co-embedding trains the hierarchical VAE on its embeddings, from the start, as
it does RNA's. What it rebuilds goes back through the window VAE's decoder to peaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import anndata
import numpy as np
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.coembedding.argument_groups import Network, PeakNetwork, Preparation, Weights
from helpers.coembedding.atac.peak_comparison import PeakFits
from helpers.coembedding.atac.peak_models import WindowLevel, hierarchical_vae
from helpers.coembedding.atac.peak_store import PeakStore
from helpers.coembedding.atac.peak_vae import HierarchicalVAE
from helpers.coembedding.donors.split import MultiomicsSplit, split_multiomics
from helpers.coembedding.embeddings.coembedding_model import KINDS
from helpers.coembedding.embeddings.every_embedding import Embedding, TrainedSeed, fit_embeddings
from helpers.models.losses import FixedNormal
from helpers.models.training import Training


class WindowedAutoencoder(nn.Module):
    """A hierarchical VAE that takes and gives a sample's windows as one row: window after window.

    hierarchy: the VAE of sample × window × latent.
    """

    def __init__(self, hierarchy: HierarchicalVAE) -> None:
        super().__init__()
        self.hierarchy = hierarchy
        self.shape = hierarchy.n_windows, hierarchy.n_window_latent

    def encode(self, x: Float[Tensor, "sample windows_latent"]) -> Normal:
        """q(z|windows), one Gaussian a sample."""
        return self.hierarchy.encode(x.unflatten(1, self.shape))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """The windows' embeddings, end to end, as the mean of a Gaussian of σ = 1."""
        return FixedNormal(self.hierarchy.decode(z).mean.flatten(1), 1.0)

    def forward(self, x: Float[Tensor, "sample windows_latent"]) -> Float[Tensor, "sample latent"]:
        """E[z|windows]."""
        return self.encode(x).mean


def with_windows(
    split: MultiomicsSplit, peaks: PeakStore, level: WindowLevel, network: PeakNetwork
) -> MultiomicsSplit:
    """The split with the windows' embeddings of its donors as ATAC, for a hierarchical VAE.

    All ATAC samples of the split must be in `peaks`.
    """
    made = partial(hierarchical_vae, level.windows, network)
    placed = with_latents(split, peaks, level.z.reshape(len(level.z), -1))
    return replace(placed, atac_autoencoder=lambda: WindowedAutoencoder(made()))


def with_latents(split: MultiomicsSplit, peaks: PeakStore, z: np.ndarray) -> MultiomicsSplit:
    """The split with numbers of each sample of the store (sample × number) as its ATAC."""
    rows = (peaks.rows_of(obs["patient"]) for obs in (split.atac_obs, split.test_obs))
    atac, test = (z[row].astype(np.float32) for row in rows)
    return replace(split, atac=atac, test_atac=test)


@dataclass(frozen=True)
class PeakCoembeddings:
    """Seed → (split with windows as ATAC, co-embedding kind → trained model); {} without peaks."""

    trained: Mapping[int, tuple[MultiomicsSplit, Mapping[str, Embedding]]]


def coembed_peaks(
    donors: anndata.AnnData,
    trained: Sequence[TrainedSeed],
    fits: PeakFits,
    *,
    preparation: Preparation,
    network: Network,
    peak_network: PeakNetwork,
    weights: Weights,
    training: Training,
) -> PeakCoembeddings:
    """Both co-embeddings with the hierarchical VAE as ATAC side, on the splits of `trained`.

    Nothing where the peaks are not those of the donors (`fits.of_donors`). Arguments as of
    `fit_seeds`, `peak_network` as of `fit_peak_seeds`.
    """
    if not fits.of_donors:
        return PeakCoembeddings({})
    settings = {"network": network, "weights": weights, "training": training}
    found = {}
    for one in trained:
        if one.seed not in fits.fits:
            continue
        models, _ = fits.fits[one.seed]
        split = split_multiomics(donors, preparation, one.seed)
        split = with_windows(split, fits.peaks, models.level, peak_network)
        embeddings = fit_embeddings(split, **settings, seed=one.seed, only=KINDS)
        found[one.seed] = split.of_pairs(), embeddings
    return PeakCoembeddings(found)
