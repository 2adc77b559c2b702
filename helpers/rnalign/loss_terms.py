"""Loss terms of paper 4: L_cor and L_grad.

One rule everywhere: summed over features, averaged over samples, in nats per sample; unweighted.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def distance_correlation(
    x: Float[Tensor, "sample x_dim"], y: Float[Tensor, "sample y_dim"]
) -> Float[Tensor, ""]:
    r"""Dependence of paired samples in [0, 1]; 0 if either is constant; biased upward.

    dCor = √(dCov²(x, y) / √(dVar²(x) dVar²(y))), Székely, Rizzo & Bakirov (2007). In a minibatch of
    64, one-hot labels and an independent 64-dimensional z give more than 0.4: as a loss it has a
    floor that depends on the minibatch; to measure, take `helpers.rnalign.metrics.dependence`.
    Training takes the same numbers from `helpers.rnalign.label_correlation`.
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


def unbiased_distance_correlation(
    x: Float[Tensor, "sample x_dim"], y: Float[Tensor, "sample y_dim"]
) -> Float[Tensor, ""]:
    r"""Bias-corrected squared distance correlation, in [−1, 1]; 0 on average if independent.

    Székely & Rizzo (2013), from U-centred distances; 0 if either is constant, or below 4 samples.
    A departure from paper 4: as a loss it has no floor that depends on the minibatch, and its pull
    fades where the dependence does.
    """
    if len(x) < 4:
        return x.sum() * 0 + y.sum() * 0
    a, b = _u_centered_distances(x), _u_centered_distances(y)
    scale = (a * a).sum() * (b * b).sum()
    return (a * b).sum() / torch.where(scale > 0, scale, 1.0).sqrt()


def _u_centered_distances(x: Float[Tensor, "sample dim"]) -> Float[Tensor, "sample sample"]:
    """Distances less their U-statistics' row, column and overall means; 0 on the diagonal."""
    n = len(x)
    distance = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
    means = distance.sum(dim=0) / (n - 2)
    centred = distance - means - means[:, None] + distance.sum() / ((n - 1) * (n - 2))
    return centred * (1 - torch.eye(n, dtype=x.dtype, device=x.device))


def label_gradient(
    negative_elbo: Float[Tensor, " sample"], labels: Float[Tensor, "sample label"]
) -> Float[Tensor, " sample"]:
    """‖∇_y ELBO‖₂ of each sample, nats per unit of label, ≥ 0; higher is more sensitive to labels.

    `negative_elbo` is a function of `labels`, which must require a gradient. `create_graph` keeps
    the norm a function of the weights, so that a loss made of it is of second order and trains
    them. (The code published with RNAlign detaches it, and such a loss trains nothing.) Training
    takes the same numbers, and the same gradients, from `helpers.rnalign.label_pass`.
    """
    (gradient,) = torch.autograd.grad(negative_elbo.sum(), labels, create_graph=True)
    return length(gradient)


def length(gradient: Float[Tensor, "sample label"]) -> Float[Tensor, " sample"]:
    """Euclidean norm of each row, with a gradient of 0 at 0."""
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


def batch_label_gradient_loss(norm: Float[Tensor, " sample"]) -> Float[Tensor, ""]:
    """−√(Σ norm²) / samples, ≤ 0: L_grad with one norm over all labels of the minibatch.

    As the published code of paper 4 has it, on the scale of an ELBO averaged over samples. Where
    all samples have the same norm this is `label_gradient_loss` / √samples, so that the same weight
    pulls about ten times less, and less in large minibatches.
    """
    return -length(norm[None])[0] / len(norm)


def log_label_gradient_loss(norm: Float[Tensor, " sample"]) -> Float[Tensor, ""]:
    """−log(1 + ‖∇_y ELBO‖₂) averaged over samples, ≤ 0: L_grad with diminishing returns.

    A departure from paper 4: the same direction at every step, but its pull fades as 1/‖∇‖, so
    that it cannot outrun the reconstruction, whose cost grows with the square.
    """
    return -torch.log1p(norm).mean()
