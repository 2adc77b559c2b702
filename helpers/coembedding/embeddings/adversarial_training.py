"""Trains a co-embedding on two sets of samples: matched minibatches, two optimisers in turns.

An epoch is one pass over the ATAC samples, the smaller modality; each takes one of its matching RNA
samples at random, so that both halves of a minibatch hold the same types in the same shares
(else a discriminator would tell modalities by their types) and every RNA sample has its turn. It
knows no model: anything with `loss_terms`, and `discriminator_loss` if it has a `discriminator`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.models.history import History
from helpers.models.losses import weighted_sum
from helpers.models.training import TrainingDiverged

Terms = dict[str, float]
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


def two_modalities(
    rna: Rows,
    atac: Rows,
    rna_labels: Sequence[str],
    atac_labels: Sequence[str],
    matches: Rows | None = None,
    pairs: Rows | None = None,
) -> TwoModalities:
    """Checked tensors of sample × feature arrays, labels as numbers in alphabetical order.

    Without `matches`, every two samples of one label match.

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
        drawn = (torch.rand(n, device=data.atac.device) * self.n_candidates).long()
        match = self.candidates[self.first + torch.minimum(drawn, self.n_candidates - 1)]
        for rows in torch.randperm(n).to(data.atac.device).split(self.minibatch_size):
            if len(rows) > 1:
                yield self._minibatch(rows, match[rows])

    def _minibatch(self, rows: Tensor, match: Tensor) -> tuple[Tensor, ...]:
        data, pair = self.data, self.data.pair[rows]
        return (
            data.rna[match],
            data.atac[rows],
            data.rna_label[match],
            data.atac_label[rows],
            data.rna[pair.clamp_min(0)],
            pair >= 0,
        )


class Turns:
    """The discriminator catches up, then the autoencoders take a step; neither moves the other.

    The autoencoders' learning rate falls to 0 along a cosine, so that training ends at rest and not
    in mid-swing. A model without a discriminator has the second kind of step only.
    """

    def __init__(
        self,
        model: nn.Module,
        weights: Mapping[str, float],
        n_epochs: int,
        learning_rate: float,
        weight_decay: float = 0.0,
    ) -> None:
        self.model, self.weights = model, weights
        discriminator = getattr(model, "discriminator", None)
        judging = list(discriminator.parameters()) if discriminator is not None else []
        known = {id(weight) for weight in judging}
        self.trained = [weight for weight in model.parameters() if id(weight) not in known]
        self.optimizer = torch.optim.Adam(
            self.trained, learning_rate, weight_decay=weight_decay, fused=True
        )
        self.judge = torch.optim.Adam(judging, learning_rate, fused=True) if judging else None
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, n_epochs)

    def discriminator_step(self, minibatch: tuple[Tensor, ...]) -> None:
        """One step of the discriminator alone, down its cross-entropy."""
        self.judge.zero_grad()
        self.model.discriminator_loss(*minibatch).backward()
        self.judge.step()

    def autoencoder_step(self, minibatch: tuple[Tensor, ...]) -> Terms:
        """One step of encoders and decoders alone; the unweighted terms before it."""
        terms = self.model.loss_terms(*minibatch)
        self.optimizer.zero_grad()
        weighted_sum(terms, self.weights).backward(inputs=self.trained)
        self.optimizer.step()
        return {name: float(term.detach()) for name, term in terms.items()}

    def epoch(self, minibatches: MatchedMinibatches, n_discriminator_steps: int) -> Terms:
        """One pass; the terms averaged over samples."""
        self.model.train()
        sums: Terms = {}
        n = 0
        for minibatch in minibatches:
            for _ in range(n_discriminator_steps if self.judge else 0):
                self.discriminator_step(minibatch)
            size = len(minibatch[0])
            n += size
            for name, value in self.autoencoder_step(minibatch).items():
                sums[name] = sums.get(name, 0.0) + value * size
        self.schedule.step()
        return {name: total / n for name, total in sums.items()}


def train_in_turns(
    model: nn.Module,
    data: TwoModalities,
    *,
    weights: Mapping[str, float],
    n_epochs: int,
    minibatch_size: int,
    learning_rate: float,
    seed: int,
    weight_decay: float = 0.0,
    n_discriminator_steps: int = 1,
) -> History:
    """Train `model` in place; it ends in `eval()` with the weights of its last epoch.

    Its lowest loss would be that of an epoch in which the discriminator is weak, so no epoch counts
    as best; the history has no validation column (NaN).

    Raises:
        TrainingDiverged: a term is NaN or infinite; names the term and the epoch.
        ValueError: see `MatchedMinibatches`; weights that are not the model's terms.
    """
    place = data.atac.device
    history = History()
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(seed)
        minibatches = MatchedMinibatches(data, minibatch_size)
        turns = Turns(model, weights, n_epochs, learning_rate, weight_decay)
        for epoch in range(1, n_epochs + 1):
            terms = turns.epoch(minibatches, n_discriminator_steps)
            _check_finite(terms, epoch)
            total = {"total": sum(weights[name] * value for name, value in terms.items())}
            history.add(epoch, terms | total, dict.fromkeys([*terms, "total"], math.nan))
            history.best_epoch = epoch
    model.eval()
    return history


def _check_finite(terms: Terms, epoch: int) -> None:
    for name, value in terms.items():
        if not math.isfinite(value):
            raise TrainingDiverged(
                f"loss term `{name}` became {value} in epoch {epoch}. Lower `learning_rate` or a "
                "weight, or look for NaN or unscaled values in the data."
            )
