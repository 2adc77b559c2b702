"""The one trainer: epochs, history, early stopping, checkpoints and progress; it knows no model.

A model is anything with `loss_terms(*tensors) -> {name: nats per sample}`. Data are tensors that
live on the device and are indexed by a permutation, which on two CPU cores is as fast as a
DataLoader and on a GPU far faster, or a `RowSource` on disk; the optimiser is Adam with fused
kernels. What happens in one step, and how a GPU repeats it without starting every kernel, is in
`training_step`.
"""

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers.models.adam import FusedAdam
from helpers.models.checkpoints import copy_weights, load_checkpoint, save_checkpoint
from helpers.models.history import History
from helpers.models.row_source import Data, Rows, RowsInMemory, RowSource, as_rows
from helpers.models.schedules import Weight
from helpers.models.training_step import autocast, check_precision, new_step, suited_threads

Terms = dict[str, float]


class TrainingDiverged(ArithmeticError):
    """A loss term became NaN or infinite; the model holds the best weights seen before that."""


def check_terms(terms: Terms, epoch: int) -> None:
    """Return if every loss term is finite.

    Raises:
        TrainingDiverged: names the first term that is not, and the epoch.
    """
    for name, value in terms.items():
        if not math.isfinite(value):
            raise TrainingDiverged(
                f"loss term `{name}` became {value} in epoch {epoch}. Lower `learning_rate` or a "
                "weight, or look for NaN or unscaled values in the data."
            )


def choose_device(device: str = "auto") -> torch.device:
    """`auto`: CUDA where there is one, then Apple's MPS, then the CPU; else what is asked for."""
    if device != "auto":
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@dataclass(frozen=True)
class Training:
    """How long and how fast a model is trained; made in one visible call and handed on.

    n_epochs: passes over the training rows, at most.
    minibatch_size: rows a step.
    learning_rate: of Adam; divided by ten after each epoch of `learning_rate_drops`.
    weight_decay: of Adam.
    patience: epochs without improvement that end training; None never ends it early.
    keep: "best" keeps the weights of the best validation epoch, "last" those of the last one, for
        objectives whose lowest value is not the best model (an adversary, a term to be maximised).
    device: "auto", "cpu", "cuda" or "mps".
    checkpoint_every: epochs between two checkpoints, where `fit` is given a place for them.
    precision: "float32", or "bfloat16", in which matrices are multiplied in training then. Weights,
        optimiser, sums and all that is done in `eval()`, validation too, stay in float32.
    """

    n_epochs: int
    minibatch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    learning_rate_drops: tuple[int, ...] = ()
    patience: int | None = None
    keep: str = "best"
    device: str = "auto"
    checkpoint_every: int = 10
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Refuse a `keep` or a `precision` that is neither."""
        check_precision(self.precision)
        if self.keep not in ("best", "last"):
            raise ValueError(f'`keep` must be "best" or "last"; got {self.keep!r}.')


def fit(
    model: nn.Module,
    train: Data,
    validation: Data | None,
    *,
    weights: Mapping[str, Weight],
    training: Training,
    seed: int,
    checkpoint: Path | str | None = None,
    capture: str = "off",
) -> History:
    """Train `model` in place; it ends in `eval()` with the weights of its best validation epoch.

    With `training.keep` "last" it has those of the last epoch instead; `patience` then has no say.
    The objective is Σ weight · term. Epochs are compared at the weights of the last epoch, and none
    counts as best before those are reached, so a warm-up cannot pass for progress. `patience`
    epochs without improvement stop training; so does Ctrl-C, which keeps the best so far.

    Args:
        model: has `loss_terms(*tensors) -> {name: nats per sample}`. Its `after_epoch(*train) ->
            {name: value}`, if it has one, is called once an epoch, in `train()` before the
            validation rows are looked at; it may change the model, and its values go to
            `History.measures`.
        train: tensors of one length, a row a sample; or a `RowSource` of more than memory holds.
        validation: the same of held-out samples; with `keep` "last" it may be None, which makes its
            history NaN.
        weights: of every term; one may be a function of the epoch (from 1).
        training: how long and how fast, and which epoch is kept.
        seed: of the order of rows and of what the model draws.
        checkpoint: a file that is written now and then. An existing one is taken up where it stood:
            the result equals an uninterrupted run exactly, on one device.
        capture: "auto" records the step as one CUDA graph where there is CUDA, for models whose
            `loss_terms` does the same at every step, and changes nothing elsewhere. It is "off"
            unless asked for, as it has not been run on a GPU: a wrong recording would be silent.

    Raises:
        TrainingDiverged: a term is NaN or infinite; names the term and the epoch.
        ValueError: no rows, parts of unequal length, weights that are not the model's terms, or a
            `RowSource` for a model with `after_epoch` or a recorded step.
    """
    if validation is None and training.keep == "best":
        raise ValueError('without `validation` no epoch is best: give it, or say `keep="last"`.')
    if isinstance(train, RowSource) and (capture != "off" or hasattr(model, "after_epoch")):
        raise ValueError(
            "`train` must be tensors for a model with `after_epoch`, which sees all rows at once, "
            'and for a recorded step; this is a source on disk. Say `capture="off"`.'
        )
    place = choose_device(training.device)
    trainer = Trainer(
        model.to(place),
        as_rows(train, "train", place),
        None if validation is None else as_rows(validation, "validation", place),
        weights=weights,
        training=training,
        capture=capture,
    )
    own_random_numbers = torch.random.fork_rng([place] if place.type == "cuda" else [])
    with own_random_numbers, suited_threads(model, training.minibatch_size, place):
        torch.manual_seed(seed)
        trainer.run(checkpoint and Path(checkpoint))
    return trainer.history


class Trainer:
    """State of one training run: model, optimiser, history and the best weights so far."""

    def __init__(
        self,
        model: nn.Module,
        train: Rows | tuple[Tensor, ...],
        validation: Rows | tuple[Tensor, ...] | None,
        *,
        weights: Mapping[str, Weight],
        training: Training,
        capture: str = "off",
    ) -> None:
        self.model, self.train, self.validation = model, _rows(train), None
        if validation is not None:
            self.validation = _rows(validation)
        self.weights, self.training, self.n_epochs = weights, training, training.n_epochs
        self.optimizer = FusedAdam(
            model.parameters(), training.learning_rate, weight_decay=training.weight_decay
        )
        self.device, size = self.train.device, training.minibatch_size
        self.step = new_step(model, self.optimizer, self.train.example, size, capture)
        self.step.autocast = autocast(training.precision, self.device)
        self.history, self.best = History(), copy_weights(model)
        self.final = self.weights_at(self.n_epochs)
        # The first epoch with the final weights: nothing before it can be best.
        epochs = range(1, self.n_epochs + 1)
        self.warm_epoch = next(
            (epoch for epoch in epochs if self.weights_at(epoch) == self.final), self.n_epochs
        )

    def weights_at(self, epoch: int) -> dict[str, float]:
        """Every term's weight in `epoch`."""
        return {
            name: float(weight(epoch) if callable(weight) else weight)
            for name, weight in self.weights.items()
        }

    def run(self, checkpoint: Path | None = None) -> None:
        """All epochs that are left; the model then holds its best weights."""
        if checkpoint is not None and checkpoint.exists():
            self.history, self.best = load_checkpoint(
                checkpoint, self.model, self.optimizer, self.device
            )
        try:
            for epoch in range(self.history.n_epochs + 1, self.n_epochs + 1):
                if self._is_stuck(epoch):
                    self.history.stopped = "early"
                    break
                self.run_epoch(epoch)
                if checkpoint is not None and epoch % self.training.checkpoint_every == 0:
                    self.save(checkpoint)
        except KeyboardInterrupt:
            self.history.stopped = "interrupted"
        except TrainingDiverged:
            self.model.load_state_dict(self.best)
            raise
        finally:
            _end_progress()
            self.model.eval()
        if self.history.best_epoch:
            self.model.load_state_dict(self.best)

    def _is_stuck(self, epoch: int) -> bool:
        patience = self.training.patience
        if self.training.keep == "last" or patience is None:
            return False
        return epoch - 1 - max(self.history.best_epoch, self.warm_epoch) >= patience

    def save(self, path: Path) -> None:
        """Write a checkpoint of everything."""
        save_checkpoint(path, self.model, self.optimizer, self.history, self.best, self.device)

    def run_epoch(self, epoch: int) -> None:
        """One pass over the training rows, one look at the validation rows."""
        now = self.weights_at(epoch)
        drops = sum(epoch > drop for drop in self.training.learning_rate_drops)
        self.step.start_epoch(now, self.training.learning_rate / 10**drops)
        train = self._with_total(self._train_pass(), epoch)
        if hasattr(self.model, "after_epoch"):
            self.history.add_measures(epoch, self.model.after_epoch(*self.train.parts))
        if self.validation is None:
            validation = dict.fromkeys(train, math.nan)
        else:
            validation = self._with_total(self._validation_pass(), epoch)
        self.history.add(epoch, train, validation)
        is_best = now == self.final and self.history.is_best(epoch, validation["total"])
        if self.training.keep == "last":
            self.history.best_epoch = epoch
        if is_best or self.training.keep == "last":
            self.best = copy_weights(self.model)
        shown = train if self.validation is None else validation
        _show_progress(epoch, self.n_epochs, shown["total"])

    def _train_pass(self) -> Terms:
        self.model.train()
        sums = torch.zeros((), device=self.device)  # they stay on the device: no wait per step
        for parts, rows in self.train.minibatches(self.training.minibatch_size):
            self.step.data = parts
            sums = sums + self.step(rows) * len(rows)
        values = (total / len(self.train) for total in sums.tolist())
        return dict(zip(self.step.names, values, strict=True))

    @torch.no_grad()
    def _validation_pass(self) -> Terms:
        self.model.eval()
        sums: Terms = {}
        for parts in self.validation.in_order():
            for name, term in self.model.loss_terms(*parts).items():
                sums[name] = sums.get(name, 0.0) + float(term) * len(parts[0])
        return {name: total / len(self.validation) for name, total in sums.items()}

    def _with_total(self, terms: Terms, epoch: int) -> Terms:
        check_terms(terms, epoch)
        return terms | {"total": sum(self.final[name] * terms[name] for name in self.final)}


def _rows(data: Rows | tuple[Tensor, ...]) -> Rows:
    return data if isinstance(data, Rows) else RowsInMemory(data)


def _is_watched() -> bool:
    """Somebody is looking: a terminal, or a kernel of a Jupyter server (papermill's is not one)."""
    return sys.stdout.isatty() or "JPY_SESSION_NAME" in os.environ


def _show_progress(epoch: int, n_epochs: int, total: float) -> None:
    if _is_watched():
        done = round(30 * epoch / n_epochs)
        bar = f"[{'█' * done}{'·' * (30 - done)}] epoch {epoch}/{n_epochs}"
        print(f"\r{bar} · objective {total:.2f} nats", end="", flush=True)


def _end_progress() -> None:
    if _is_watched():
        print()
