"""Loss terms: pure functions, one term each, unweighted.

One rule everywhere: summed over features, averaged over samples, in nats per sample. Weights are
applied once, by `weighted_sum`, which refuses a name it does not know and a term left without one.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution, Normal, kl_divergence


def reconstruction_loss(px: Distribution, x: Float[Tensor, "sample feature"]) -> Float[Tensor, ""]:
    """−E log p(x|z), nats per sample; lower is better. ½‖x − x̂‖² + (d/2)·log 2π for σ = 1."""
    return -px.log_prob(x).sum(dim=-1).mean()


def kl_per_dimension(qz: Normal) -> Float[Tensor, " latent"]:
    """KL(q(z|x) ‖ N(0, 1)) of each latent dimension, nats, averaged over samples; 0 = unused.

    Closed form for Gaussians, Kingma & Welling (2014), appendix B.
    """
    prior = Normal(torch.zeros_like(qz.mean), torch.ones_like(qz.stddev), validate_args=False)
    return kl_divergence(qz, prior).mean(dim=0)


def kl_loss(qz: Normal) -> Float[Tensor, ""]:
    """KL(q(z|x) ‖ N(0, I)), nats per sample, ≥ 0 and 0 only at the prior."""
    return kl_per_dimension(qz).sum()


def weighted_sum(
    terms: Mapping[str, Float[Tensor, ""]], weights: Mapping[str, float]
) -> Float[Tensor, ""]:
    """Σ weight · term; the only place where a loss term meets its weight.

    Raises:
        ValueError: a term without a weight, or a weight without its term.
    """
    if set(terms) != set(weights):
        raise ValueError(
            "`weights` must name exactly the model's loss terms: "
            f"terms {sorted(terms)}, weights {sorted(weights)}. "
            "Give every term one weight (0 to leave it out)."
        )
    return torch.stack([weights[name] * term for name, term in terms.items()]).sum()
