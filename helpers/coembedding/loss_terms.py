"""Loss terms of paper 2: Huber reconstruction, distances of matched samples, triplets of types.

One rule everywhere: summed over features, averaged over samples, in nats per sample; unweighted.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import huber_loss as huber


def huber_loss(
    predicted: Float[Tensor, "sample feature"],
    x: Float[Tensor, "sample feature"],
    threshold: float = 1.0,
) -> Float[Tensor, ""]:
    """Huber (1964) error, ≥ 0, summed over features, averaged over samples; lower is better.

    ½e² up to `threshold` (in units of x) and linear beyond it. With standardised x it is −log p of
    a Gaussian of σ = 1 with heavier tails, without its constant: nats per sample.
    """
    return huber(predicted, x, reduction="sum", delta=threshold) / len(x)


def squared_distance_loss(
    a: Float[Tensor, "sample dim"], b: Float[Tensor, "sample dim"]
) -> Float[Tensor, ""]:
    """‖a − b‖² of paired rows, ≥ 0, summed over dimensions, averaged over samples.

    The mean squared error of paper 2 is this divided by the number of dimensions.
    """
    return (a - b).square().sum(dim=-1).mean()


def triplet_loss(
    anchor: Float[Tensor, "sample dim"],
    positive: Float[Tensor, "sample dim"],
    negative: Float[Tensor, "sample dim"],
    margin: float = 1.0,
) -> Float[Tensor, ""]:
    """max(‖a − p‖₂ − ‖a − n‖₂ + margin, 0) averaged over triplets, ≥ 0; lower is better.

    Paper 2, section 2. A positive that is the anchor itself is at distance 0, with a gradient of 0.
    """
    gap = _euclidean(anchor - positive) - _euclidean(anchor - negative)
    return (gap + margin).clamp_min(0).mean()


def label_triplet_loss(
    z: Float[Tensor, "sample dim"], label: Int[Tensor, " sample"]
) -> Float[Tensor, ""]:
    """Triplet hinge, margin 1, with positives and negatives drawn at random from the minibatch.

    A positive is another sample of the anchor's label, a negative one of any other label. Samples
    that lack either are left out; 0 where that leaves nobody.
    """
    same = label[:, None] == label[None, :]  # anchor × other
    n_same = same.sum(dim=1)  # with the anchor itself
    anchor = torch.nonzero((n_same > 1) & (n_same < len(z))).squeeze(1)
    if len(anchor) == 0:
        return z.new_zeros(())
    same = same[anchor]
    is_self = torch.arange(len(z), device=z.device) == anchor[:, None]
    # The largest of as many uniform numbers is any of them with equal probability.
    key = 1 + torch.rand(same.shape, device=z.device)
    positive, negative = ((key * kind).argmax(dim=1) for kind in (same & ~is_self, ~same))
    return triplet_loss(*(z.index_select(0, rows) for rows in (anchor, positive, negative)))


def _euclidean(difference: Float[Tensor, "sample dim"]) -> Float[Tensor, " sample"]:
    squared = difference.square().sum(dim=-1)
    # The inner `where` keeps sqrt away from 0, where its gradient is infinite.
    return torch.where(squared > 0, torch.where(squared > 0, squared, 1.0).sqrt(), 0.0)
