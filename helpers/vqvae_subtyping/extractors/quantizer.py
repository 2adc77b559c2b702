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
        flat = (self._books(codes) * self.n_codes + codes).flatten()
        size, total = torch.zeros_like(self.size), torch.zeros_like(self.total)
        size.view(-1).index_add_(0, flat, torch.ones_like(flat, dtype=size.dtype))
        total.flatten(0, 1).index_add_(0, flat, z.flatten(0, 1))
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
        generator = torch.Generator().manual_seed(seed)
        for book, rows in enumerate(self._rows_by_book(z)):
            if len(rows) < self.n_codes:
                raise ValueError(
                    f"a k-means start needs at least `n_codes` samples: {len(rows)} for "
                    f"{self.n_codes} codes. Lower `n_codes`."
                )
            every = torch.arange(self.n_codes, device=rows.device)
            self.set_codes(book, every, kmeans_centres(rows, self.n_codes, generator))

    @torch.no_grad()
    def restart_dead(self, z: Latents) -> int:
        """Codes that no row of `z` is nearest to become different random rows; how many did.

        Draws from torch's global random state. Does nothing in `eval()`.
        """
        if not self.training:
            return 0
        n_dead = 0
        for book, rows in enumerate(self._rows_by_book(z)):
            used = nearest_codes(rows[:, None], self.codebook[book, None]).flatten()
            is_used = torch.zeros(self.n_codes, dtype=torch.bool, device=rows.device)
            dead = (~is_used.index_fill(0, used, True)).nonzero().flatten()
            # Different rows: of two codes on one row, the second would stay dead.
            dead = dead[: len(rows)]
            chosen = torch.randperm(len(rows))[: len(dead)].to(rows.device)
            self.set_codes(book, dead, rows[chosen])
            n_dead += len(dead)
        return n_dead

    def _rows_by_book(self, z: Latents) -> list[Float[Tensor, "row dim"]]:
        return list(z.unbind(dim=1))


def nearest_codes(z: Latents, codebook: Float[Tensor, "book code dim"]) -> Codes:
    """Index of the nearest code by squared distance; the lowest index where two are as near."""
    # Exact differences, not a matrix product: a sample that sits on a code is 0 away from it.
    return (z[:, :, None] - codebook).square().sum(dim=-1).argmin(dim=-1)


def kmeans_centres(
    rows: Float[Tensor, "row dim"], n_centres: int, generator: torch.Generator
) -> Float[Tensor, "centre dim"]:
    """Lloyd's algorithm from a k-means++ start (Arthur & Vassilvitskii 2007), `N_KMEANS_STEPS`.

    A centre left without rows stays where it was.
    """
    centres = _spread_start(rows, n_centres, generator)
    for _ in range(N_KMEANS_STEPS):
        nearest = nearest_codes(rows[:, None], centres[None]).flatten()
        count = torch.zeros_like(centres[:, 0]).index_add(0, nearest, torch.ones_like(rows[:, 0]))
        total = torch.zeros_like(centres).index_add(0, nearest, rows)
        mean = total / count.clamp_min(1)[:, None]
        centres = torch.where(count[:, None] > 0, mean, centres)
    return centres


def _spread_start(
    rows: Float[Tensor, "row dim"], n_centres: int, generator: torch.Generator
) -> Float[Tensor, "centre dim"]:
    """Rows drawn one after another, by their squared distance to the nearest drawn so far."""
    distance = torch.ones(len(rows), device=rows.device)
    chosen: list[Tensor] = []
    for _ in range(n_centres):
        share = distance.cpu().clamp_min(torch.finfo(distance.dtype).tiny)
        chosen.append(torch.multinomial(share, 1, generator=generator))
        to_chosen = (rows - rows[chosen[-1].to(rows.device)]).square().sum(dim=-1)
        distance = to_chosen if len(chosen) == 1 else torch.minimum(distance, to_chosen)
    return rows[torch.cat(chosen).to(rows.device)]
