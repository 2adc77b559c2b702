"""Two autoencoders, of RNA and of ATAC, whose latent spaces are drawn together without pairs.

Paper 2 (Nagaraj et al., "Machine learning derived embeddings of bulk multi-omics data enable
clinically significant representations in a pan-cancer cohort"), section 2, gives two ways. Both
reconstruct and both check the cycle of Wang et al. (2023, Con-AAE):
‖E_a(a) − E_r(D_r(E_a(a)))‖² + ‖E_r(r) − E_a(D_a(E_r(r)))‖² with the encoders E frozen.
"adversarial" adds a discriminator of the modality, "contrastive" a triplet hinge on cancer types
within a modality that a fair coin chooses.

Departures, each switched off by a weight of 0 or by its argument: `match` draws the latents of
matched samples of *different* patients together (the paper matches samples and says no more of how
that enters a loss), `pair` those of one patient, and the discriminator may be told the cancer type.
Without any of these no term says which side of one latent space a type of the other belongs to.
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.distributions import Normal
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits, linear, one_hot

from helpers.coembedding.argument_groups import Network
from helpers.coembedding.embeddings.matched_minibatches import MatchedMinibatches, TwoModalities
from helpers.coembedding.loss_terms import huber_loss, label_triplet_loss, squared_distance_loss
from helpers.models.adversarial_turns import train_in_turns
from helpers.models.losses import kl_loss
from helpers.models.readout import decoded_mean, posterior_mean, read_in_parts
from helpers.models.training import Training, choose_device
from helpers.models.vae import VAE

KINDS = ("adversarial", "contrastive")
Samples = Float[Tensor, "sample feature"]
Latents = Float[Tensor, "sample latent"]
Labels = Int[Tensor, " sample"]
Flags = Bool[Tensor, " sample"]
Loss = Float[Tensor, ""]


class Coembedding(nn.Module):
    """q(z|rna) and q(z|atac) in one latent space, with a decoder for each modality.

    Args:
        n_rna, n_atac: columns of the two modalities, scaled on training samples.
        n_labels: cancer types, coded 0 … n_labels − 1.
        kind: "adversarial" or "contrastive".
        network: hidden layer and latent dimensions of either autoencoder.
        atac: an autoencoder of ATAC of another make, with `encode` and `decode` as a VAE has them
            and `forward`, which gives E[z|x]; None for a VAE as RNA's.

    Raises:
        ValueError: another `kind`.
    """

    def __init__(
        self,
        n_rna: int,
        n_atac: int,
        n_labels: int,
        *,
        kind: str,
        network: Network,
        atac: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"`kind` must be one of {KINDS}; got {kind!r}.")
        options = {"dropout": network.dropout, "linear_skip": network.linear_skip}
        shape = [network.n_hidden], network.n_latent
        self.rna = VAE(n_rna, *shape, noise_sd=1.0, **options)
        self.atac = atac or VAE(n_atac, *shape, noise_sd=1.0, **options)
        self.kind, self.n_labels, self.tell_label = kind, n_labels, network.tell_label
        if kind == "adversarial":
            n_told = n_labels if network.tell_label else 0
            self.discriminator = _discriminator(network.n_latent + n_told, network.n_hidden)

    def loss_terms(
        self,
        rna: Samples,
        atac: Samples,
        rna_label: Labels,
        atac_label: Labels,
        paired_rna: Samples,
        is_paired: Flags,
    ) -> dict[str, Loss]:
        """Every term of matched rows, unweighted; `discriminator` is raised by a negative weight.

        Reconstruction and KL in nats per sample; squared distances in latent units²; the hinge in
        latent units; `discriminator` in nats, ln 2 = .69 where the modality cannot be told.
        `paired_rna` is the RNA of the ATAC rows' own patients and counts where `is_paired`.
        """
        q_rna, q_atac = self.rna.encode(rna), self.atac.encode(atac)
        z_rna, z_atac = self._draw(q_rna), self._draw(q_atac)
        terms = {
            "rna_reconstruction": huber_loss(self.rna.decode(z_rna).mean, rna),
            "atac_reconstruction": huber_loss(self.atac.decode(z_atac).mean, atac),
            "rna_kl": kl_loss(q_rna),
            "atac_kl": kl_loss(q_atac),
            "cycle": cycle_loss(self.rna, self.atac, q_rna.mean, q_atac.mean),
            "match": squared_distance_loss(q_rna.mean, q_atac.mean),
            "pair": self._pair_loss(paired_rna, q_atac.mean, is_paired),
        }
        if self.kind == "adversarial":
            return terms | {"discriminator": self._guess(z_rna, z_atac, rna_label, atac_label)}
        chosen = (z_rna, rna_label) if torch.rand(()) <= 0.5 else (z_atac, atac_label)
        return terms | {"triplet": label_triplet_loss(*chosen)}

    def discriminator_losses(
        self,
        rna: Samples,
        atac: Samples,
        rna_label: Labels,
        atac_label: Labels,
        paired_rna: Samples,
        is_paired: Flags,
    ) -> Iterator[Loss]:
        """The term `discriminator` of the same rows with z held, so that no encoder has a gradient.

        Again and again, each time of newly drawn z.
        """
        while True:
            with torch.no_grad():
                z_rna, z_atac = self._draw(self.rna.encode(rna)), self._draw(self.atac.encode(atac))
            yield self._guess(z_rna, z_atac, rna_label, atac_label)

    def embed_rna(self, x):
        """E[z|rna] as an array, sample × latent, in `eval()`."""
        return posterior_mean(self.rna, x)

    def embed_atac(self, x):
        """E[z|atac] as an array, sample × latent, in `eval()`."""
        return posterior_mean(self.atac, x)

    def rebuild_rna(self, x):
        """RNA back from its own embedding, sample × RNA feature, in the unit of training."""
        return decoded_mean(self.rna, self.embed_rna(x))

    def rebuild_atac(self, x):
        """ATAC back from its own embedding, sample × ATAC feature, in the unit of training."""
        return decoded_mean(self.atac, self.embed_atac(x))

    def impute_rna(self, atac):
        """RNA predicted from ATAC, sample × RNA feature, in the unit RNA was trained on."""
        return read_in_parts(
            lambda part: self.rna.decode(self.atac.encode(part).mean).mean, self, atac
        ).numpy()

    def impute_atac(self, rna):
        """ATAC predicted from RNA, sample × ATAC feature, in the unit ATAC was trained on."""
        return read_in_parts(
            lambda part: self.atac.decode(self.rna.encode(part).mean).mean, self, rna
        ).numpy()

    def _draw(self, qz: Normal) -> Latents:
        return qz.rsample() if self.training else qz.mean

    def _guess(
        self, z_rna: Latents, z_atac: Latents, rna_label: Labels, atac_label: Labels
    ) -> Loss:
        """Cross-entropy of the modality, both weighing a half: there are as many rows of each."""
        z = torch.cat([z_rna, z_atac])
        if self.tell_label:
            label = torch.cat([rna_label, atac_label])
            z = torch.cat([z, one_hot(label, self.n_labels).to(z.dtype)], dim=-1)
        guess = self.discriminator(z).squeeze(-1)
        is_rna = (torch.arange(len(z), device=z.device) < len(z_rna)).to(guess.dtype)
        return binary_cross_entropy_with_logits(guess, is_rna)

    def _pair_loss(self, rna: Samples, z_atac: Latents, is_paired: Flags) -> Loss:
        rows = torch.nonzero(is_paired).squeeze(1)
        if len(rows) == 0:
            return z_atac.new_zeros(())
        z_rna = self.rna.encode(rna.index_select(0, rows)).mean
        return squared_distance_loss(z_rna, z_atac.index_select(0, rows))


def cycle_loss(rna: VAE, atac: nn.Module, z_rna: Latents, z_atac: Latents) -> Loss:
    """How far a latent moves when decoded as the other modality and encoded again, both ways.

    ‖z_a − E_r(D_r(z_a))‖² + ‖z_r − E_a(D_a(z_r))‖², squared latent units summed over dimensions.
    The encoders are frozen: z is a constant and E a fixed function, so it trains the decoders.
    """
    there = _frozen_mean(rna, rna.decode(z_atac.detach()).mean)
    back = _frozen_mean(atac, atac.decode(z_rna.detach()).mean)
    return squared_distance_loss(there, z_atac.detach()) + squared_distance_loss(
        back, z_rna.detach()
    )


def _frozen_mean(vae: nn.Module, x: Samples) -> Latents:
    """E[z|x] with the weights as constants, so that only x carries a gradient.

    `functional_call` on detached weights does the same for any model, in twice the time; running
    means of a BatchNorm are not to see what was decoded.
    """
    if not isinstance(vae, VAE):
        weights = {name: weight.detach() for name, weight in vae.named_parameters()}
        buffers = {name: buffer.clone() for name, buffer in vae.named_buffers()}
        return functional_call(vae, weights | buffers, (x,))
    hidden = x
    for layer in vae.encoder:
        hidden = _frozen(layer, hidden) if isinstance(layer, nn.Linear) else layer(hidden)
    mean = _frozen(vae.posterior.mean, hidden)
    return mean + _frozen(vae.linear_encoder, x) if vae.linear_skip else mean


def _frozen(layer: nn.Linear, x: Samples) -> Samples:
    bias = None if layer.bias is None else layer.bias.detach()
    return linear(x, layer.weight.detach(), bias)


def _discriminator(n_in: int, n_hidden: int) -> nn.Sequential:
    """Three fully connected layers, the last one to a logit."""
    return nn.Sequential(
        *(nn.Linear(n_in, n_hidden), nn.LeakyReLU(0.2)),
        *(nn.Linear(n_hidden, n_hidden), nn.LeakyReLU(0.2)),
        nn.Linear(n_hidden, 1),
    )


def fit_coembedding(
    data: TwoModalities,
    kind: str,
    *,
    network: Network,
    weights: Mapping[str, float],
    training: Training,
    seed: int,
    atac: Callable[[], nn.Module] | None = None,
) -> Coembedding:
    """A trained `Coembedding` of two sets of samples; its losses are in `history`.

    Args:
        data: training samples of both modalities, see `two_modalities`.
        kind: "adversarial" or "contrastive".
        network: hidden layer and latent dimensions of either autoencoder, and the discriminator's
            steps.
        weights: loss term → weight, see `Weights.of_coembedding`.
        training: passes over the ATAC samples, and the rest; ends with the last epoch's weights.
        seed: of initialisation and minibatches.
        atac: makes the autoencoder of ATAC, see `Coembedding`; None for a VAE.

    Raises:
        ValueError: a modality with fewer than 2 samples, an ATAC sample without a match, weights
            that are not the model's terms.
        TrainingDiverged: a term is NaN or infinite; names the term and the epoch.
    """
    data = data.on(choose_device(training.device))
    shape = data.rna.shape[1], data.atac.shape[1], data.n_labels
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        own = {"kind": kind, "network": network, "atac": atac() if atac else None}
        model = Coembedding(*shape, **own).to(data.rna.device)
    model.history = train_in_turns(
        model,
        MatchedMinibatches(data, training.minibatch_size),
        weights=weights,
        training=training,
        seed=seed,
        n_discriminator_steps=network.n_discriminator_steps,
    )
    return model
