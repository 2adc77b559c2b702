"""Vector quantisation: continuous latents → the nearest of a few learnt codes.

van den Oord, Vinyals & Kavukcuoglu (2017), "Neural Discrete Representation Learning": nearest code,
straight-through gradient, and (appendix A.1) codes as moving averages of what they stand for.
A sample has one or more *positions*, each a latent that holds one code of its own codebook. The
codes move in `train()` and never in `eval()`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

Latents = Float[Tensor, "sample position dim"]
Codes = Int[Tensor, "sample position"]
N_KMEANS_STEPS = 10
SMALLEST_SIZE = 1e-6  # a moving average over fewer samples than this says nothing: the code stays


class Quantized(NamedTuple):
    """`codes`: index of each position's nearest code. `nearest`: that code, whose gradient reaches
    the codebook. `straight_through`: the same values with the gradient of the continuous latent.
    """

    codes: Codes
    nearest: Latents
    straight_through: Latents


class Quantizer(nn.Module):
    """e_k with k = argmin_j ‖z − e_j‖², for each position of each sample.

    Args:
        n_positions: latents a sample.
        n_codes: M, codes in a codebook.
        code_dim: dimensions of a code.
        ema_decay: γ of the moving averages (van den Oord's is 0.99); 0 leaves the codes to the
            gradient of the codebook loss.
    """

    def __init__(
        self,
        n_positions: int,
        n_codes: int,
        code_dim: int,
        *,
        ema_decay: float = 0.0,
    ) -> None:
        super().__init__()
        if min(n_positions, n_codes, code_dim) < 1:
            raise ValueError(
                "`n_positions`, `n_codes` and `code_dim` must be at least 1; "
                f"got {n_positions}, {n_codes} and {code_dim}."
            )
        if not 0 <= ema_decay < 1:
            raise ValueError(
                f"`ema_decay` must be at least 0 and below 1; got {ema_decay}. 0.99 is usual, "
                "and 0 trains the codes by gradient."
            )
        self.n_codes, self.ema_decay = n_codes, ema_decay
        codebook = torch.randn(n_positions, n_codes, code_dim)
        if ema_decay > 0:
            self.register_buffer("codebook", codebook)  # position × code × dim
            self.register_buffer("size", torch.ones(codebook.shape[:2]))
            self.register_buffer("total", codebook.clone())
        else:
            self.codebook = nn.Parameter(codebook)

    def forward(self, z: Latents) -> Quantized:
        """Quantise; in `train()` with moving averages, the codes then follow `z`."""
        codes = nearest_codes(z, self.codebook)
        nearest = self.look_up(codes)
        if self.training and self.ema_decay > 0:
            self._follow(z.detach(), codes)
        # Forward this is `nearest`; backward the difference is a constant, so that the gradient
        # passes to z as if nothing had been chosen: the straight-through estimator.
        straight_through = z + (nearest - z).detach()
        return Quantized(codes, nearest, straight_through)

    def look_up(self, codes: Codes) -> Latents:
        """The codes' vectors."""
        return self.codebook[self._books(codes), codes]

    @torch.no_grad()
    def ranks(self) -> Int[Tensor, "book code"]:
        """Place of each code, from 0, along the axis its codebook varies most on.

        Indices of codes have no order; these have. In one dimension it is the order of values.
        """
        centred = self.codebook - self.codebook.mean(dim=1, keepdim=True)
        axis = torch.linalg.svd(centred, full_matrices=False).Vh[:, :1]  # book × 1 × dim
        largest = axis.gather(2, axis.abs().argmax(dim=2, keepdim=True))
        score = (centred * axis * largest.sign()).sum(dim=-1)
        return score.argsort(dim=1).argsort(dim=1)

    def _books(self, codes: Codes) -> Int[Tensor, " position"]:
        return torch.arange(codes.shape[1], device=codes.device)

    @torch.no_grad()
    def _follow(self, z: Latents, codes: Codes) -> None:
        """N ← γN + (1 − γ)n, m ← γm + (1 − γ)Σz, e = m / N (appendix A.1)."""
        size, total = sums_by_code(z, codes, self.n_codes)
        self.size.lerp_(size, 1 - self.ema_decay)
        self.total.lerp_(total, 1 - self.ema_decay)
        is_known = (self.size > SMALLEST_SIZE)[..., None]
        mean = self.total / self.size.clamp_min(SMALLEST_SIZE)[..., None]
        self.codebook.copy_(torch.where(is_known, mean, self.codebook))

    @torch.no_grad()
    def set_codes(
        self, book: int, codes: Int[Tensor, " code"], vectors: Float[Tensor, "code dim"]
    ) -> None:
        """Put codes where they shall be, in place; their moving averages start anew there."""
        self.codebook[book, codes] = vectors
        if self.ema_decay > 0:
            self.size[book, codes] = 1.0
            self.total[book, codes] = vectors

    @torch.no_grad()
    def start_by_kmeans(self, z: Latents, seed: int) -> None:
        """Codes become the k-means centres of `z`, so that none starts far from the data.

        Raises:
            ValueError: fewer latents than codes.
        """
        if len(z) < self.n_codes:
            raise ValueError(
                f"a k-means start needs at least `n_codes` samples: {len(z)} for "
                f"{self.n_codes} codes. Lower `n_codes`."
            )
        generator = torch.Generator().manual_seed(seed)
        every = torch.arange(self.n_codes, device=z.device)
        for book, centres in enumerate(kmeans_centres(z, self.n_codes, generator)):
            self.set_codes(book, every, centres)

    @torch.no_grad()
    def restart_dead(self, z: Latents) -> int:
        """Codes that no row of `z` is nearest to become different random rows; how many did.

        Draws from torch's global random state. Does nothing in `eval()`.
        """
        if not self.training:
            return 0
        codes = nearest_codes(z, self.codebook)
        is_used = torch.zeros(self.codebook.shape[:2], dtype=torch.bool, device=z.device)
        is_used = is_used.scatter(1, codes.T, True)
        n_dead = 0
        for book in (~is_used.all(dim=1)).nonzero().flatten().tolist():
            dead = (~is_used[book]).nonzero().flatten()
            # Different rows: of two codes on one row, the second would stay dead.
            dead = dead[: len(z)]
            chosen = torch.randperm(len(z))[: len(dead)].to(z.device)
            self.set_codes(book, dead, z[chosen, book])
            n_dead += len(dead)
        return n_dead


@torch.no_grad()
def nearest_codes(z: Latents, codebook: Float[Tensor, "book code dim"]) -> Codes:
    """Index of the nearest code by squared distance; the lowest index where two are as near."""
    # Exact differences, not a matrix product: a sample that sits on a code is 0 away from it.
    squares = (z[:, :, None] - codebook).square_()
    distance = squares[..., 0] if squares.shape[-1] == 1 else squares.sum(dim=-1)
    return distance.min(dim=-1).indices


def sums_by_code(
    z: Latents, codes: Codes, n_codes: int
) -> tuple[Float[Tensor, "position code"], Float[Tensor, "position code dim"]]:
    """How many latents of each position hold each code, and their sum."""
    n_positions = z.shape[1]
    flat = (torch.arange(n_positions, device=z.device) * n_codes + codes).flatten()
    size = z.new_zeros(n_positions * n_codes)
    total = z.new_zeros(n_positions * n_codes, z.shape[2])
    size.index_add_(0, flat, torch.ones_like(flat, dtype=z.dtype))
    total.index_add_(0, flat, z.flatten(0, 1))
    return size.view(n_positions, n_codes), total.view(n_positions, n_codes, -1)


def kmeans_centres(
    z: Latents, n_centres: int, generator: torch.Generator
) -> Float[Tensor, "position centre dim"]:
    """Lloyd's algorithm from a k-means++ start (Arthur & Vassilvitskii 2007), `N_KMEANS_STEPS`.

    Every position by itself, all in the same operations, which takes a third of the time of one
    after the other. A centre left without samples stays where it was.
    """
    centres = _spread_start(z, n_centres, generator)
    for _ in range(N_KMEANS_STEPS):
        size, total = sums_by_code(z, nearest_codes(z, centres), n_centres)
        mean = total / size.clamp_min(1)[..., None]
        centres = torch.where(size[..., None] > 0, mean, centres)
    return centres


def _spread_start(
    z: Latents, n_centres: int, generator: torch.Generator
) -> Float[Tensor, "position centre dim"]:
    """Samples drawn one after another, by squared distance to the nearest drawn so far."""
    distance = torch.full(z.shape[:2], torch.inf, device=z.device)  # sample × position
    share, chosen = torch.ones_like(distance), []
    every = torch.arange(z.shape[1], device=z.device)
    for _ in range(n_centres):
        tiny = torch.finfo(share.dtype).tiny
        drawn = torch.multinomial(share.T.cpu().clamp_min(tiny), 1, generator=generator)[:, 0]
        chosen.append(z[drawn.to(z.device), every])  # position × dim
        distance = torch.minimum(distance, (z - chosen[-1]).square().sum(dim=-1))
        share = distance
    return torch.stack(chosen, dim=1)
