"""A trained autoencoder read out: posterior means, decoded means, what collapse would look like.

An embedding here is always the posterior mean in `eval()`, never a sample. Arrays in, arrays out;
a `RowSource` may stand for an array.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from helpers.models.losses import kl_per_dimension, reconstruction_loss
from helpers.models.row_source import RowsInMemory, RowsOnDisk, RowSource


@torch.no_grad()
def read_in_parts(function: Callable[..., Tensor], model: nn.Module, *arrays) -> Tensor:
    """`function` of all rows of `arrays`, a few thousand at a time; the result is on the CPU.

    `arrays` have one row a sample each; the first may be a `RowSource`, which gives all of its
    parts. The model is read in `eval()`, on its device, and left as it was.
    """
    was_training, first = model.training, next(model.parameters())
    model.eval()
    whole, others = arrays[0], [torch.as_tensor(array, dtype=first.dtype) for array in arrays[1:]]
    if isinstance(whole, RowSource):
        rows = RowsOnDisk(whole, first.device)
    else:
        rows = RowsInMemory((torch.as_tensor(whole, dtype=first.dtype),))
    results, start = [], 0
    for parts in rows.in_order():
        end = start + len(parts[0])
        beside = (other[start:end] for other in others)
        results.append(function(*(part.to(first.device) for part in (*parts, *beside))).cpu())
        start = end
    model.train(was_training)
    return torch.cat(results)


def posterior_mean(model: nn.Module, x):
    """E[z|x] as an array, sample × latent. `x`: sample × feature, preprocessed as in training."""
    return read_in_parts(lambda part: model.encode(part).mean, model, x).numpy()


def decoded_mean(model: nn.Module, z):
    """E[x|z] as an array, sample × feature, in the unit the model was trained on."""
    return read_in_parts(lambda part: model.decode(part).mean, model, z).numpy()


def latent_kl(model: nn.Module, x):
    """KL(q(z|x) ‖ prior) of each latent dimension as an array, nats per sample; 0 = unused."""
    return _mean_over_parts(lambda part: kl_per_dimension(model.encode(part)), model, x).numpy()


def reconstruction(model: nn.Module, x, seed: int | None = None) -> float:
    """−log p(x|z) at the posterior mean, nats per sample; lower is better.

    With `seed` the z are given to the wrong samples: a decoder that ignores z would not suffer.
    """
    z = torch.as_tensor(posterior_mean(model, x))
    if seed is not None:
        z = z[torch.randperm(len(z), generator=torch.Generator().manual_seed(seed))]

    def loss(x: Tensor, z: Tensor) -> Tensor:
        return reconstruction_loss(model.decode(z), x).double()

    return float(_mean_over_parts(loss, model, x, z))


def _mean_over_parts(function: Callable[..., Tensor], model: nn.Module, *arrays) -> Tensor:
    """Mean over all rows of what `function` averages over the rows of a part."""

    def weighted(*parts: Tensor) -> Tensor:
        return (function(*parts) * len(parts[0])).unsqueeze(0)

    return read_in_parts(weighted, model, *arrays).sum(dim=0) / len(arrays[0])


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
