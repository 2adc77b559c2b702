"""VQ-VAE of van den Oord, Vinyals & Kavukcuoglu (2017), as paper 3 uses it on tumour profiles.

Paper 3 (Chen et al., "Cancer Subtyping by Improved Transcriptomic Features Using Vector Quantized
Variational Autoencoder"): dense encoder and decoder, 64 latents, a codebook of M vectors, nearest
code, straight-through gradient, commitment. Two forms, since its figures and its code disagree:

- "single": one code a sample. What the paper's equation 2 and its code say. The quantised latents
  of all patients then take at most M values, which is a deep k-means.
- "multi": `n_latent` categorical latents a sample, as in figure 7d–e, each with a small codebook.

Departures: a loss term is summed over dimensions and averaged over samples, and M, code
dimensions and weights, which the paper does not give, are parameters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.models.losses import reconstruction_loss
from helpers.models.readout import read_in_parts
from helpers.vqvae_subtyping.argument_groups import Codebook
from helpers.vqvae_subtyping.extractors.autoencoder import Autoencoder
from helpers.vqvae_subtyping.extractors.codebook_usage import code_usage
from helpers.vqvae_subtyping.extractors.quantizer import (
    Latents,
    Quantized,
    Quantizer,
    nearest_codes,
)
from helpers.vqvae_subtyping.loss_terms import codebook_loss, commitment_loss

FORMS = ("single", "multi")
Samples = Float[Tensor, "sample feature"]


class Held(NamedTuple):
    """What latents hold, as arrays of one row a sample: see `codes`, `levels` and `latent`."""

    codes: np.ndarray
    levels: np.ndarray
    latent: np.ndarray


class VQVAE(Autoencoder):
    """log p(x|e) with e the codes nearest to z = encoder(x).

    Args:
        n_features: columns of x (genes, microRNAs), standardised.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: "single": dimensions of the one code; "multi": categorical latents a sample.
        form: "single" or "multi", see the module.
        codebook: how many codes of which size, and how they learn.
        noise_sd: σ of p(x|e), in standard deviations of a feature; σ² divides the squared error and
            so sets its weight against commitment.
        dropout: share of hidden units dropped in training.
        linear_skip: see `AutoencoderFrame`.
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: Sequence[int],
        n_latent: int,
        *,
        form: str,
        codebook: Codebook,
        noise_sd: float,
        dropout: float,
        linear_skip: bool = False,
    ) -> None:
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {', '.join(FORMS)}; got {form!r}.")
        n_positions, dim = (1, n_latent) if form == "single" else (n_latent, codebook.code_dim)
        frame = {"noise_sd": noise_sd, "dropout": dropout, "linear_skip": linear_skip}
        super().__init__(n_features, n_hidden, n_positions * dim, **frame)
        self.quantizer = Quantizer(n_positions, codebook.n_codes, dim, ema_decay=codebook.ema_decay)
        self.shape = (n_positions, dim)

    @property
    def has_codebook_loss(self) -> bool:
        """Whether the codes learn from a loss term, not from moving averages."""
        return self.quantizer.ema_decay == 0

    def quantise(self, z: Float[Tensor, "sample latent"]) -> Quantized:
        """The nearest codes of continuous latents."""
        return self.quantizer(z.unflatten(-1, self.shape))

    def loss_terms(self, x: Samples) -> dict[str, Float[Tensor, ""]]:
        """Reconstruction (nats), codebook (unless by moving averages) and commitment (squared
        distance), each per sample and unweighted.
        """
        z = self.encode(x)
        quantized = self.quantise(z)
        px = self.decode(quantized.straight_through.flatten(1))
        terms = {"reconstruction": reconstruction_loss(px, x)}
        nearest = quantized.nearest.flatten(1)
        if self.has_codebook_loss:
            terms["codebook"] = codebook_loss(z, nearest)
        return terms | {"commitment": commitment_loss(z, nearest)}

    def start_codebook(self, x, seed: int) -> None:
        """Put the codes on the k-means centres of the untrained encoder's latents of `x`."""
        z = read_in_parts(self._positions, self, x).to(self.quantizer.codebook.device)
        self.quantizer.start_by_kmeans(z, seed)

    def after_epoch(self, x: Samples) -> dict[str, float]:
        """Usage of the codebook over all training rows; then dead codes are restarted."""
        z = read_in_parts(self._positions, self, x).to(x.device)
        usage = code_usage(nearest_codes(z, self.quantizer.codebook), self.quantizer.n_codes)
        if usage["used_least"] < self.quantizer.n_codes:
            self.quantizer.restart_dead(z)
        return usage

    def codes(self, x):
        """Index of the code each latent holds, as an array, sample × position."""
        return self.held(self.continuous(x)).codes

    def levels(self, x):
        """The codes as ordered levels (`Quantizer.ranks`), for a heat map or a correlation."""
        return self.held(self.continuous(x)).levels

    def latent(self, x):
        """The quantised latents that clustering takes, as an array, sample × position·dim."""
        return self.held(self.continuous(x)).latent

    def held(self, continuous) -> Held:
        """What `continuous` latents hold, so that samples need not be encoded for each of it."""
        codes = read_in_parts(lambda z: self.quantise(z).codes, self, continuous)
        latent = read_in_parts(lambda z: self.quantise(z).nearest.flatten(1), self, continuous)
        levels = self.quantizer.ranks().T.cpu().gather(0, codes)
        return Held(codes.numpy(), levels.numpy(), latent.numpy())

    def _positions(self, x: Samples) -> Latents:
        return self.encode(x).unflatten(-1, self.shape)


def codebook_usage(model: VQVAE, x) -> dict[str, float]:
    """`code_usage` of the codes that the rows of `x` hold."""
    return code_usage(torch.as_tensor(model.codes(x)), model.quantizer.n_codes)
