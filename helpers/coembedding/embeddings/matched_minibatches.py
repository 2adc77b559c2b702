"""Training samples of two modalities, and the matched minibatches they are trained in.

An epoch is one pass over the ATAC samples, the smaller modality; each takes one of its matching RNA
samples at random, so that both halves of a minibatch hold the same types in the same shares
(else a discriminator would tell modalities by their types) and every RNA sample has its turn.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

Rows = Tensor | Sequence  # or an array: whatever becomes a tensor


class TwoModalities(NamedTuple):
    """Training samples of both modalities and what links them, on the device.

    `matches` are (ATAC row, RNA row), any number an ATAC row; `pair` is the RNA row of the ATAC
    row's own patient, −1 where there is none or none is to be seen.
    """

    rna: Float[Tensor, "rna rna_feature"]
    atac: Float[Tensor, "atac atac_feature"]
    rna_label: Int[Tensor, " rna"]
    atac_label: Int[Tensor, " atac"]
    matches: Int[Tensor, "match 2"]
    pair: Int[Tensor, " atac"]

    @property
    def n_labels(self) -> int:
        """Cancer types of both modalities together."""
        return 1 + int(max(self.rna_label.max(), self.atac_label.max()))

    def on(self, device: torch.device) -> "TwoModalities":
        """The same on another device."""
        return TwoModalities(*(part.to(device) for part in self))


def two_modalities(
    rna: Rows,
    atac: Rows,
    rna_labels: Sequence[str],
    atac_labels: Sequence[str],
    matches: Rows | None = None,
    pairs: Rows | None = None,
) -> TwoModalities:
    """Checked tensors of sample × feature arrays, labels as numbers in alphabetical order.

    rna, atac: sample × feature. rna_labels, atac_labels: cancer type of each sample. matches: (ATAC
    row, RNA row), without them every two samples of one label. pairs: (ATAC row, RNA row) of one
    patient; without them no term knows who is whose.

    Raises:
        ValueError: NaN, labels of another length, links out of range, or an ATAC row paired twice.
    """
    rna, atac = _samples(rna, rna_labels, "rna"), _samples(atac, atac_labels, "atac")
    names = sorted({*map(str, rna_labels), *map(str, atac_labels)})
    code = {name: number for number, name in enumerate(names)}
    rna_label = torch.tensor([code[str(name)] for name in rna_labels])
    atac_label = torch.tensor([code[str(name)] for name in atac_labels])
    if matches is None:
        table = torch.nonzero(atac_label[:, None] == rna_label[None, :])
    else:
        table = _links(matches, "matches", atac, rna)
    pair = torch.full((len(atac),), -1)
    if pairs is not None:
        own = _links(pairs, "pairs", atac, rna)
        if len(own[:, 0].unique()) < len(own):
            raise ValueError("`pairs` must name each ATAC row once at most; one comes twice.")
        pair[own[:, 0]] = own[:, 1]
    return TwoModalities(rna, atac, rna_label, atac_label, table, pair)


def _samples(rows: Rows, labels: Sequence[str], name: str) -> Tensor:
    x = torch.as_tensor(rows, dtype=torch.float32)
    if x.ndim != 2 or len(x) != len(labels):
        raise ValueError(
            f"`{name}_labels` must have one entry per sample: `{name}` has shape {tuple(x.shape)}, "
            f"the labels {len(labels)} entries. Give sample × feature and its own labels."
        )
    if not torch.isfinite(x).all():
        raise ValueError(
            f"`{name}` must hold numbers only; it has NaN or infinite values. Rows without this "
            "modality are to be left out."
        )
    return x


def _links(links: Rows, name: str, atac: Tensor, rna: Tensor) -> Tensor:
    table = torch.as_tensor(links, dtype=torch.long).reshape(-1, 2)
    limits = torch.tensor([len(atac), len(rna)])
    if len(table) and ((table < 0) | (table >= limits)).any():
        raise ValueError(
            f"`{name}` must hold (ATAC row, RNA row) within {len(atac)} and {len(rna)} rows; got "
            f"{table.min(0).values.tolist()} to {table.max(0).values.tolist()}."
        )
    return table


class MatchedMinibatches:
    """Minibatches of ATAC rows in random order with a random RNA match each.

    Raises:
        ValueError: a modality without samples, or an ATAC sample without a match.
    """

    def __init__(self, data: TwoModalities, minibatch_size: int) -> None:
        for name, rows in (("rna", data.rna), ("atac", data.atac)):
            if len(rows) < 2:
                raise ValueError(f"`{name}` must have at least 2 samples; it has {len(rows)}.")
        self.data, self.minibatch_size = data, minibatch_size
        # Matches grouped by ATAC row: those of row i are candidates[first[i] : first[i] + n[i]].
        order = torch.argsort(data.matches[:, 0], stable=True)
        self.candidates = data.matches[order, 1]
        self.n_candidates = torch.bincount(data.matches[:, 0], minlength=len(data.atac))
        self.first = self.n_candidates.cumsum(0) - self.n_candidates
        lonely = torch.nonzero(self.n_candidates == 0).squeeze(1).tolist()
        if lonely:
            raise ValueError(
                f"every ATAC sample must have a matching RNA sample: {len(lonely)} have none, the "
                f"first in row {lonely[0]}. Relax the matching, or leave these samples out."
            )

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Tuples as `loss_terms` takes them; a last minibatch of one row is left out."""
        data, n = self.data, len(self.data.atac)
        # A uniform number in [0, n_candidates) picks each row's match of this epoch.
        drawn = (torch.rand(n, device=data.atac.device) * self.n_candidates).long()
        match = self.candidates[self.first + torch.minimum(drawn, self.n_candidates - 1)]
        for rows in torch.randperm(n).to(data.atac.device).split(self.minibatch_size):
            if len(rows) > 1:
                yield self._minibatch(rows, match[rows])

    def _minibatch(self, rows: Tensor, match: Tensor) -> tuple[Tensor, ...]:
        data, pair = self.data, self.data.pair[rows]
        # `index_select` copies rows in a third of the time that `data.rna[match]` takes.
        return (
            data.rna.index_select(0, match),
            data.atac.index_select(0, rows),
            data.rna_label[match],
            data.atac_label[rows],
            data.rna.index_select(0, pair.clamp_min(0)),
            pair >= 0,
        )
