"""The layers every model here is built from, and the distributions their outputs become."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

# exp(−8) … exp(8): wide enough for any posterior here, narrow enough never to overflow in float32.
LOG_VARIANCE_RANGE = (-8.0, 8.0)


def dense_layers(sizes: Sequence[int], dropout: float = 0.0) -> nn.Sequential:
    """Linear → ReLU (→ dropout) for each step of `sizes`, e.g. (5000, 512, 256) gives two layers.

    Raises:
        ValueError: fewer than two sizes, or a size below 1.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            "`sizes` must name at least an input and an output width, each ≥ 1; "
            f"got {tuple(sizes)}."
        )
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        if dropout > 0:
            layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


class GaussianHead(nn.Module):
    """Hidden units → a diagonal Gaussian: two linear maps, one for the mean, one for log σ²."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.mean = nn.Linear(n_in, n_out)
        self.log_var = nn.Linear(n_in, n_out)

    def forward(self, hidden: Float[Tensor, "sample hidden"]) -> Normal:
        """Normal over `n_out` dimensions; log σ² is clamped to `LOG_VARIANCE_RANGE`."""
        log_var = self.log_var(hidden).clamp(*LOG_VARIANCE_RANGE)
        return Normal(self.mean(hidden), torch.exp(0.5 * log_var), validate_args=False)
