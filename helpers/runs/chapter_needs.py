"""What a run asks of its machine and its data, answered before anything starts.

A chapter says what it needs in the module `needs` of its room: NEEDS names the parameters that it
looks at, `check_needs` takes their values and refuses what the chapter could not use, by the very
functions that choose its samples. Values on their own are `parameters`' business. A module may also
have `implied`, which takes them too and returns those that follow from others, `offered`, which
takes a cohort and returns what to try of it where nothing was asked for, and `USES`: analysis → the
optional columns of obs without which it is left out.
"""

import importlib
import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any


def is_cohort(parameter: str) -> bool:
    """Whether a parameter of that name is given a cohort."""
    return parameter == "cohort" or parameter.endswith("_cohort")


def check_device(device: str) -> None:
    """Return if this machine has `device`.

    Raises:
        ValueError: it has not; names those that it has.
    """
    if device in ("auto", "cpu"):
        return
    import torch

    n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    there = [f"cuda:{number}" for number in range(n_gpus)]
    there += ["cuda"] if n_gpus else []
    there += ["mps"] if torch.backends.mps.is_available() else []
    if device not in there:
        raise ValueError(
            f"`device` must be one that this machine has: got {device!r}, and it has "
            f"{', '.join(['cpu', *there])}. Leave `device` out to take the fastest"
        )


def check_data(
    notebook: Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    *,
    builds: bool = False,
) -> None:
    """Return if the cohorts of a run are what its chapter needs; notebooks that say none need none.

    Registered cohorts that are not in the cache are not looked at, unless `builds`: then they are
    put there, as the run would. `inputs`: sha256 of the run's files, so that one that changed is
    looked at again.

    Raises:
        ValueError: one line that names rule, value and fix.
        DataUnavailable, CorruptDownload: a cohort's files cannot be had; with `builds` only.
    """
    chapter = _needs_of(notebook)
    if chapter is None or not set(chapter.NEEDS) <= set(parameters):
        return
    given = {name: parameters[name] for name in chapter.NEEDS}
    tiers = [_tier(value) for name, value in given.items() if is_cohort(name) and value]
    if not builds and "not at hand" in tiers:
        return
    if "demo" not in tiers and "seed" in given:
        given["seed"] = 0  # which decides what is simulated, and nothing else here
    _check_once(chapter.__name__, tuple(given.items()), tuple(sorted(inputs.items())))


def implied_parameters(notebook: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Values of parameters that follow from others by what the notebook's chapter says.

    Raises:
        ValueError: a file that is asked for it cannot be read.
    """
    chapter = _needs_of(notebook)
    if not hasattr(chapter, "implied") or not set(chapter.NEEDS) <= set(parameters):
        return {}
    return chapter.implied({name: parameters[name] for name in chapter.NEEDS})


def offered_parameters(notebook: Path, cohort: Any) -> dict[str, Any]:
    """Parameters to try of a cohort (AnnData) that the notebook's chapter cannot take as it is."""
    offered = getattr(_needs_of(notebook), "offered", None)
    return offered(cohort) if offered else {}


def unseen_cohorts(notebook: Path, parameters: Mapping[str, Any]) -> list[str]:
    """Registered cohorts that the chapter would look at and that are not in the cache yet."""
    needs = getattr(_needs_of(notebook), "NEEDS", ())
    named = {parameters[name] for name in needs if is_cohort(name) and parameters.get(name)}
    return sorted(name for name in named if _tier(name) == "not at hand")


def chapter_uses(notebook: Path) -> Mapping[str, tuple[str, ...]]:
    """Analysis → the optional columns of obs without which the notebook leaves it out."""
    return getattr(_needs_of(notebook), "USES", {})


@lru_cache(maxsize=256)  # a sweep asks the same of the same data for many of its runs
def _check_once(chapter: str, given: tuple, inputs: tuple) -> None:
    importlib.import_module(chapter).check_needs(dict(given))


def _needs_of(notebook: Path) -> ModuleType | None:
    """The module `needs` of the notebook's room, which bears its name without the number."""
    room = notebook.stem.partition("_")[2]
    if not room.isidentifier() or importlib.util.find_spec(f"helpers.{room}") is None:
        return None
    name = f"helpers.{room}.needs"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _tier(cohort: str) -> str:
    """One of demo, file, at hand, and not at hand: a registered cohort not in the cache yet."""
    from helpers.cohorts.registry import COHORTS

    if cohort not in COHORTS:
        return "file"
    spec = COHORTS[cohort]
    if spec.tier == "demo":
        return "demo"
    return "at hand" if spec.is_at_hand() else "not at hand"
