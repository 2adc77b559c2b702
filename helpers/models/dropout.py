"""Dropout that costs a tenth of torch's on a CPU: sixteen random bits an element, four at once."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import dropout

_LEVELS = 2**16  # of a 16-bit number


class Dropout(nn.Module):
    """Zero a share `p` of the elements at random in training, and divide the others by 1 − p.

    Srivastava et al. (2014), as `nn.Dropout`, which draws a floating-point number an element: for
    1,400 × 192 elements 3.6 ms of CPU time there and 0.4 here, of a training step of 6.8 ms. Here
    64-bit random integers are read as four of 16 bits, so `p` counts in steps of 2⁻¹⁶; what is kept
    is divided by the share that is kept at that step. Elsewhere than on a CPU it is torch's.

    Raises:
        ValueError: `p` outside [0, 1).
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"`p` must be a share in [0, 1); got {p}.")
        self.p, self.n_dropped = p, min(round(p * _LEVELS), _LEVELS - 1)

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """`x` in `eval()`, else `x` with elements dropped."""
        if not self.training or self.n_dropped == 0:
            return x
        return x * self._scales(x) if x.device.type == "cpu" else dropout(x, self.p)

    def extra_repr(self) -> str:
        """What `print(model)` says of it."""
        return f"p={self.p}"

    def _scales(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """0 or 1 / (1 − p) an element."""
        words = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        numbers = words.view(torch.int16)[: x.numel()].view(x.shape)  # −2¹⁵ … 2¹⁵ − 1
        is_kept = numbers >= self.n_dropped - _LEVELS // 2
        return is_kept.to(x.dtype).mul_(_LEVELS / (_LEVELS - self.n_dropped))
