"""How one RNAlign is made, what MOBER is given, and what every analysis of the chapter shares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from helpers.models.training import Training
from helpers.rnalign.conditions import Conditions

GRADIENTS = ("norm", "norm_of_batch", "log_norm", "inert", "off")
CORRELATIONS = ("biased", "unbiased")
LIKELIHOODS = ("fixed", "learnt")


@dataclass(frozen=True)
class Network:
    """The conditional VAE's layers, its two noises and its form of L_grad.

    n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
    n_latent: latent dimensions.
    dropout: share of hidden units dropped in training.
    noise_sd: σ of p(x|z, y), in standard deviations of a gene.
    sampling_sd: ε of the reparametrisation, z = mean + ε·σ_z·N(0, 1); 1 is the plain VAE.
    gradient: "norm" adds the paper's L_grad as a second-order loss, a norm for each sample;
        "norm_of_batch" takes one norm over the minibatch, as the published code does; "log_norm" is
        a form with diminishing returns, which cannot diverge; "inert" adds "norm" detached, as the
        published code detaches its own (it is reported and changes no weight); "off" leaves it out.
    encoder_sees_labels: False hides y from the encoder, which then is q(z|x).
    correlation: "biased" is the paper's L_cor; "unbiased" its square without the bias of small
        minibatches, which is 0 on average where labels and z are independent.
    likelihood: "fixed" keeps σ at `noise_sd` and has `sampling_sd` as a factor on the posterior's
        noise, as the paper's text; "learnt" learns σ from `noise_sd` on and has `sampling_sd` as
        the SD of the prior, as the published code.
    """

    n_hidden: tuple[int, ...]
    n_latent: int
    dropout: float
    noise_sd: float
    sampling_sd: float
    gradient: str
    encoder_sees_labels: bool
    correlation: str = "biased"
    likelihood: str = "fixed"

    def __post_init__(self) -> None:
        """Refuse noises that are none and forms that are not known."""
        if self.noise_sd <= 0 or self.sampling_sd < 0:
            raise ValueError(
                "`noise_sd` must be above 0 and `sampling_sd` not below it; "
                f"got {self.noise_sd} and {self.sampling_sd}. 1.0 for both is the plain VAE."
            )
        if self.likelihood == "learnt" and self.sampling_sd == 0:
            raise ValueError("`sampling_sd` is the prior's SD here and must be above 0; got 0.")
        known = {"gradient": GRADIENTS, "correlation": CORRELATIONS, "likelihood": LIKELIHOODS}
        for name, forms in known.items():
            if (given := getattr(self, name)) not in forms:
                raise ValueError(f"`{name}` must be one of {', '.join(forms)}; got {given!r}.")


@dataclass(frozen=True)
class Regularisers:
    """Weights of the terms beside the reconstruction.

    kl_weight: β, after annealing. n_cycles: cycles of that annealing (Fu et al. 2019), 0 for none.
    correlation_weight: λ1 of L_cor, per gene: the weight in nats is λ1 × genes.
    gradient_weight: λ2 of L_grad.
    """

    kl_weight: float
    n_cycles: int
    correlation_weight: float
    gradient_weight: float


@dataclass(frozen=True)
class Settings:
    """Everything that makes one RNAlign: its network, the labels it is told, weights, training."""

    network: Network
    conditions: Conditions
    regularisers: Regularisers
    training: Training


@dataclass(frozen=True)
class MoberSettings:
    """MOBER's layers, weights and training.

    n_hidden: widths of the encoder's layers, input side first. n_latent: latent dimensions.
    kl_weight, adversary_weight: beside the reconstruction, nats per sample.
    n_adversary_steps: steps of the adversary to one of the autoencoder (1 as published).
    """

    n_hidden: tuple[int, ...]
    n_latent: int
    kl_weight: float
    adversary_weight: float
    training: Training
    n_adversary_steps: int = 5


class CellignerSettings(NamedTuple):
    """Celligner's choices, in the order in which `celligner` takes them; the published ones.

    n_contrastive: contrastive components removed. n_top_genes: genes of each side's clusters in
    which neighbours are looked for. n_neighbours: of a tumour among lines, of a line among tumours.
    n_components: principal components in which each side is clustered.
    """

    n_contrastive: int = 4
    n_top_genes: int = 1000
    n_neighbours: tuple[int, int] = (5, 50)
    n_components: int = 70


@dataclass(frozen=True)
class Plan:
    """What the analyses of the chapter share.

    rnalign, mober: how the two are made. seeds: of initialisation and minibatches, first one first.
    n_neighbours: tumours that vote on a line. label_change: labels changed to align.
    residual_share: of what RNAlign does not explain, given back in one more method; 0: none.
    """

    rnalign: Settings
    mober: MoberSettings
    seeds: tuple[int, ...]
    n_neighbours: int
    label_change: str = "both"
    residual_share: float = 0.0


def without_gradient(settings: Settings, form: str) -> Settings:
    """The settings with L_grad "inert" or "off"."""
    return replace(settings, network=replace(settings.network, gradient=form))


def ablations(settings: Settings) -> Mapping[str, Settings]:
    """Method → `settings` without one part each: the paper's Table 5, and one not told a type."""
    no_cor = replace(settings.regularisers, correlation_weight=0.0)
    no_purity = replace(settings.conditions, with_purity=False)
    no_type = replace(settings.conditions, types=())
    return {
        "rnalign_inert_grad": without_gradient(settings, "inert"),
        "rnalign_no_grad": without_gradient(settings, "off"),
        "rnalign_no_cor": replace(settings, regularisers=no_cor),
        "rnalign_no_purity": replace(settings, conditions=no_purity),
        "rnalign_no_type": replace(settings, conditions=no_type),
    }
