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


def distance_correlation(
    x: Float[Tensor, "sample x_dim"], y: Float[Tensor, "sample y_dim"]
) -> Float[Tensor, ""]:
    r"""Dependence of paired samples in [0, 1]; 0 if either is constant; biased upward.

    dCor = √(dCov²(x, y) / √(dVar²(x) dVar²(y))), Székely, Rizzo & Bakirov (2007). In a minibatch of
    64, one-hot labels and an independent 64-dimensional z give more than 0.4: as a loss it has a
    floor that depends on the minibatch; to measure, take `helpers.rnalign.metrics.dependence`.
    """
    a, b = _centered_distances(x), _centered_distances(y)
    scale = (a * a).mean() * (b * b).mean()
    squared = (a * b).mean() / torch.where(scale > 0, scale, 1.0).sqrt()
    is_positive = (scale > 0) & (squared > 0)
    # The inner `where` keeps sqrt away from 0, where its gradient is infinite.
    return torch.where(is_positive, torch.where(is_positive, squared, 1.0).sqrt(), 0.0)


def _centered_distances(x: Float[Tensor, "sample dim"]) -> Float[Tensor, "sample sample"]:
    """Euclidean distances between all samples, without their row and column means."""
    # Exact differences, not a matrix product: equal rows are 0 apart, with a gradient of 0.
    distance = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
    means = distance.mean(dim=0)
    return distance - means - means[:, None] + means.mean()


def label_gradient(
    negative_elbo: Float[Tensor, " sample"], labels: Float[Tensor, "sample label"]
) -> Float[Tensor, " sample"]:
    """‖∇_y ELBO‖₂ of each sample, nats per unit of label, ≥ 0; higher is more sensitive to labels.

    `negative_elbo` is a function of `labels`, which must require a gradient. `create_graph` keeps
    the norm a function of the weights, so that a loss made of it is of second order and trains
    them. (The code published with RNAlign detaches it, and such a loss trains nothing.)
    """
    (gradient,) = torch.autograd.grad(negative_elbo.sum(), labels, create_graph=True)
    squared = gradient.square().sum(dim=-1)
    # The inner `where` keeps sqrt away from 0, where its gradient is infinite.
    return torch.where(squared > 0, torch.where(squared > 0, squared, 1.0).sqrt(), 0.0)


def label_gradient_loss(norm: Float[Tensor, " sample"]) -> Float[Tensor, ""]:
    """−‖∇_y ELBO‖₂ averaged over samples, ≤ 0: RNAlign's L_grad (paper 4, section 3.1).

    It has no lower bound. A decoder can make the gradient as steep as it likes where the labels
    are, and from a weight of 0.2 or 0.3 on (in nats; the paper has up to 0.3) the gain can outrun
    what reconstruction loses.
    """
    return -norm.mean()


def log_label_gradient_loss(norm: Float[Tensor, " sample"]) -> Float[Tensor, ""]:
    """−log(1 + ‖∇_y ELBO‖₂) averaged over samples, ≤ 0: L_grad with diminishing returns.

    A departure from paper 4: the same direction at every step, but its pull fades as 1/‖∇‖, so
    that it cannot outrun the reconstruction, whose cost grows with the square.
    """
    return -torch.log1p(norm).mean()


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


def codebook_loss(
    z: Float[Tensor, "sample latent"], nearest: Float[Tensor, "sample latent"]
) -> Float[Tensor, ""]:
    """‖sg[z] − e‖² ≥ 0, summed over latents, averaged over samples; moves codes to the latents.

    van den Oord et al. (2017), equation 3, second term; sg stops the gradient.
    """
    return (z.detach() - nearest).square().sum(dim=-1).mean()


def commitment_loss(
    z: Float[Tensor, "sample latent"], nearest: Float[Tensor, "sample latent"]
) -> Float[Tensor, ""]:
    """‖z − sg[e]‖² ≥ 0, summed over latents, averaged over samples; keeps latents near their codes.

    van den Oord et al. (2017), equation 3, third term, whose weight β is 0.25 there.
    """
    return (z - nearest.detach()).square().sum(dim=-1).mean()
