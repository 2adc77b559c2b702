"""A trained autoencoder read out: posterior means, decoded means, what collapse would look like.

An embedding here is always the posterior mean in `eval()`, never a sample. Arrays in, arrays out.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from helpers.models.losses import kl_per_dimension, reconstruction_loss

N_ROWS = 4096  # rows on the device at a time


def _batches(model: nn.Module, rows) -> Iterator[Tensor]:
    model.eval()
    first = next(model.parameters())
    for part in torch.as_tensor(rows, dtype=first.dtype).split(N_ROWS):
        yield part.to(first.device)


@torch.no_grad()
def posterior_mean(model: nn.Module, x):
    """E[z|x] as an array, sample × latent. `x`: sample × feature, preprocessed as in training."""
    return torch.cat([model.encode(part).mean.cpu() for part in _batches(model, x)]).numpy()


@torch.no_grad()
def decoded_mean(model: nn.Module, z):
    """E[x|z] as an array, sample × feature, in the unit the model was trained on."""
    return torch.cat([model.decode(part).mean.cpu() for part in _batches(model, z)]).numpy()


@torch.no_grad()
def latent_kl(model: nn.Module, x):
    """KL(q(z|x) ‖ prior) of each latent dimension as an array, nats per sample; 0 = unused."""
    n = len(x)
    parts = _batches(model, x)
    return sum(kl_per_dimension(model.encode(p)).cpu() * len(p) / n for p in parts).numpy()


@torch.no_grad()
def reconstruction(model: nn.Module, x, seed: int | None = None) -> float:
    """−log p(x|z) at the posterior mean, nats per sample; lower is better.

    With `seed` the z are given to the wrong samples: a decoder that ignores z would not suffer.
    """
    z = torch.as_tensor(posterior_mean(model, x))
    if seed is not None:
        z = z[torch.randperm(len(z), generator=torch.Generator().manual_seed(seed))]
    parts = zip(_batches(model, z), _batches(model, x), strict=True)
    return sum(float(reconstruction_loss(model.decode(a), b)) * len(b) for a, b in parts) / len(x)


def collapse_report(model: nn.Module, x, seed: int) -> dict[str, float]:
    """Signs of posterior collapse, in nats per sample: KL near 0, z that can be shuffled freely.

    KL: summed over dimensions. reconstruction: −log p(x|z) at the posterior mean. with shuffled z:
    the same with z given to the wrong samples; it must lie far above.
    """
    return {
        "KL": float(latent_kl(model, x).sum()),
        "reconstruction": reconstruction(model, x),
        "with shuffled z": reconstruction(model, x, seed=seed),
    }
