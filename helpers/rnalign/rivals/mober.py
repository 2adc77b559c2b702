"""MOBER: an autoencoder whose latent space does not tell where a sample comes from.

Dimitrieva et al. (2022, "Biologically relevant integration of transcriptomics profiles from cancer
cell lines, patient-derived xenografts and clinical tumors using deep learning"): the encoder sees
x alone, the decoder also the origin as one-hot, and an adversary guesses the origin from z. To
align, every sample is decoded as a cell line (published: as any origin, mostly as a tumour). It is
told the origin and nothing else: neither cancer type nor purity.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn.functional import cross_entropy, one_hot

from helpers.evaluate.arrays import as_matrix
from helpers.models.adversarial_turns import ShuffledMinibatches, train_in_turns
from helpers.models.losses import FixedNormal, kl_loss, reconstruction_loss
from helpers.models.networks import GaussianHead, dense_layers
from helpers.models.readout import read_in_parts
from helpers.models.training import choose_device
from helpers.models.training_step import suited_threads
from helpers.rnalign.argument_groups import MoberSettings
from helpers.rnalign.origins import as_samples

TUMOUR, LINE = 0, 1  # origins
N_ORIGINS = 2


class Mober(nn.Module):
    """E[log p(x|z, origin)] − β·KL(q(z|x) ‖ N(0, I)) + λ·CE(adversary(z), origin), to be raised.

    Departures: ReLU layers without batch normalisation instead of SELU with it, and a linear
    output instead of ReLU, since x is standardised; the origins weigh the same in the adversary
    however many samples each has (an option of the published code). The published loss is averaged
    over genes and over latent dimensions (β = 1e-5, λ = .01): in nats per sample these are
    β = 1e-5·genes/(2·latent) and λ = .01·genes/2.

    Args:
        n_genes: columns of x, standardised.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: latent dimensions.
        line_share: share of cell lines among the training samples.
        dropout: share of the encoder's hidden units dropped in training.
    """

    def __init__(
        self,
        n_genes: int,
        n_hidden: Sequence[int],
        n_latent: int,
        line_share: float = 0.5,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.encoder = dense_layers([n_genes, *n_hidden], dropout)
        self.posterior = GaussianHead(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent + N_ORIGINS, *reversed(n_hidden)])
        self.output = nn.Linear(n_hidden[0], n_genes)
        width = n_hidden[-1]
        self.discriminator = nn.Sequential(
            dense_layers([n_latent, width, width]), nn.Linear(width, N_ORIGINS)
        )
        shares = torch.tensor([1 - line_share, line_share])
        self.register_buffer("origin_weight", 1 / (N_ORIGINS * shares))

    def encode(self, x: Float[Tensor, "sample gene"]) -> Normal:
        """q(z|x), one Gaussian a sample."""
        return self.posterior(self.encoder(x))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"], origin: Int[Tensor, " sample"]) -> Normal:
        """p(x|z, origin) with standard deviation 1."""
        seen = torch.cat([z, one_hot(origin, N_ORIGINS).to(z.dtype)], dim=-1)
        return FixedNormal(self.output(self.decoder(seen)), 1.0)  # sample × gene

    def loss_terms(
        self, x: Float[Tensor, "sample gene"], origin: Int[Tensor, " sample"]
    ) -> dict[str, Float[Tensor, ""]]:
        """Reconstruction, KL and the adversary's cross-entropy, nats per sample, unweighted.

        The autoencoder is trained with a negative weight on `adversary`: ln 2 = .69 is the
        cross-entropy of an origin that cannot be told.
        """
        qz = self.encode(x)
        z = qz.rsample() if self.training else qz.mean
        return {
            "reconstruction": reconstruction_loss(self.decode(z, origin), x),
            "kl": kl_loss(qz),
            "adversary": self.adversary_loss(z, origin),
        }

    def adversary_loss(
        self, z: Float[Tensor, "sample latent"], origin: Int[Tensor, " sample"]
    ) -> Float[Tensor, ""]:
        """Cross-entropy of the adversary's guess, nats per sample, origins weighted equally."""
        per_sample = cross_entropy(self.discriminator(z), origin, reduction="none")
        return (self.origin_weight[origin] * per_sample).mean()

    def discriminator_losses(
        self, x: Float[Tensor, "sample gene"], origin: Int[Tensor, " sample"]
    ) -> Iterator[Float[Tensor, ""]]:
        """The adversary's loss again and again, each time on newly drawn z; the encoder stays."""
        with torch.no_grad():
            qz = self.encode(x)
        while True:
            yield self.adversary_loss(qz.sample(), origin)


def fit_mober(x: ArrayLike, is_line: ArrayLike, settings: MoberSettings, seed: int) -> Mober:
    """A `Mober` trained on samples × genes (standardised); it ends in `eval()`.

    It holds the weights of its last epoch, not of its best: the lowest loss is that of an epoch in
    which the adversary is weak.

    Raises:
        ValueError: NaN, unequal lengths, or only tumours or only lines.
        TrainingDiverged: a term became NaN or infinite; names the term and the epoch.
    """
    x, is_line = as_samples(x, is_line, needs_both=True)
    training = settings.training
    place = choose_device(training.device)
    samples = torch.as_tensor(x, dtype=torch.float32, device=place)
    origin = torch.as_tensor(is_line, dtype=torch.long, device=place)
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(seed)
        line_share = float(is_line.mean())
        model = Mober(x.shape[1], settings.n_hidden, settings.n_latent, line_share).to(place)
        with suited_threads(model, training.minibatch_size, place):
            train_in_turns(
                model,
                ShuffledMinibatches((samples, origin), training.minibatch_size),
                weights=_term_weights(settings),
                training=training,
                seed=None,  # goes on from the random numbers that the weights were drawn from
                n_discriminator_steps=settings.n_adversary_steps,
            )
    return model


def mober_loss(
    model: Mober, x: ArrayLike, is_line: ArrayLike, settings: MoberSettings
) -> dict[str, float]:
    """Loss terms of samples × genes, nats per sample, unweighted, and their weighted "total".

    As trained, but at the posterior means and without dropout.
    """
    place = next(model.parameters()).device
    samples = torch.as_tensor(as_matrix(x, "x"), dtype=torch.float32, device=place)
    with torch.no_grad():
        terms = model.loss_terms(samples, torch.as_tensor(is_line, dtype=torch.long, device=place))
    found = {name: float(value) for name, value in terms.items()}
    weights = _term_weights(settings)
    return found | {"total": sum(weights[name] * value for name, value in found.items())}


def _term_weights(settings: MoberSettings) -> dict[str, float]:
    return {
        "reconstruction": 1.0,
        "kl": settings.kl_weight,
        "adversary": -settings.adversary_weight,
    }


def decode_as(model: Mober, x: ArrayLike, is_line: ArrayLike) -> np.ndarray:
    """Samples × genes decoded from their posterior means, each told whether it is a line."""

    def decoded(part: Tensor, origin: Tensor) -> Tensor:
        return model.decode(model.encode(part).mean, origin.long()).mean

    origin = torch.as_tensor(is_line, dtype=torch.long)
    return read_in_parts(decoded, model, as_matrix(x, "x"), origin).numpy()


def align_mober(
    x_train: ArrayLike,
    is_line_train: ArrayLike,
    x: ArrayLike,
    settings: MoberSettings,
    seed: int,
) -> np.ndarray:
    """`x` (samples × genes) decoded as lines by a MOBER trained on `x_train`: inductive.

    Both matrices are standardised by the same numbers; so is what comes back. Lines are decoded
    too, so they come back smoothed.

    Raises:
        ValueError: as `fit_mober`, or NaN in `x`.
    """
    model = fit_mober(x_train, is_line_train, settings, seed)
    return decode_as(model, x, np.full(len(x), LINE))
