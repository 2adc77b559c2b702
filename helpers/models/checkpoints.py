"""Save and take up training exactly where it stood: weights, optimiser, random state, history."""

from pathlib import Path

import torch
from torch import Tensor, nn

from helpers.files import write_whole
from helpers.models.history import History

Weights = dict[str, Tensor]
FORMAT = 1
"""Raised when what a checkpoint holds, or what is made of it, changes."""


def copy_weights(model: nn.Module) -> Weights:
    """A detached copy of the model's weights and buffers, on their device."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _random_state(device: torch.device) -> dict[str, Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def _set_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"].cpu())
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    history: History,
    best: Weights,
    device: torch.device,
) -> None:
    """Write everything beside `path`, then rename: a half-written file never counts."""
    state = {
        "format": FORMAT,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": history.state_dict(),
        "best": best,
        "random": _random_state(device),
    }
    write_whole(path, lambda part: torch.save(state, part))


def load_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device
) -> tuple[History, Weights]:
    """Put model, optimiser and random state back as they were; return history and best weights.

    Raises:
        ValueError: the file is not a checkpoint of this model.
    """
    kept = copy_weights(model)
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        if state.get("format") != FORMAT:
            raise ValueError(f"format {state.get('format')}, written by another version")
        model.load_state_dict(state["model"])
        model.load_state_dict(state["best"])  # both are of this model
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        _set_random_state(state["random"], device)
        return History(**state["history"]), state["best"]
    except Exception as error:  # torch raises half a dozen kinds for a damaged or foreign file
        model.load_state_dict(kept)
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"`checkpoint` must be a checkpoint of this model: {path} is not ({reason}). "
            "Delete the file to train from the start."
        ) from error
