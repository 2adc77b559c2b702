"""What travels together in chapter 1, each made in one visible call of the notebook."""

from dataclasses import dataclass

from helpers.models.training import Training


@dataclass(frozen=True)
class Inputs:
    """How a cohort becomes a model's input, fitted on training patients.

    min_mean: mean log2 value in training patients below which a feature is dropped.
    n_features: most variable features kept; None keeps all.
    correct_batch: whether the sequencing machine's shift is removed.
    """

    min_mean: float
    n_features: int | None
    correct_batch: bool


@dataclass(frozen=True)
class Recipe:
    """Everything a VAE of this chapter is made by but the data and the seed.

    n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
    n_latent: latent dimensions.
    linear_skip: a linear path beside the encoder's and the decoder's network.
    dropout: share of hidden units dropped in training.
    kl_weight: weight of the KL term; 1 is the ELBO.
    kl_warmup: epochs over which it rises to its value.
    training: how long and how fast.
    """

    n_hidden: tuple[int, ...]
    n_latent: int
    linear_skip: bool
    dropout: float
    kl_weight: float
    kl_warmup: int
    training: Training


def layer_widths(*widths: int) -> tuple[int, ...]:
    """Widths of the layers there are: 0 stands for a layer that is left out."""
    return tuple(width for width in widths if width)
