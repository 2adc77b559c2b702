"""Vector quantisation forward and backward: `quantizer.py LATENTS.npy N_CODES MINIBATCH_SIZE`.

A codebook of its own for each position, moving averages, the commitment loss: as chapter 3's.
"""

import numpy as np
import torch
from turn_taking import serve
from vector_quantize_pytorch import VectorQuantize


def prepare(path: str, n_codes: str, minibatch_size: str):
    """A function that passes over all samples once."""
    z = torch.from_numpy(np.load(path))  # sample × position × dim
    n_positions, code_dim = z.shape[1:]
    torch.manual_seed(0)
    layer = VectorQuantize(
        dim=n_positions * code_dim,
        codebook_dim=code_dim,
        codebook_size=int(n_codes),
        heads=n_positions,
        separate_codebook_per_head=True,
        decay=0.99,
        commitment_weight=0.25,
    )
    flat = z.flatten(1).requires_grad_()

    def turn() -> None:
        for rows in torch.randperm(len(flat)).split(int(minibatch_size)):
            minibatch = flat[rows][:, None]  # sample × 1 × all positions
            quantized, _, loss = layer(minibatch)
            (quantized.square().mean() + loss.sum()).backward()

    return turn


if __name__ == "__main__":
    serve(prepare, "vector-quantize-pytorch", "torch")
