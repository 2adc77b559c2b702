"""Variational autoencoder of Kingma & Welling (2014), as paper 1 uses it on tumour profiles.

Paper 1 (Dasgupta, "Variational Autoencoder Representations Reveal Shared and Distinct
Transcriptomic Programs Across Cancers"): two dense ReLU layers, 32 latent dimensions, a mirrored
decoder, Adam at 1e-3, reconstruction + KL. It gives no widths, likelihood or KL schedule; here
x|z ~ N(decoder(z), σ²) with one σ fixed as `noise_sd`, and every width is a parameter.
"""

from jaxtyping import Float
from torch import Tensor
from torch.distributions import Normal

from helpers.models.losses import kl_loss, reconstruction_loss
from helpers.models.networks import AutoencoderFrame, GaussianHead


class VAE(AutoencoderFrame):
    """log p(x) ≥ E_q(z|x)[log p(x|z)] − KL(q(z|x) ‖ N(0, I)).

    The arguments are those of `AutoencoderFrame`. With `linear_skip`, which departs from paper 1,
    E[z|x] = A x + network(x) and probabilistic PCA is where the model starts from.
    """

    def add_bottleneck(self, n_in: int, n_latent: int) -> None:
        """A mean and a variance a latent."""
        self.posterior = GaussianHead(n_in, n_latent)

    def encode(self, x: Float[Tensor, "sample feature"]) -> Normal:
        """q(z|x), one Gaussian a sample."""
        qz = self.posterior(self.encoder(x))  # sample × latent
        if self.linear_skip:
            qz = Normal(qz.mean + self.linear_encoder(x), qz.stddev, validate_args=False)
        return qz

    def loss_terms(self, x: Float[Tensor, "sample feature"]) -> dict[str, Float[Tensor, ""]]:
        """The two terms of the negative ELBO, nats per sample, unweighted.

        z is drawn by reparametrisation in training and is the posterior mean in `eval()`, so
        validation numbers carry no sampling noise.
        """
        qz = self.encode(x)
        z = qz.rsample() if self.training else qz.mean
        return {"reconstruction": reconstruction_loss(self.decode(z), x), "kl": kl_loss(qz)}
