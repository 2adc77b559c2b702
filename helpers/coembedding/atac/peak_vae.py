"""The two autoencoders of paper 2 for peaks: one for windows of peaks, one for the row of windows.

Paper 2 (Nagaraj et al., "Machine learning derived embeddings of bulk multi-omics data enable
clinically significant representations in a pan-cancer cohort"): a sample's 563,000 peaks are too
many for one encoder, so a window VAE embeds each 5,000 contiguous peaks in 512 dimensions (three
modules of linear, leaky ReLU, BatchNorm1d each way) and a hierarchical VAE embeds the windows, in
genomic order, in 512 (one convolution of kernel 3, then two modules). Huber + KL at both levels.

One window VAE serves every window, so it does not know where in the genome it is: peaks are to be
centred on training samples beforehand, or it spends its latents on which window it is. Departures:
the mean and the log variance are two linear maps after the last module, and so is the output, since
a BatchNorm after a ReLU could not give centred peaks; the convolution does not reach across a
chromosome's end.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.coembedding.loss_terms import huber_loss
from helpers.models.losses import FixedNormal, kl_loss
from helpers.models.networks import GaussianHead

N_MODULES = 3  # of the window VAE, each way
N_TOP_MODULES = 2  # of the hierarchical VAE, each way
KERNEL = 3  # windows seen by the convolution


def normalised_layers(sizes: Sequence[int]) -> nn.Sequential:
    """Paper 2's module, linear → leaky ReLU → BatchNorm1d, for each step of `sizes`."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(), nn.BatchNorm1d(n_out)]
    return nn.Sequential(*layers)


class WindowVAE(nn.Module):
    """Σ huber(x − decoder(z)) + KL(q(z|x) ‖ N(0, I)) of one window of peaks, to be lowered.

    Args:
        n_peaks: peaks in a window (5,000 in paper 2).
        n_hidden: width of every module.
        n_latent: latent dimensions of a window (512 in paper 2).
    """

    def __init__(self, n_peaks: int, n_hidden: int, n_latent: int) -> None:
        super().__init__()
        _check_sizes(n_peaks=n_peaks, n_hidden=n_hidden, n_latent=n_latent)
        self.n_peaks, self.n_latent = n_peaks, n_latent
        self.encoder = normalised_layers([n_peaks, *[n_hidden] * N_MODULES])
        self.posterior = GaussianHead(n_hidden, n_latent)
        self.decoder = normalised_layers([n_latent, *[n_hidden] * N_MODULES])
        self.output = nn.Linear(n_hidden, n_peaks)

    def encode(self, x: Float[Tensor, "sample peak"]) -> Normal:
        """q(z|window), one Gaussian a sample; peaks beyond a chromosome's end are 0."""
        return self.posterior(self.encoder(x))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """The reconstructed window as the mean of a Gaussian of σ = 1."""
        return FixedNormal(self.output(self.decoder(z)), 1.0)  # sample × peak

    def loss_terms(
        self, x: Float[Tensor, "sample peak"], is_peak: Bool[Tensor, " peak"] | None = None
    ) -> dict[str, Float[Tensor, ""]]:
        """Reconstruction of the peaks there are, and KL: nats per sample and window, unweighted."""
        qz = self.encode(x)
        predicted = self.decode(qz.rsample() if self.training else qz.mean).mean
        if is_peak is not None and not is_peak.all():
            predicted, x = predicted * is_peak, x * is_peak  # no error where there is no peak
        return {"reconstruction": huber_loss(predicted, x), "kl": kl_loss(qz)}


class HierarchicalVAE(nn.Module):
    """Σ huber(windows − decoder(z)) + KL(q(z|windows) ‖ N(0, I)), to be lowered.

    Args:
        chromosomes: the chromosome of each window, windows in genomic order; where it changes, an
            empty window is put between, so that the convolution does not mix two chromosomes.
        n_window_latent: latent dimensions of a window.
        n_channels: outputs of the convolution for each window (paper 2 does not say).
        n_hidden: width of every module.
        n_latent: latent dimensions of a sample (512 in paper 2).
    """

    def __init__(
        self,
        chromosomes: Sequence[str],
        n_window_latent: int,
        *,
        n_channels: int,
        n_hidden: int,
        n_latent: int,
    ) -> None:
        super().__init__()
        n_windows = len(chromosomes)
        _check_sizes(n_windows=n_windows, n_window_latent=n_window_latent, n_channels=n_channels)
        _check_sizes(n_hidden=n_hidden, n_latent=n_latent)
        self.register_buffer("slot", torch.tensor(_slots(chromosomes)))
        self.n_slots, self.n_channels = int(self.slot[-1]) + 1, n_channels
        self.n_windows, self.n_window_latent = n_windows, n_window_latent
        sizes = [n_channels * n_windows, *[n_hidden] * N_TOP_MODULES]
        self.convolution = nn.Conv1d(n_window_latent, n_channels, KERNEL, padding=KERNEL // 2)
        self.encoder = normalised_layers(sizes)
        self.posterior = GaussianHead(n_hidden, n_latent)
        self.decoder = normalised_layers([n_latent, *reversed(sizes[1:])])
        self.output = nn.Linear(n_hidden, n_channels * n_windows)
        self.deconvolution = nn.Conv1d(n_channels, n_window_latent, KERNEL, padding=KERNEL // 2)

    def encode(self, x: Float[Tensor, "sample window latent"]) -> Normal:
        """q(z|windows), one Gaussian a sample."""
        channels = self._along_genome(self.convolution, x)  # sample × window × channel
        return self.posterior(self.encoder(channels.flatten(1)))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """The reconstructed window embeddings as the mean of a Gaussian of σ = 1."""
        channels = self.output(self.decoder(z)).unflatten(1, (self.n_windows, self.n_channels))
        # sample × window × latent
        return FixedNormal(self._along_genome(self.deconvolution, channels), 1.0)

    def loss_terms(self, x: Float[Tensor, "sample window latent"]) -> dict[str, Float[Tensor, ""]]:
        """Reconstruction of all windows, and KL: nats per sample, unweighted."""
        qz = self.encode(x)
        predicted = self.decode(qz.rsample() if self.training else qz.mean).mean
        return {"reconstruction": huber_loss(predicted.flatten(1), x.flatten(1)), "kl": kl_loss(qz)}

    def _along_genome(
        self, convolution: nn.Conv1d, x: Float[Tensor, "sample window channel"]
    ) -> Float[Tensor, "sample window channel"]:
        spread = x.new_zeros(len(x), self.n_slots, x.shape[2])
        spread = spread.index_copy(1, self.slot, x)  # one empty slot between two chromosomes
        return convolution(spread.transpose(1, 2)).transpose(1, 2)[:, self.slot]


def _slots(chromosomes: Sequence[str]) -> list[int]:
    """Position of each window when every change of chromosome takes one more place."""
    slots = [0]
    for previous, here in pairwise(chromosomes):
        slots.append(slots[-1] + (1 if here == previous else 2))
    return slots


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"`{name}` must be at least 1; got {size}.")
