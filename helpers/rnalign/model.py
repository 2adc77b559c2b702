"""RNAlign: a conditional VAE that decodes tumours as if they were cell lines.

Paper 4 (Alvarez, Krishnamachari & Skanderup, "RNAlign: alignment of tumor and cell line
transcriptomes using conditional VAEs"): encoder q(z|x, y), decoder p(x|z, y), labels y = cancer
type, sample type and purity; Sohn, Lee & Yan (2015) for the conditional VAE. Two regularisers:
L_cor, the distance correlation of labels and z, and L_grad, minus the norm of the ELBO's gradient
with respect to the labels. To align, z is decoded with the labels of a pure cell line.

Departures: plain PyTorch instead of Pyro; each loss term is in nats per sample, so that the
paper's λ, whose scale it does not give, are parameters of the notebook.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn.functional import linear

from helpers.models.history import History
from helpers.models.losses import (
    distance_correlation,
    kl_loss,
    label_gradient,
    label_gradient_loss,
    log_label_gradient_loss,
)
from helpers.models.networks import GaussianHead, dense_layers
from helpers.models.training import Training, cyclical_annealing, fit
from helpers.rnalign.conditions import Conditions

CHANGES = ("both", "origin", "purity", "none")
GRADIENTS = ("norm", "log_norm", "inert", "off")
Samples = Float[Tensor, "sample gene"]
Labels = Float[Tensor, "sample label"]
N_ROWS = 4096  # rows on the device at a time when a trained model is read out


class RNAlign(nn.Module):
    """log p(x|y) ≥ E_q(z|x,y)[log p(x|z, y)] − KL(q(z|x, y) ‖ N(0, I)).

    Args:
        n_genes: columns of x, standardised.
        n_labels: columns of y.
        n_hidden: widths of the encoder's layers, input side first; the decoder mirrors them.
        n_latent: latent dimensions.
        noise_sd: σ of p(x|z, y), in standard deviations of a gene.
        sampling_sd: ε of the reparametrisation, z = mean + ε·σ_z·N(0, 1); 1 is the plain VAE.
        dropout: share of hidden units dropped in training.
        gradient: "norm" adds the paper's L_grad as a second-order loss, "log_norm" its form with
            diminishing returns, which cannot diverge; "inert" adds the paper's detached, as the
            published code does (it is reported and changes no weight); "off" leaves it out.
        encoder_sees_labels: False hides y from the encoder, which then is q(z|x).
    """

    def __init__(
        self,
        n_genes: int,
        n_labels: int,
        n_hidden: Sequence[int],
        n_latent: int,
        *,
        noise_sd: float,
        sampling_sd: float,
        dropout: float,
        gradient: str,
        encoder_sees_labels: bool = True,
    ) -> None:
        super().__init__()
        if noise_sd <= 0 or sampling_sd < 0:
            raise ValueError(
                "`noise_sd` must be above 0 and `sampling_sd` not below it; "
                f"got {noise_sd} and {sampling_sd}. 1.0 for both is the plain VAE."
            )
        if gradient not in GRADIENTS:
            raise ValueError(f"`gradient` must be one of {', '.join(GRADIENTS)}; got {gradient!r}.")
        self.noise_sd, self.sampling_sd, self.gradient = noise_sd, sampling_sd, gradient
        self.encoder_sees_labels = encoder_sees_labels
        n_seen = n_genes + (n_labels if encoder_sees_labels else 0)
        self.encoder = dense_layers([n_seen, *n_hidden], dropout)
        self.posterior = GaussianHead(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent + n_labels, *reversed(n_hidden)], dropout)
        self.output = nn.Linear(n_hidden[0], n_genes)

    def encode(self, x: Samples, y: Labels) -> Normal:
        """q(z|x, y), one Gaussian a sample."""
        if not self.encoder_sees_labels:
            return self.posterior(self.encoder(x))  # sample × latent
        # The first layer on [x, y] as a sum: L_grad then has no gradient of x to compute, which
        # is a quarter of the multiplications of a step.
        weight_x, weight_y = self.encoder[0].weight.split([x.shape[1], y.shape[1]], dim=1)
        hidden = linear(x, weight_x, self.encoder[0].bias) + linear(y, weight_y)
        return self.posterior(self.encoder[1:](hidden))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"], y: Labels) -> Normal:
        """p(x|z, y) with the fixed standard deviation `noise_sd`."""
        mean = self.output(self.decoder(torch.cat([z, y], dim=-1)))  # sample × gene
        return Normal(mean, torch.full_like(mean, self.noise_sd), validate_args=False)

    def loss_terms(self, x: Samples, y: Labels) -> dict[str, Float[Tensor, ""]]:
        """The CVAE's two terms, L_cor and, unless it is off, L_grad; unweighted.

        z is drawn in training and is the posterior mean in `eval()`. L_grad differentiates the
        reconstruction with respect to the labels, through the decoder and the encoder. The paper's
        ELBO has the KL too, at β ≤ 0.1; a term that knows no weights cannot, and with a weight of
        1 the encoder is rewarded for writing labels into z: tried, and ΔD doubled.
        """
        has_gradient = self.gradient != "off"
        with torch.set_grad_enabled(torch.is_grad_enabled() or has_gradient):
            y_seen = y.detach().requires_grad_(has_gradient)
            qz = self.encode(x, y_seen)
            z = qz.mean
            if self.training:
                z = z + self.sampling_sd * qz.stddev * torch.randn_like(z)
            reconstruction = negative_log_likelihood(x, self.decode(z, y_seen).mean, self.noise_sd)
            terms = {
                "reconstruction": reconstruction.mean(),
                "kl": kl_loss(qz),
                "distance_correlation": distance_correlation(y, z),
            }
            if has_gradient:
                terms["label_gradient"] = self._gradient_loss(reconstruction, y_seen)
        return terms

    def _gradient_loss(
        self, reconstruction: Float[Tensor, " sample"], y: Labels
    ) -> Float[Tensor, ""]:
        norm = label_gradient(reconstruction, y)
        if self.gradient == "log_norm":
            return log_label_gradient_loss(norm)
        return label_gradient_loss(norm.detach() if self.gradient == "inert" else norm)


def negative_log_likelihood(x: Samples, mean: Samples, sd: float) -> Float[Tensor, " sample"]:
    """−log N(x | mean, sd²·I) of each sample, nats; lower is better.

    As `-Normal(mean, sd).log_prob(x).sum(dim=-1)`, with fewer passes over the genes: differentiated
    twice, they are a tenth of a step.
    """
    gap = mean - x
    constant = x.shape[1] * (math.log(sd) + 0.5 * math.log(2 * math.pi))
    return torch.linalg.vecdot(gap, gap) / (2 * sd**2) + constant


@dataclass(frozen=True)
class TrainedRNAlign:
    """A trained model with the labels it knows: profiles and their facts in, arrays out.

    `x` is samples × genes, standardised as in training; `is_line`, `cancer_type` and `purity` have
    one value a sample. A cancer type that was not trained on is told as none.
    """

    model: RNAlign
    conditions: Conditions
    history: History

    def latent(self, x, is_line, cancer_type, purity):
        """E[z|x, y] as an array, sample × latent."""
        y = self.conditions.encode(cancer_type, is_line, purity)
        return _in_parts(lambda a, b: self.model.encode(a, b).mean, self.model, x, y)

    def align(self, x, is_line, cancer_type, purity, *, change="both", told_type=None):
        """Posterior means decoded with other labels, as an array, sample × gene.

        `change`: "both" (sample type "cell line" and purity 1, as the paper aligns), "origin" or
        "purity" alone, "none" (the sample's own labels: its reconstruction); the rows of the
        paper's Table 4. `told_type`: cancer types to decode with instead of the samples' own, for
        controls; z always comes from the own labels.
        """
        if change not in CHANGES:
            raise ValueError(f"`change` must be one of {', '.join(CHANGES)}; got {change!r}.")
        y = self.conditions.encode(cancer_type, is_line, purity)
        ones = torch.ones(len(y))
        target = self.conditions.encode(
            cancer_type if told_type is None else told_type,
            ones if change in ("both", "origin") else is_line,
            ones if change in ("both", "purity") else purity,
        )
        decode = self.model.decode
        return _in_parts(
            lambda a, b, c: decode(self.model.encode(a, b).mean, c).mean, self.model, x, y, target
        )


def fit_rnalign(
    x,
    is_line,
    cancer_type,
    purity,
    *,
    types: Sequence[str],
    use_purity: bool,
    purity_multiplier: float,
    kl_weight: float,
    n_cycles: int,
    correlation_weight: float,
    gradient_weight: float,
    n_epochs: int,
    seed: int,
    network: Mapping[str, Any],
    **training: Any,
) -> TrainedRNAlign:
    """RNAlign trained on samples × genes (standardised) with the weights of its last epoch.

    As the paper trains: Adam with weight decay, the learning rate divided by ten after half and
    three quarters of the epochs, the KL weight annealed (in `n_cycles` cycles, Fu et al. 2019).
    `correlation_weight` is per gene: λ1 in the paper's range of 0.01–0.3 acts only if the ELBO is
    a mean over genes, so that the weight here, in nats, is λ1 × genes. `types`: those the model
    is told; samples of others are told none. `network`: keyword arguments of `RNAlign`.
    `training`: `minibatch_size`, `learning_rate`, `weight_decay` and `device` of `fit`.

    Raises:
        ValueError: see `Conditions.encode` and `RNAlign`.
        TrainingDiverged: a loss term became infinite; with `gradient="norm"`, lower its weight.
    """
    conditions = Conditions(tuple(types), purity_multiplier, use_purity)
    x, y = torch.as_tensor(x, dtype=torch.float32), conditions.encode(cancer_type, is_line, purity)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = RNAlign(x.shape[1], conditions.n_labels, **network)
    weights = {
        "reconstruction": 1.0,
        "kl": cyclical_annealing(kl_weight, n_epochs, n_cycles),
        "distance_correlation": correlation_weight * x.shape[1],
    }
    if model.gradient != "off":
        weights["label_gradient"] = gradient_weight
    drops = (n_epochs // 2, 3 * n_epochs // 4)
    how = Training(n_epochs, keep="last", learning_rate_drops=drops, **training)
    history = fit(model, (x, y), None, weights=weights, training=how, seed=seed)
    return TrainedRNAlign(model, conditions, history)


@torch.no_grad()
def _in_parts(function, model: nn.Module, *arrays):
    model.eval()
    first = next(model.parameters())
    whole = [torch.as_tensor(array, dtype=first.dtype) for array in arrays]
    parts = zip(*(tensor.split(N_ROWS) for tensor in whole), strict=True)
    results = [function(*(part.to(first.device) for part in row)).cpu() for row in parts]
    return torch.cat(results).numpy()
