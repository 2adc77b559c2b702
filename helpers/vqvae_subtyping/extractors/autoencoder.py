"""A plain autoencoder: the deterministic relative of the VAE, and what the VQ-VAE quantises.

It stands in the frame of `helpers.models.vae`, so that what differs between the three is only what
happens to the latents: nothing here, noise and a prior in the VAE, codes in the VQ-VAE.
"""

from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.losses import reconstruction_loss
from helpers.models.networks import AutoencoderFrame, unrounded
from helpers.models.readout import read_in_parts


class Autoencoder(AutoencoderFrame):
    """z = encoder(x), x ~ N(decoder(z), σ²); trained on −log p(x|z) alone.

    The arguments are those of `AutoencoderFrame`. Without a second term `noise_sd` scales the loss
    and changes nothing else.
    """

    def add_bottleneck(self, n_in: int, n_latent: int) -> None:
        """One linear map."""
        self.bottleneck = nn.Linear(n_in, n_latent)

    def encode(self, x: Float[Tensor, "sample feature"]) -> Float[Tensor, "sample latent"]:
        """The continuous latents."""
        z = unrounded(self.bottleneck(self.encoder(x)))  # sample × latent
        return z + self.linear_encoder(x) if self.linear_skip else z

    def loss_terms(self, x: Float[Tensor, "sample feature"]) -> dict[str, Float[Tensor, ""]]:
        """−log p(x|z), nats per sample, unweighted."""
        return {"reconstruction": reconstruction_loss(self.decode(self.encode(x)), x)}

    def continuous(self, x):
        """Latents as an array, sample × latent. `x`: sample × feature, prepared as in training."""
        return read_in_parts(self.encode, self, x).numpy()

    def latent(self, x):
        """What clustering takes, as an array: here `continuous`."""
        return self.continuous(x)
