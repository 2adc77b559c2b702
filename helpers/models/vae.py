"""Variational autoencoder of Kingma & Welling (2014), as paper 1 uses it on tumour profiles.

Paper 1 (Dasgupta, "Variational Autoencoder Representations Reveal Shared and Distinct
Transcriptomic Programs Across Cancers"): two dense ReLU layers, 32 latent dimensions, a mirrored
decoder, Adam at 1e-3, reconstruction + KL. It gives no widths, likelihood or KL schedule; here
x|z ~ N(decoder(z), σ²) with one σ fixed as `noise_sd`, and every width is a parameter.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.models.losses import kl_loss, reconstruction_loss
from helpers.models.networks import GaussianHead, dense_layers


class VAE(nn.Module):
    """log p(x) ≥ E_q(z|x)[log p(x|z)] − KL(q(z|x) ‖ N(0, I)).

    Args:
        n_features: columns of x (genes, microRNAs), standardised.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: latent dimensions.
        noise_sd: σ of p(x|z) in units of a feature's standard deviation. σ² divides the squared
            error, so a smaller σ asks for sharper reconstructions at the same KL weight.
        dropout: share of hidden units dropped in training.
        linear_skip: add a linear map beside the encoder's network and one beside the decoder's, so
            that E[z|x] = A x + network(x) and E[x|z] = B z + network(z): probabilistic PCA is then
            where the model starts from, and the network learns what bends away from it. Departs
            from paper 1.
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
            raise ValueError(f"`noise_sd` must be above 0; got {noise_sd}. 1.0 is the plain VAE.")
        self.noise_sd = noise_sd
        self.encoder = dense_layers([n_features, *n_hidden], dropout)
        self.posterior = GaussianHead(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent, *reversed(n_hidden)], dropout)
        self.output = nn.Linear(n_hidden[0], n_features)
        self.linear_skip = linear_skip
        if linear_skip:
            self.linear_encoder = nn.Linear(n_features, n_latent, bias=False)
            self.linear_decoder = nn.Linear(n_latent, n_features, bias=False)

    def encode(self, x: Float[Tensor, "sample feature"]) -> Normal:
        """q(z|x), one Gaussian a sample."""
        qz = self.posterior(self.encoder(x))  # sample × latent
        if self.linear_skip:
            qz = Normal(qz.mean + self.linear_encoder(x), qz.stddev, validate_args=False)
        return qz

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """p(x|z) with the fixed standard deviation `noise_sd`."""
        mean = self.output(self.decoder(z))  # sample × feature
        if self.linear_skip:
            mean = mean + self.linear_decoder(z)
        return Normal(mean, torch.full_like(mean, self.noise_sd), validate_args=False)

    def loss_terms(self, x: Float[Tensor, "sample feature"]) -> dict[str, Float[Tensor, ""]]:
        """The two terms of the negative ELBO, nats per sample, unweighted.

        z is drawn by reparametrisation in training and is the posterior mean in `eval()`, so
        validation numbers carry no sampling noise.
        """
        qz = self.encode(x)
        z = qz.rsample() if self.training else qz.mean
        return {"reconstruction": reconstruction_loss(self.decode(z), x), "kl": kl_loss(qz)}
