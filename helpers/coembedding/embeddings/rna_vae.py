"""The RNA autoencoder of paper 2: two fully connected layers, one ReLU between, Huber + KL.

Paper 2 (Nagaraj et al., "Machine learning derived embeddings of bulk multi-omics data enable
clinically significant representations in a pan-cancer cohort") keeps it shallow against overfitting
and names neither widths nor weights; its results also show a "Linear VAE", which is `n_hidden=0`.
"""

from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.coembedding.loss_terms import huber_loss
from helpers.models.losses import FixedNormal, kl_loss
from helpers.models.networks import GaussianHead


class RnaVAE(nn.Module):
    """Σ huber(x − decoder(z)) + KL(q(z|x) ‖ N(0, I)), to be lowered.

    Args:
        n_features: columns of x (genes, microRNAs), standardised on training samples.
        n_hidden: width of the layer before the ReLU and, mirrored, of the decoder's; 0 leaves both
            out and makes every map linear.
        n_latent: latent dimensions (512 in paper 2).
    """

    def __init__(self, n_features: int, n_hidden: int, n_latent: int) -> None:
        super().__init__()
        if min(n_features, n_latent) < 1 or n_hidden < 0:
            raise ValueError(
                "`n_features` and `n_latent` must be at least 1 and `n_hidden` at least 0; got "
                f"{n_features}, {n_latent} and {n_hidden}. `n_hidden=0` is the linear VAE."
            )
        self.encoder, n_seen = _layer(n_features, n_hidden)
        self.posterior = GaussianHead(n_seen, n_latent)
        self.decoder, n_seen = _layer(n_latent, n_hidden)
        self.output = nn.Linear(n_seen, n_features)

    def encode(self, x: Float[Tensor, "sample feature"]) -> Normal:
        """q(z|x), one Gaussian a sample."""
        return self.posterior(self.encoder(x))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"]) -> Normal:
        """The reconstruction as the mean of a Gaussian of σ = 1; the loss is Huber's, not its."""
        return FixedNormal(self.output(self.decoder(z)), 1.0)  # sample × feature

    def loss_terms(self, x: Float[Tensor, "sample feature"]) -> dict[str, Float[Tensor, ""]]:
        """Reconstruction and KL, nats per sample, unweighted; z is the mean in `eval()`."""
        qz = self.encode(x)
        z = qz.rsample() if self.training else qz.mean
        return {"reconstruction": huber_loss(self.decode(z).mean, x), "kl": kl_loss(qz)}


def _layer(n_in: int, n_hidden: int) -> tuple[nn.Module, int]:
    if n_hidden == 0:
        return nn.Identity(), n_in
    return nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU()), n_hidden
