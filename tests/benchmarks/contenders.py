"""This project's side of `tests.benchmarks.speed`, and the limit that all are measured against.

`python -m tests.benchmarks.contenders NAME ARGUMENTS`: one contender that takes turns.
"""

import sys
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.models.losses import weighted_sum
from helpers.models.training import Trainer, Training, choose_device
from helpers.models.vae import VAE
from tests.benchmarks.peers.turn_taking import Turn, serve

WIDTHS, N_LATENT = (512, 256), 32
WEIGHTS = {"reconstruction": 1.0, "kl": 1.0}
N_PRODUCTS = 10  # of two matrices, a turn


def new_vae(n_features: int) -> VAE:
    """The VAE that is timed: dense layers, no linear path."""
    torch.manual_seed(0)
    return VAE(n_features, WIDTHS, N_LATENT, noise_sd=1.0, dropout=0.0)


def vae(path: str, minibatch_size: str, precision: str) -> Turn:
    """An epoch in the one trainer."""
    device = choose_device()
    x = torch.from_numpy(np.load(path)).to(device)
    training = Training(10**6, int(minibatch_size), 1e-3, keep="last", precision=precision)
    trainer = Trainer(
        new_vae(x.shape[1]).to(device), (x,), None, weights=WEIGHTS, training=training
    )

    def turn() -> None:
        trainer.run_epoch(trainer.history.n_epochs + 1)
        _wait(device)

    return turn


def plain_loop(path: str, minibatch_size: str) -> Turn:
    """An epoch of the same model in the loop that tutorials show: DataLoader, Adam, loss.item()."""
    device = choose_device()
    data = TensorDataset(torch.from_numpy(np.load(path)))
    loader = DataLoader(data, batch_size=int(minibatch_size), shuffle=True)
    model: nn.Module = new_vae(data.tensors[0].shape[1]).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def turn() -> None:
        total = 0.0
        for (rows,) in loader:
            optimizer.zero_grad()
            loss = weighted_sum(model.loss_terms(rows.to(device)), WEIGHTS)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)

    return turn


def products(size: str, precision: str) -> Turn:
    """`torch.mm` of two square matrices, ten times: what the machine can do."""
    device = choose_device()
    square = torch.randn(int(size), int(size), device=device, dtype=getattr(torch, precision))

    def turn() -> None:
        for _ in range(N_PRODUCTS):
            torch.mm(square, square)
        _wait(device)

    return turn


def quantizer(path: str, n_codes: str, minibatch_size: str) -> Turn:
    """Chapter 3's quantiser over all samples, forward and backward."""
    from helpers.vqvae_subtyping.extractors.quantizer import Quantizer
    from helpers.vqvae_subtyping.loss_terms import commitment_loss

    z = torch.from_numpy(np.load(path)).requires_grad_()  # sample × position × dim
    torch.manual_seed(0)
    layer = Quantizer(z.shape[1], int(n_codes), z.shape[2], ema_decay=0.99)

    def turn() -> None:
        for rows in torch.randperm(len(z)).split(int(minibatch_size)):
            minibatch = z[rows]
            found = layer(minibatch)
            commitment = commitment_loss(minibatch.flatten(1), found.nearest.flatten(1))
            (found.straight_through.square().mean() + 0.25 * commitment).backward()

    return turn


def kbet(path: str, k: str) -> Turn:
    """Chapter 4's kBET of one neighbourhood size, all samples in one draw."""
    from helpers.rnalign.metrics.kbet import Neighbourhoods
    from helpers.rnalign.metrics.kbet import kbet as test_neighbourhoods

    points = np.load(path)
    is_line = np.arange(len(points)) < len(points) // 2
    test = Neighbourhoods((int(k),), n_each=len(points) // 2, n_draws=1)
    types = np.full(len(points), "all")
    return lambda: test_neighbourhoods(points, is_line, types, test=test)


CONTENDERS: dict[str, Callable[..., Turn]] = {
    "vae": vae,
    "plain_loop": plain_loop,
    "products": products,
    "quantizer": quantizer,
    "kbet": kbet,
}


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    prepare = CONTENDERS[sys.argv.pop(1)]
    serve(prepare, "torch")
