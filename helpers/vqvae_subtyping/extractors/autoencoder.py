"""A plain autoencoder: the deterministic relative of the VAE, and the frame of the VQ-VAE.

The same dense layers as `helpers.models.vae`, so that what differs between the three is only what
happens to the latents: nothing here, noise and a prior in the VAE, codes in the VQ-VAE.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.models.losses import reconstruction_loss
from helpers.models.networks import dense_layers

N_ROWS = 4096  # rows on the device at a time when a trained model is read out


class Autoencoder(nn.Module):
    """z = encoder(x), x ~ N(decoder(z), σ²); trained on −log p(x|z) alone.

    Args:
        n_features: columns of x (genes, microRNAs), standardised.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: latent dimensions.
        noise_sd: σ of p(x|z), in standard deviations of a feature. Without a second term it scales
            the loss and changes nothing else.
        dropout: share of hidden units dropped in training.
        linear_skip: add a linear map beside the encoder's network and one beside the decoder's, as
            in the VAE: PCA is then within reach and the network learns what bends away from it.
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
        self.noise_sd = noise_sd
        self.encoder = dense_layers([n_features, *n_hidden], dropout)
        self.bottleneck = nn.Linear(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent, *reversed(n_hidden)], dropout)
        self.output = nn.Linear(n_hidden[0], n_features)
        self.linear_skip = linear_skip
        if linear_skip:
            self.linear_encoder = nn.Linear(n_features, n_latent, bias=False)
            self.linear_decoder = nn.Linear(n_latent, n_features, bias=False)

    def encode(self, x: Float[Tensor, "sample feature"]) -> Float[Tensor, "sample latent"]:
        """The continuous latents."""
        z = self.bottleneck(self.encoder(x))  # sample × latent
        return z + self.linear_encoder(x) if self.linear_skip else z

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """p(x|z) with the fixed standard deviation `noise_sd`."""
        mean = self.output(self.decoder(z))  # sample × feature
        if self.linear_skip:
            mean = mean + self.linear_decoder(z)
        return Normal(mean, torch.full_like(mean, self.noise_sd), validate_args=False)

    def loss_terms(self, x: Float[Tensor, "sample feature"]) -> dict[str, Float[Tensor, ""]]:
        """−log p(x|z), nats per sample, unweighted."""
        return {"reconstruction": reconstruction_loss(self.decode(self.encode(x)), x)}

    def continuous(self, x):
        """Latents as an array, sample × latent. `x`: sample × feature, prepared as in training."""
        return self.read(self.encode, x).numpy()

    def latent(self, x):
        """What clustering takes, as an array: here `continuous`."""
        return self.continuous(x)

    @torch.no_grad()
    def read(self, function, x) -> Tensor:
        """`function` of all rows of `x`, in `eval()` and without a gradient; on the CPU."""
        was_training, first = self.training, next(self.parameters())
        self.eval()
        parts = torch.as_tensor(x, dtype=first.dtype).split(N_ROWS)
        result = torch.cat([function(part.to(first.device)).cpu() for part in parts])
        self.train(was_training)
        return result
