"""What travels together: made in one visible call in the notebook, then handed on.

How long and how fast a model is trained is `helpers.models.training.Training`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.models.training import Training

_OWN_TERM = {"adversarial": "discriminator", "contrastive": "triplet"}


@dataclass(frozen=True)
class Preparation:
    """Who is held out, and how each modality is scaled.

    test_fraction: share of the donors with both modalities that is held out.
    min_mean: mean log2 value in training samples below which an RNA feature is dropped.
    quantile: give every sample the training samples' distribution (RNA and peaks).
    matching: who stands in for whom, "paper", "demographic" or "type".
    batch: column of obs whose effect on RNA is removed, where there is one; None for none.
    demographics: remove what age, sex and race explain beside the cancer type from both modalities.
    """

    test_fraction: float
    min_mean: float
    quantile: bool
    matching: str
    batch: str | None = "batch"
    demographics: bool = False


@dataclass(frozen=True)
class Network:
    """An autoencoder of one ReLU layer each way, and what its discriminator is given.

    n_hidden: width of that layer; 0 leaves it out where the model can do without.
    n_latent: latent dimensions (512 in paper 2).
    dropout: share of hidden units dropped in training.
    linear_skip: a linear map beside each network (see `VAE`).
    tell_label: tell the discriminator the cancer type, so that modalities are to be alike within
        each type and not only as a whole; departs from paper 2.
    n_discriminator_steps: of the discriminator for each step of the autoencoders.
    """

    n_hidden: int
    n_latent: int
    dropout: float = 0.0
    linear_skip: bool = False
    tell_label: bool = False
    n_discriminator_steps: int = 1


@dataclass(frozen=True)
class Weights:
    """Of the loss terms of chapter 2; both modalities' reconstructions weigh 1.

    kl: of either modality's KL. cycle: of the cross-modality cycle. match: pull between matched
    samples of two patients. pair: pull between a donor's own two. discriminator: how hard the
    encoders work against it (adversarial). triplet: of the hinge on cancer types (contrastive).
    """

    kl: float
    cycle: float
    match: float
    pair: float
    discriminator: float
    triplet: float

    def of_coembedding(self, kind: str) -> dict[str, float]:
        """Loss term → weight; the discriminator's is negative, encoders raise what it lowers."""
        shared = {"rna_reconstruction": 1.0, "atac_reconstruction": 1.0}
        shared |= {"rna_kl": self.kl, "atac_kl": self.kl}
        shared |= {"cycle": self.cycle, "match": self.match, "pair": self.pair}
        own = {"discriminator": -self.discriminator, "triplet": self.triplet}
        return shared | {_OWN_TERM[kind]: own[_OWN_TERM[kind]]}

    def of_one_modality(self) -> dict[str, float]:
        """Loss term → weight of an autoencoder by itself."""
        return {"reconstruction": 1.0, "kl": self.kl}


@dataclass(frozen=True)
class Scoring:
    """How thoroughly an embedding's cancer types and survival are scored.

    n_components: numbers of its principal components that compete inside the training folds of the
        Cox models.
    n_folds: folds of patients of both (5 in paper 2).
    """

    n_components: Sequence[int]
    n_folds: int = 5


@dataclass(frozen=True)
class PeakNetwork:
    """The window VAE and the hierarchical VAE above it.

    n_hidden: width of every module of both. n_window_latent: dimensions of a window. n_latent:
    dimensions of a sample (512 and 512 in paper 2).
    """

    n_hidden: int
    n_window_latent: int
    n_latent: int


@dataclass(frozen=True)
class SlideNetwork:
    """The region model, and how many of them are averaged.

    n_hidden: width of its hidden layer. n_rank: dimensions through which it reaches the features.
    dropout: share of embedding columns and hidden units dropped in training. max_regions: regions
    of a slide that are used, at most. n_models: initialisations whose mean is taken.
    """

    n_hidden: int
    n_rank: int
    dropout: float
    max_regions: int
    n_models: int


@dataclass(frozen=True)
class Steps:
    """Training counted in minibatches, since folds differ in size.

    n_steps: minibatches, or a few more. minibatch_size: samples in each. learning_rate and
    weight_decay: of Adam. device: "auto", "cpu", "cuda" or "mps".
    """

    n_steps: int
    minibatch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    device: str = "auto"

    def as_training(self, n_epochs: int) -> Training:
        """Settings of `fit` for this many passes, which end with the last epoch's weights."""
        return Training(
            n_epochs,
            self.minibatch_size,
            self.learning_rate,
            weight_decay=self.weight_decay,
            keep="last",
            device=self.device,
        )
