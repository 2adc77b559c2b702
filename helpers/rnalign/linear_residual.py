"""What a linear output layer leaves unexplained, and its gradients, in few products over the genes.

Of r = W h + b − x a Gaussian likelihood needs ‖r‖², and its gradient the pull Wᵀr on the hidden
units. With G = WᵀW and c = Wᵀ(b − x), Wᵀr = G h + c and ‖r‖² = h·(G h + 2 c) + ‖b − x‖²: then r
itself is never computed, and products over the genes are left in c and G alone.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Hidden = Float[Tensor, "sample hidden"]
PerSample = Float[Tensor, " sample"]
Gradients = tuple[Hidden, Float[Tensor, "gene hidden"], Float[Tensor, " gene"]]


@dataclass(frozen=True)
class LinearResidual(ABC):
    """r = W h + b − x of samples × genes `x`, with `hidden` h, `weight` W and `bias` b.

    squared: ‖r‖² of each sample. pull: Wᵀr, half its gradient by h, sample × hidden.
    """

    hidden: Hidden
    weight: Float[Tensor, "gene hidden"]
    bias: Float[Tensor, " gene"]
    x: Float[Tensor, "sample gene"]
    squared: PerSample
    pull: Hidden

    @abstractmethod
    def gradients(self, of_squared: PerSample, of_pull: Hidden | None) -> Gradients:
        """By h, W and b, of a loss whose gradients by `squared` (s) and by `pull` (p) are given."""


@dataclass(frozen=True)
class WholeResidual(LinearResidual):
    """With r itself, sample × gene."""

    residual: Float[Tensor, "sample gene"]

    def gradients(self, of_squared: PerSample, of_pull: Hidden | None) -> Gradients:
        """With S diagonal of s: r gets 2 S r + p Wᵀ and hands it on; W gets rᵀp beside that."""
        doubled = 2 * of_squared[:, None]
        of_residual, of_hidden = doubled * self.residual, doubled * self.pull
        if of_pull is None:
            of_weight = of_residual.T @ self.hidden
        else:
            of_output = of_pull @ self.weight.T
            of_residual += of_output
            of_hidden.addmm_(of_output, self.weight)
            of_weight = (of_residual.T @ self.hidden).addmm_(self.residual.T, of_pull)
        return of_hidden, of_weight, of_residual.sum(dim=0)


@dataclass(frozen=True)
class ResidualByGram(LinearResidual):
    """Without r: gram is G = WᵀW. ‖r‖² is a difference of sums, in float32 good to 1e-6 of ‖x‖²."""

    gram: Float[Tensor, "hidden hidden"]

    def gradients(self, of_squared: PerSample, of_pull: Hidden | None) -> Gradients:
        """With S diagonal of s: h gets 2 S Wᵀr + p G, G gets hᵀ(p + S h), c gets p + 2 S h.

        G and c hand theirs on to W and b.
        """
        scaled = of_squared[:, None] * self.hidden  # S h
        of_hidden = 2 * of_squared[:, None] * self.pull
        both = scaled
        if of_pull is not None:
            of_hidden.addmm_(of_pull, self.gram)
            both = of_pull + scaled
        of_gram, of_constant = self.hidden.T @ both, both + scaled
        # c = Wᵀb − Wᵀx, and W is in G = WᵀW twice.
        total = of_constant.sum(dim=0)
        of_weight = torch.addmm(torch.outer(self.bias, total), self.weight, of_gram + of_gram.T)
        of_weight.addmm_(self.x.T, of_constant, alpha=-1)
        of_squares = of_squared.sum() * self.bias - self.x.T @ of_squared  # half that of ‖b − x‖²
        return of_hidden, of_weight, self.weight @ total + 2 * of_squares


def linear_residual(
    hidden: Hidden,
    weight: Float[Tensor, "gene hidden"],
    bias: Float[Tensor, " gene"],
    x: Float[Tensor, "sample gene"],
) -> LinearResidual:
    """What W h + b leaves of x; no autograd.

    With its gradients the form with r takes 12 · sample · gene · hidden operations (6 without
    `of_pull`), that without r 4 · gene · hidden · (sample + hidden), and so it is taken where there
    are no more hidden units than samples.
    """
    if hidden.shape[1] > len(hidden):
        residual = torch.addmm(bias, hidden, weight.T).sub_(x)
        squared = torch.linalg.vecdot(residual, residual)
        return WholeResidual(hidden, weight, bias, x, squared, residual @ weight, residual)
    constant = weight.T @ bias - x @ weight  # c, sample × hidden
    gram = weight.T @ weight
    pull = torch.addmm(constant, hidden, gram)
    at_zero = torch.linalg.vecdot(x, x) - 2 * (x @ bias) + bias @ bias  # ‖b − x‖²
    squared = torch.linalg.vecdot(hidden, pull + constant) + at_zero
    return ResidualByGram(hidden, weight, bias, x, squared, pull, gram)
