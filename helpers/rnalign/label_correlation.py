"""L_cor for training: the distance correlation of `loss_terms`, its gradient written down.

Distances come from one matrix product, and their gradient is another.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

Distances = Float[Tensor, "sample sample"]


def label_correlation(
    labels: Float[Tensor, "sample label"], z: Float[Tensor, "sample latent"]
) -> Float[Tensor, ""]:
    """`distance_correlation(labels, z)` in [0, 1], differentiable by z, once.

    A quarter of the CPU time for 256 samples: 0.37 ms in place of 1.4 with the gradient. Distances
    that rounding cannot tell from 0, some 1e-3 of the largest length in float32, are 0.
    """
    return _LabelCorrelation.apply(labels, z)


class _LabelCorrelation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, labels: Tensor, z: Tensor) -> Tensor:
        gaps = _distances(z)
        a, b = _centred(_distances(labels)), _centred(gaps)
        # Sums over all pairs; what means have in excess cancels.
        covariance, of_a, of_b = (_product(*pair) for pair in ((a, b), (a, a), (b, b)))
        scale = (of_a * of_b).sqrt()
        is_positive = (scale > 0) & (covariance > 0)
        squared = torch.where(is_positive, covariance / scale, 0.0)
        value = squared.sqrt()
        ctx.save_for_backward(z, gaps, a, b, scale, of_b, squared)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        """dCor² = Σ ab / √(Σ aa Σ bb): by a distance of z it is a / √(Σ aa Σ bb) − dCor² b / Σ bb.

        Centring drops out, as a and b are centred already. A distance d_ij hands w_ij on to z_i
        along (z_i − z_j) / d_ij, and to z_j against it: z_i gets 2 Σ_j w_ij (z_i − z_j) / d_ij.
        """
        z, gaps, a, b, scale, of_b, squared = ctx.saved_tensors
        is_positive = squared > 0
        # Of the square root: 1 / (2 dCor), and 0 where dCor is.
        half = torch.where(is_positive, gradient / (2 * squared.sqrt()), 0.0)
        on_a = torch.where(is_positive, half / scale, 0.0)
        on_b = torch.where(is_positive, half * squared / of_b, 0.0)
        pull = (a * on_a).sub_(b * on_b)
        pull = pull.div_(gaps.masked_fill(gaps == 0, torch.inf))
        return None, 2 * (pull.sum(dim=1, keepdim=True) * z - pull @ z)


def _distances(x: Float[Tensor, "sample dim"]) -> Distances:
    x = x - x.mean(dim=0)  # distances of points far from 0 lose digits
    squares = torch.linalg.vecdot(x, x)
    # d² = ‖x_i‖² + ‖x_j‖² − 2 x_i·x_j
    squared = torch.addmm(squares + squares[:, None], x, x.T, alpha=-2)
    rounding = 8 * torch.finfo(x.dtype).eps * squares.max()
    return squared.mul_(squared > rounding).fill_diagonal_(0).sqrt_()


def _centred(distances: Distances) -> Distances:
    """Less the means of rows and columns, plus that of all."""
    means = distances.mean(dim=0)
    means = means - means.mean() / 2
    return (distances - means).sub_(means[:, None])


def _product(a: Distances, b: Distances) -> Float[Tensor, ""]:
    return a.flatten() @ b.flatten()
