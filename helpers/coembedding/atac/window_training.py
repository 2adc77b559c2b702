"""Trains a window VAE on peaks that stay on disk, and reads its windows out in genomic order.

Windows are anything that can be iterated again and again, each time one pass over all peaks:
(window number, sample × peak) or, where a chromosome ends within a window, (window number,
sample × peak, is a peak). Only one window is in memory at a time, whatever their number. It knows
no model: anything with `n_peaks`, `loss_terms(x, is_peak)`, `encode` and `decode`.
"""

from collections.abc import Iterable, Iterator, Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from helpers.models.adam import FusedAdam
from helpers.models.checkpoints import copy_weights
from helpers.models.history import History
from helpers.models.losses import weighted_sum
from helpers.models.training import Terms, Training, check_terms, choose_device

Windows = Iterable[tuple]


def fit_window_vae(
    model: nn.Module,
    train: Windows,
    validation: Windows,
    *,
    weights: Mapping[str, float],
    training: Training,
    seed: int,
) -> History:
    """Train `model` in place; it ends in `eval()` with the weights of its best validation epoch.

    An epoch is one iteration of `train`: windows slide between passes if `train` lets them. Terms
    are nats per sample and window, averaged over windows. In paper 2 `training.patience` is 2.

    Raises:
        TrainingDiverged: a term is NaN or infinite; names the term and the epoch.
        ValueError: no window, a window wider than the model's, weights that are not its terms.
    """
    place = choose_device(training.device)
    model.to(place)
    optimizer = FusedAdam(model.parameters(), training.learning_rate)
    history, best = History(), copy_weights(model)
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(seed)
        for epoch in range(1, training.n_epochs + 1):
            seen = _train_pass(model, train, optimizer, weights, training.minibatch_size)
            held = _validation_pass(model, validation)
            history.add(epoch, _total(seen, weights, epoch), _total(held, weights, epoch))
            if history.is_best(epoch, history.rows[-1]["validation"]):
                best = copy_weights(model)
            elif training.patience and epoch - history.best_epoch >= training.patience:
                history.stopped = "early"
                break
    model.load_state_dict(best)
    model.eval()
    return history


@torch.no_grad()
def embed_windows(model: nn.Module, windows: Windows) -> Float[Tensor, "sample window latent"]:
    """E[z|window] of one pass, windows by their number; 512 numbers for 5,000 peaks stay in memory.

    Raises:
        ValueError: window numbers that are not 0, 1, … each once.
    """
    model.eval()
    latents = {}
    for number, x, _ in _on_device(model, windows):
        if int(number) in latents:
            raise ValueError(f"a pass must give each window once; window {int(number)} came twice.")
        latents[int(number)] = model.encode(x).mean.cpu()
    if sorted(latents) != list(range(len(latents))) or not latents:
        raise ValueError(f"windows must be numbered 0, 1, …; got {sorted(latents)[:5]} ….")
    return torch.stack([latents[number] for number in sorted(latents)], dim=1)


@torch.no_grad()
def decode_windows(
    model: nn.Module, latents: Float[Tensor, "sample window latent"]
) -> Iterator[Float[Tensor, "sample peak"]]:
    """The reconstructed peaks of one window after the other, in the unit of training.

    Windows keep their full width: peaks beyond a chromosome's end are for the caller to drop.
    """
    model.eval()
    place = next(model.parameters()).device
    for window in torch.as_tensor(latents, dtype=torch.float32).unbind(1):
        yield model.decode(window.to(place)).mean.cpu()


def _train_pass(
    model: nn.Module,
    windows: Windows,
    optimizer: torch.optim.Optimizer,
    weights: Mapping[str, float],
    minibatch_size: int,
) -> Terms:
    model.train()
    sums, n = {}, 0
    for _, x, is_peak in _on_device(model, windows):
        for rows in torch.randperm(len(x)).split(minibatch_size):
            if len(rows) == 1:  # BatchNorm has no variance of one sample
                continue
            terms = model.loss_terms(x[rows.to(x.device)], is_peak)
            optimizer.zero_grad()
            weighted_sum(terms, weights).backward()
            optimizer.step()
            _add(sums, terms, len(rows))
            n += len(rows)
    return _means(sums, n, "train")


@torch.no_grad()
def _validation_pass(model: nn.Module, windows: Windows) -> Terms:
    model.eval()
    sums, n = {}, 0
    for _, x, is_peak in _on_device(model, windows):
        _add(sums, model.loss_terms(x, is_peak), len(x))
        n += len(x)
    return _means(sums, n, "validation")


def _on_device(
    model: nn.Module, windows: Windows
) -> Iterator[tuple[int, Float[Tensor, "sample peak"], Bool[Tensor, " peak"] | None]]:
    """Windows at the model's width: a narrower one is filled up with zeros that are no peaks."""
    place = next(model.parameters()).device
    for number, x, *rest in windows:
        x = torch.as_tensor(x, dtype=torch.float32)
        is_peak = torch.as_tensor(rest[0], dtype=torch.bool) if rest else None
        missing = model.n_peaks - x.shape[1]
        if missing < 0:
            raise ValueError(
                f"a window must have at most `n_peaks` = {model.n_peaks} peaks; window {number} "
                f"has {x.shape[1]}. Make both the same."
            )
        if missing:
            is_real = torch.ones(x.shape[1], dtype=torch.bool) if is_peak is None else is_peak
            is_peak = torch.cat([is_real, torch.zeros(missing, dtype=torch.bool)])
            x = nn.functional.pad(x, (0, missing))
        yield number, x.to(place), None if is_peak is None else is_peak.to(place)


def _add(sums: dict[str, Tensor], terms: Mapping[str, Tensor], n: int) -> None:
    for name, term in terms.items():
        sums[name] = sums.get(name, 0.0) + term.detach() * n


def _means(sums: dict[str, Tensor], n: int, name: str) -> Terms:
    if n == 0:
        raise ValueError(
            f"`{name}` must give windows of at least 2 samples at every pass; it gave none. An "
            "iterator that ends after one pass will not do: give an object with `__iter__`."
        )
    return {term: float(total) / n for term, total in sums.items()}


def _total(terms: Terms, weights: Mapping[str, float], epoch: int) -> Terms:
    check_terms(terms, epoch)
    return terms | {"total": sum(weights[name] * value for name, value in terms.items())}
