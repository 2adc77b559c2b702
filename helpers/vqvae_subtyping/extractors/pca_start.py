"""Start an autoencoder at PCA, so that training begins where the linear method ends.

From a random start 750 patients do not suffice to find a basis of 64 dimensions as good as that of
PCA, and each seed finds another. This start departs from paper 3, which says nothing of its own.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


@torch.no_grad()
def start_at_pca(model: nn.Module, x: Float[Tensor, "sample feature"]) -> None:
    """Linear maps become the principal axes of `x`, and the networks beside them are silent.

    For a `VAE`, `Autoencoder` or `VQVAE` with `linear_skip`; before training. E[z|x] is then the
    principal components of x and E[x|z] their reconstruction. Latents beyond the rank of `x` keep
    their random start.

    Raises:
        ValueError: a model without `linear_skip`.
    """
    if not model.linear_skip:
        raise ValueError("a start at PCA needs the linear path: build with `linear_skip=True`.")
    weight = model.linear_encoder.weight
    x = x.to(weight)
    mean = x.mean(dim=0)
    _, size, axes = torch.linalg.svd(x - mean, full_matrices=False)
    n = min(len(weight), int((size > 1e-5 * size[0]).sum()))
    weight[:n] = axes[:n]
    model.linear_decoder.weight[:, :n] = axes[:n].T
    hidden = model.posterior.mean if hasattr(model, "posterior") else model.bottleneck
    for layer in (hidden, model.output):
        nn.init.zeros_(layer.weight)
    hidden.bias.copy_(-weight @ mean)
    model.output.bias.copy_(mean)
