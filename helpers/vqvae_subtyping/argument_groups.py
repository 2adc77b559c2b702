"""How the extractors are made and trained: small settings that travel together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from helpers.models.training import Training


@dataclass(frozen=True)
class Network:
    """What all extractors share.

    n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
    n_latent: latents of a sample.
    noise_sd: σ of the reconstruction, in standard deviations of a feature.
    dropout: share of hidden units dropped in training.
    """

    n_hidden: tuple[int, ...]
    n_latent: int
    noise_sd: float
    dropout: float


@dataclass(frozen=True)
class Codebook:
    """The codes of a VQ-VAE.

    n_codes: M, codes in a codebook.
    code_dim: dimensions of a code; a VQ-VAE with one code a sample has `n_latent` instead.
    ema_decay: γ of codes that are moving averages (there is then no codebook loss); 0: codes
        trained by the codebook loss.
    """

    n_codes: int
    code_dim: int
    ema_decay: float


@dataclass(frozen=True)
class Weights:
    """What a loss term counts beside the reconstruction (1) and the codebook loss (1).

    commitment: β, the pull of the encoder to its code, of the VQ-VAEs.
    kl: of the VAE.
    """

    commitment: float
    kl: float


@dataclass(frozen=True)
class ExtractorSettings:
    """All of one training of an extractor.

    codebooks: extractor → its codebook, for those that have one.
    starts_at_pca: whether encoder and decoder start as principal components, by a linear path
        beside the network; the learning rate is then a tenth of `training`'s.
    """

    network: Network
    codebooks: Mapping[str, Codebook]
    weights: Weights
    training: Training
    starts_at_pca: bool

    def starting(self, at_pca: bool) -> "ExtractorSettings":
        """The same settings with the start that is asked for."""
        return replace(self, starts_at_pca=at_pca)

    @property
    def paced_training(self) -> Training:
        """`training` at the learning rate that suits the start."""
        rate = self.training.learning_rate
        return replace(self.training, learning_rate=rate / 10 if self.starts_at_pca else rate)
