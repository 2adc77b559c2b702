"""Loss terms of paper 3: codes to latents, and latents to codes.

One rule everywhere: summed over features, averaged over samples, in nats per sample; unweighted.
"""

from jaxtyping import Float
from torch import Tensor


def codebook_loss(
    z: Float[Tensor, "sample latent"], nearest: Float[Tensor, "sample latent"]
) -> Float[Tensor, ""]:
    """‖sg[z] − e‖² ≥ 0, summed over latents, averaged over samples; moves codes to the latents.

    van den Oord et al. (2017), equation 3, second term; sg stops the gradient.
    """
    return (z.detach() - nearest).square().sum(dim=-1).mean()


def commitment_loss(
    z: Float[Tensor, "sample latent"], nearest: Float[Tensor, "sample latent"]
) -> Float[Tensor, ""]:
    """‖z − sg[e]‖² ≥ 0, summed over latents, averaged over samples; keeps latents near their codes.

    van den Oord et al. (2017), equation 3, third term, whose weight β is 0.25 there.
    """
    return (z - nearest.detach()).square().sum(dim=-1).mean()
