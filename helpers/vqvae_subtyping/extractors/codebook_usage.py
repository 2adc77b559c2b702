"""How a codebook is used: codes in use, perplexity, and signs that it collapsed.

Counts run over all rows given, never over a minibatch: 32 samples cannot use 64 codes, and a mean
of such counts says little about the codebook (van den Oord's perplexity is per minibatch).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

Codes = Int[Tensor, "sample position"]


def code_shares(codes: Codes, n_codes: int) -> Float[Tensor, "position code"]:
    """Share of samples that hold each code, by position; every row sums to 1."""
    samples, positions = codes.shape
    counts = torch.zeros(positions, n_codes, dtype=torch.float64, device=codes.device)
    ones = torch.ones_like(codes.T, dtype=torch.float64)
    return counts.scatter_add(1, codes.T, ones) / samples


def perplexity(shares: Float[Tensor, "... code"]) -> Float[Tensor, "..."]:
    """exp(entropy) of shares that sum to 1 over the last dimension: 1 (one code) … their number.

    The number of codes that would carry as much if all were used alike.
    """
    return torch.special.entr(shares).sum(dim=-1).exp()


def code_usage(codes: Codes, n_codes: int) -> dict[str, float]:
    """Of a codebook per position: `used` (1 … `n_codes`) and `perplexity` (1 … `n_codes`), each the
    mean over positions; `used_least`, the position with the fewest; `distinct`, the number of
    different rows of codes among the samples (1 … samples).
    """
    shares = code_shares(codes, n_codes)
    used = (shares > 0).sum(dim=-1)
    return {
        "used": float(used.double().mean()),
        "used_least": float(used.min()),
        "perplexity": float(perplexity(shares).mean()),
        "distinct": float(len({row.tobytes() for row in codes.cpu().numpy()})),
    }
