"""Loss terms: pure functions, one term each, unweighted.

One rule everywhere: summed over features, averaged over samples, in nats per sample. Weights are
applied once, by `weighted_sum`, which refuses a name it does not know and a term left without one.
"""

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution, Normal
from torch.nn.functional import mse_loss


class FixedNormal(Normal):
    """N(mean, sd²·I) with one known standard deviation, in the unit of the mean.

    A `Normal` whose scale takes no memory, so that `reconstruction_loss` knows that it is one.
    """

    def __init__(self, mean: Float[Tensor, "*shape"], sd: float) -> None:
        self.sd = sd
        super().__init__(mean, mean.new_full((), sd).expand_as(mean), validate_args=False)


def reconstruction_loss(px: Distribution, x: Float[Tensor, "sample feature"]) -> Float[Tensor, ""]:
    """−E log p(x|z), nats per sample; lower is better. ½‖x − x̂‖² + (d/2)·log 2π for σ = 1.

    Of a `FixedNormal` in a sixth to a quarter of the CPU time that `log_prob` takes, backward
    included (128 samples × 680 and × 3,000); for σ = 1 the gradients are the same to the bit.
    """
    if isinstance(px, FixedNormal):
        n_samples, n_features = x.shape
        squares = mse_loss(px.mean, x, reduction="sum") / (2 * px.sd**2 * n_samples)
        return squares + n_features * (math.log(px.sd) + 0.5 * math.log(2 * math.pi))
    return -px.log_prob(x).sum(dim=-1).mean()


def kl_per_dimension(qz: Normal) -> Float[Tensor, " latent"]:
    """KL(q(z|x) ‖ N(0, 1)) of each latent dimension, nats, averaged over samples; 0 = unused.

    ½(σ² + μ² − 1 − log σ²), Kingma & Welling (2014), appendix B; `kl_divergence` to the bit.
    """
    variance = qz.stddev.square()
    return (0.5 * (variance + qz.mean.square() - 1 - variance.log())).mean(dim=0)


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
