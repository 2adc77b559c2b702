"""The other trainer: a model against its own discriminator, two optimisers in turns.

It knows neither the model nor its data. A model has `loss_terms(*minibatch)`; one with an adversary
also `discriminator`, the module that judges, and `discriminator_losses(*minibatch)`, which gives
the judge's loss again and again, each time on newly drawn latents without a gradient. Minibatches
are anything that can be iterated again and again, one pass each time.

Gradient reversal with one optimiser was tried (on MOBER): the judge falls behind, and the latents
keep what a fresh classifier reads.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from helpers.models.adam import FusedAdam
from helpers.models.history import History
from helpers.models.losses import weighted_sum
from helpers.models.training import Terms, Training, check_terms
from helpers.models.training_step import autocast

Minibatch = tuple[Tensor, ...]


class ShuffledMinibatches:
    """The rows of some tensors in a new random order at each pass, without a last one alone."""

    def __init__(self, data: Sequence[Tensor], minibatch_size: int) -> None:
        self.data, self.minibatch_size = tuple(data), minibatch_size

    def __iter__(self) -> Iterator[Minibatch]:
        """One pass."""
        first = self.data[0]
        for rows in torch.randperm(len(first)).to(first.device).split(self.minibatch_size):
            if len(rows) > 1:
                yield tuple(part.index_select(0, rows) for part in self.data)


class Turns:
    """The discriminator catches up, then the autoencoders take a step; neither moves the other.

    The autoencoders' learning rate falls to 0 along a cosine, so that training ends at rest and not
    in mid-swing. A model without a discriminator has the second kind of step only.
    """

    def __init__(self, model: nn.Module, weights: Mapping[str, float], training: Training) -> None:
        self.model, self.weights = model, weights
        discriminator = getattr(model, "discriminator", None)
        judging = list(discriminator.parameters()) if discriminator is not None else []
        judged_by = {id(weight) for weight in judging}
        self.trained = [weight for weight in model.parameters() if id(weight) not in judged_by]
        self.autocast = autocast(training.precision, self.trained[0].device)
        rate = training.learning_rate
        self.optimizer = FusedAdam(self.trained, rate, weight_decay=training.weight_decay)
        self.judge = FusedAdam(judging, rate) if judging else None
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            self.optimizer, training.n_epochs
        )

    def discriminator_steps(self, minibatch: Minibatch, n_steps: int) -> None:
        """Steps of the discriminator alone, down its cross-entropy; none without one."""
        if self.judge is None:
            return
        losses = self.model.discriminator_losses(*minibatch)
        for _ in range(n_steps):
            with self.autocast:
                loss = next(losses)
            self.judge.zero_grad()
            loss.backward()
            self.judge.step()

    def autoencoder_step(self, minibatch: Minibatch) -> dict[str, Tensor]:
        """One step of encoders and decoders alone; the unweighted terms before it, detached."""
        with self.autocast:
            terms = self.model.loss_terms(*minibatch)
        self.optimizer.zero_grad()
        # `inputs`: no gradient for the discriminator, which has no step here.
        weighted_sum(terms, self.weights).backward(inputs=self.trained)
        self.optimizer.step()
        return {name: term.detach() for name, term in terms.items()}

    def epoch(self, minibatches: Iterable[Minibatch], n_discriminator_steps: int) -> Terms:
        """One pass; the terms averaged over samples."""
        self.model.train()
        names: tuple[str, ...] = ()
        sizes, values = [], []
        for minibatch in minibatches:
            self.discriminator_steps(minibatch, n_discriminator_steps)
            terms = self.autoencoder_step(minibatch)
            names = tuple(terms)
            sizes.append(len(minibatch[0]))
            values.append(torch.stack(list(terms.values())))  # on the device: no wait per step
        self.schedule.step()
        sums = dict.fromkeys(names, 0.0)
        for size, row in zip(sizes, torch.stack(values).tolist(), strict=True):
            for name, value in zip(names, row, strict=True):
                sums[name] += value * size
        return {name: total / sum(sizes) for name, total in sums.items()}


def train_in_turns(
    model: nn.Module,
    minibatches: Iterable[Minibatch],
    *,
    weights: Mapping[str, float],
    training: Training,
    seed: int | None,
    n_discriminator_steps: int = 1,
) -> History:
    """Train `model` in place; it ends in `eval()` with the weights of its last epoch.

    Its lowest loss would be that of an epoch in which the discriminator is weak, so no epoch counts
    as best, whatever `training` says of `keep` and `patience`; the history has no validation column
    (NaN). `n_discriminator_steps`: of the discriminator for each of the autoencoders. `seed`: of
    random numbers of its own; None draws on from torch's, for who seeded them to make the model.

    Raises:
        TrainingDiverged: a term is NaN or infinite; names the term and the epoch.
        ValueError: weights that are not the model's terms, or what `minibatches` raise.
    """
    history = History()
    with _random_numbers(seed, next(model.parameters()).device):
        turns = Turns(model, weights, training)
        for epoch in range(1, training.n_epochs + 1):
            terms = turns.epoch(minibatches, n_discriminator_steps)
            check_terms(terms, epoch)
            total = {"total": sum(weights[name] * value for name, value in terms.items())}
            history.add(epoch, terms | total, dict.fromkeys([*terms, "total"], math.nan))
            history.best_epoch = epoch
    model.eval()
    return history


@contextmanager
def _random_numbers(seed: int | None, place: torch.device) -> Iterator[None]:
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
