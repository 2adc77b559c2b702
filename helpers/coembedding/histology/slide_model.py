"""Expression predicted from the regions of a slide, the mean over regions being what is supervised.

Paper 2 (Nagaraj et al., "Machine learning derived embeddings of bulk multi-omics data enable
clinically significant representations in a pan-cancer cohort"), section 3: HIPT embeds every region
of an H&E slide, a supervised model predicts each region's expression, and the mean over the regions
is the slide's imputed profile. No attention: each region counts the same. Bulk expression is known
for the whole slide only, so the error is taken after the mean. The paper says no more of the model.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.coembedding.loss_terms import huber_loss
from helpers.models.dropout import Dropout
from helpers.models.networks import dense_layers
from helpers.models.readout import read_in_parts


class RegionPredictor(nn.Module):
    """ŷ(slide) = mean over its regions of (B r + network(r)); Σ huber(y − ŷ), to be lowered.

    The linear map alone is linear regression on the slide's mean embedding, since the mean of a
    linear map is the map of the mean; the network adds what depends on single regions.

    Args:
        n_embedding: columns of a region's embedding (192 of HIPT), standardised.
        n_features: genes or microRNAs, standardised.
        n_hidden: widths of the network's ReLU layers.
        n_rank: dimensions through which both maps reach the features; genes go together, so a few
            dozen suffice and hold back overfitting.
        dropout: share of embedding columns and of hidden units dropped in training.
    """

    def __init__(
        self,
        n_embedding: int,
        n_features: int,
        *,
        n_hidden: Sequence[int],
        n_rank: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.drop = Dropout(dropout)
        self.network = dense_layers([n_embedding, *n_hidden], dropout)
        self.bend = nn.Linear(n_hidden[-1], n_rank)
        self.line = nn.Linear(n_embedding, n_rank, bias=False)
        self.output = nn.Linear(n_rank, n_features)

    def forward(self, regions: Float[Tensor, "region embedding"]) -> Float[Tensor, "region rank"]:
        """Each region's expression before the map to features."""
        seen = self.drop(regions)
        return self.line(seen) + self.bend(self.network(seen))

    def predict_slides(
        self,
        regions: Float[Tensor, "slide region embedding"],
        n_regions: Int[Tensor, " slide"],
    ) -> Float[Tensor, "slide feature"]:
        """Expression of each slide; regions beyond its number are padding and do not count."""
        is_region = torch.arange(regions.shape[1], device=regions.device) < n_regions[:, None]
        place = torch.nonzero(is_region.flatten()).squeeze(1)  # of each region, slides in a row
        # `index_select` copies rows: a third of the time of a mask or of `regions[place]`.
        hidden = self(regions.flatten(0, 1).index_select(0, place))  # region × rank
        slide = place // regions.shape[1]
        sums = hidden.new_zeros(len(regions), hidden.shape[1]).index_add(0, slide, hidden)
        return self.output(sums / n_regions[:, None])

    def loss_terms(
        self,
        regions: Float[Tensor, "slide region embedding"],
        n_regions: Int[Tensor, " slide"],
        y: Float[Tensor, "slide feature"],
    ) -> dict[str, Float[Tensor, ""]]:
        """Huber error of the slides' means, summed over features, averaged over slides."""
        return {"expression": huber_loss(self.predict_slides(regions, n_regions), y)}


def pad_regions(
    regions: Float[Tensor, "region embedding"],
    slide: Int[Tensor, " region"],
    n_slides: int,
    max_regions: int,
    seed: int,
) -> tuple[Float[Tensor, "slide region embedding"], Int[Tensor, " slide"]]:
    """Regions as one block for `fit`, slides first, and how many of each slide's places are real.

    `slide`: row of the slide of each region. Of a slide with more than `max_regions` regions that
    many are drawn at random, so that a few huge slides do not fill the memory.

    Raises:
        ValueError: a slide without regions, or a row of no slide; names the first.
    """
    regions, slide = torch.as_tensor(regions, dtype=torch.float32), torch.as_tensor(slide).long()
    _check_regions(regions, slide, n_slides, max_regions)
    shuffled = torch.randperm(len(slide), generator=torch.Generator().manual_seed(seed))
    order = shuffled[torch.argsort(slide[shuffled], stable=True)]
    count = torch.bincount(slide, minlength=n_slides)
    place = torch.arange(len(order)) - (count.cumsum(0) - count)[slide[order]]
    kept = order[place < max_regions]
    n_regions = count.clamp_max(max_regions)
    block = regions.new_zeros(n_slides, int(n_regions.max()), regions.shape[1])
    block[slide[kept], place[place < max_regions]] = regions[kept]
    return block, n_regions


def predicted_expression(model: nn.Module, regions, n_regions):
    """Expression of each slide as an array, slide × feature, of what `pad_regions` gives."""
    return read_in_parts(model.predict_slides, model, regions, n_regions).numpy()


def _check_regions(regions: Tensor, slide: Tensor, n_slides: int, max_regions: int) -> None:
    if max_regions < 1:
        raise ValueError(f"`max_regions` must be at least 1; got {max_regions}.")
    if len(regions) != len(slide):
        raise ValueError(
            f"`slide` must have one row per region: {len(regions)} regions, {len(slide)} rows."
        )
    if len(slide) and not 0 <= int(slide.min()) <= int(slide.max()) < n_slides:
        raise ValueError(
            f"`slide` must hold rows of {n_slides} slides; got {int(slide.min())} to "
            f"{int(slide.max())}."
        )
    empty = torch.nonzero(torch.bincount(slide, minlength=n_slides) == 0).squeeze(1).tolist()
    if empty:
        raise ValueError(
            f"every slide must have a region: {len(empty)} have none, the first in row {empty[0]}. "
            "Leave these slides out."
        )
