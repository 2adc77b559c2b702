"""The layers and the frame models here are built from, and the distributions they put out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.models.dropout import Dropout
from helpers.models.losses import FixedNormal

# exp(−8) … exp(8): wide enough for any posterior here, narrow enough never to overflow in float32.
LOG_VARIANCE_RANGE = (-8.0, 8.0)


def dense_layers(sizes: Sequence[int], dropout: float = 0.0) -> nn.Sequential:
    """Linear → ReLU (→ dropout) for each step of `sizes`, e.g. (5000, 512, 256) gives two layers.

    Raises:
        ValueError: fewer than two sizes, or a size below 1.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            "`sizes` must name at least an input and an output width, each ≥ 1; "
            f"got {tuple(sizes)}."
        )
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        if dropout > 0:
            layers.append(Dropout(dropout))
    return nn.Sequential(*layers)


def unrounded(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """`x` in float32 where a matrix product in bfloat16 gave it; else `x` itself.

    What sums, squares or compares latents is to see the digits that a sum of them needs.
    """
    return x.float() if x.dtype is torch.bfloat16 else x


class GaussianHead(nn.Module):
    """Hidden units → a diagonal Gaussian: two linear maps, one for the mean, one for log σ²."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.mean = nn.Linear(n_in, n_out)
        self.log_var = nn.Linear(n_in, n_out)

    def forward(self, hidden: Float[Tensor, "sample hidden"]) -> Normal:
        """Normal over `n_out` dimensions; log σ² is clamped to `LOG_VARIANCE_RANGE`."""
        log_var = unrounded(self.log_var(hidden)).clamp(*LOG_VARIANCE_RANGE)
        mean = unrounded(self.mean(hidden))
        return Normal(mean, torch.exp(0.5 * log_var), validate_args=False)


class AutoencoderFrame(nn.Module, ABC):
    """What every autoencoder here shares: dense encoder, mirrored decoder, p(x|z) = N(mean, σ²).

    A model says in `add_bottleneck` what stands between the two, and in its own `encode` how it is
    used; the decoder is the same for all.

    Args:
        n_features: columns of x (genes, microRNAs), standardised.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: latent dimensions.
        noise_sd: σ of p(x|z) in units of a feature's standard deviation. σ² divides the squared
            error, so a smaller σ asks for sharper reconstructions beside another term.
        dropout: share of hidden units dropped in training.
        linear_skip: add a linear map beside the encoder's network and one beside the decoder's, so
            that z = A x + network(x) and E[x|z] = B z + network(z): PCA is then where the model can
            start from, and the network learns what bends away from it.
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: Sequence[int],
        n_latent: int,
        *,
        noise_sd: float,
        dropout: float,
        linear_skip: bool = False,
    ) -> None:
        super().__init__()
        if noise_sd <= 0:
            raise ValueError(f"`noise_sd` must be above 0; got {noise_sd}. 1.0 is usual.")
        self.noise_sd, self.linear_skip = noise_sd, linear_skip
        # The order in which weights are drawn is the order along the path from x to x.
        self.encoder = dense_layers([n_features, *n_hidden], dropout)
        self.add_bottleneck(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent, *reversed(n_hidden)], dropout)
        self.output = nn.Linear(n_hidden[0], n_features)
        if linear_skip:
            self.linear_encoder = nn.Linear(n_features, n_latent, bias=False)
            self.linear_decoder = nn.Linear(n_latent, n_features, bias=False)

    @abstractmethod
    def add_bottleneck(self, n_in: int, n_latent: int) -> None:
        """Make the layers from the encoder's last hidden layer to the latents."""

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """p(x|z) with the fixed standard deviation `noise_sd`."""
        mean = self.output(self.decoder(z))  # sample × feature
        if self.linear_skip:
            mean = mean + self.linear_decoder(z)
        return FixedNormal(mean, self.noise_sd)
