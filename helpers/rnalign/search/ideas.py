"""Ideas for a better RNAlign: each makes another candidate of a chosen one.

None is in paper 4. `published likelihood` is what the authors' code does where their text says
something else; the others are this project's.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from helpers.rnalign.argument_groups import Settings
from helpers.rnalign.search.candidates import Candidate
from helpers.rnalign.search.rules import RULES

OURS = "RNAlign, ours"
PUBLISHED_LATENT = 128  # dimensions in the authors' code, at least


def _network(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, network=replace(settings.network, **changes))


def _no_purity(settings: Settings) -> Settings:
    return replace(settings, conditions=replace(settings.conditions, with_purity=False))


def _published_likelihood(settings: Settings) -> Settings:
    one_ramp = replace(settings.regularisers, n_cycles=1)
    settings = replace(settings, regularisers=one_ramp)
    return _network(settings, likelihood="learnt", n_latent=PUBLISHED_LATENT)


MODELS: Mapping[str, Callable[[Settings], Settings]] = {
    "as it is": lambda settings: settings,
    "no purity": _no_purity,
    "unbiased correlation": lambda settings: _network(settings, correlation="unbiased"),
    "bounded gradient": lambda settings: _network(settings, gradient="log_norm"),
    "published likelihood": _published_likelihood,
}
"""Idea → other settings of the model; "as it is" is what the others are held against."""
AROUND: Mapping[str, Mapping[str, bool]] = {
    "shift first": {"shift_first": True},
    "variance kept": {"keeps_spread": True},
}
"""Idea → what is done around the model, as fields of `Candidate`."""
IDEAS = (*MODELS, *AROUND)


def with_ideas(candidate: Candidate, names: str) -> Candidate:
    """An RNAlign with the ideas `names`, separated by " + "; "" leaves it as it is.

    Raises:
        ValueError: an idea that is not in IDEAS, or a candidate that is no RNAlign.
    """
    for name in filter(None, names.split(" + ")):
        if name not in IDEAS:
            known = ", ".join(IDEAS)
            raise ValueError(
                f'`idea` must be empty or some of {known}, joined by " + "; got {name!r}.'
            )
        if candidate.method != "rnalign" or candidate.rnalign is None:
            raise ValueError(f"`idea` {name!r} changes RNAlign; the method is {candidate.method}.")
        if name in MODELS:
            candidate = replace(candidate, rnalign=MODELS[name](candidate.rnalign))
        else:
            candidate = replace(candidate, **AROUND[name])
    return candidate


def best_idea(tried: pd.DataFrame) -> str:
    """The idea whose mean misalignment of validation donors is lowest, over its seeds.

    `tried`: the published sweep of ideas, with the columns idea and validation_kept.misalignment.
    """
    return str(tried.groupby("idea")[RULES["kept"]].mean().idxmin())


def with_ours(finalists: pd.DataFrame, tried: pd.DataFrame) -> pd.DataFrame:
    """The finalists' runs and those of the idea that validation donors chose, labelled as ours.

    Both are published sweeps of one notebook: the same donors, genes, seeds and metrics.
    """
    ours = tried[tried["idea"] == best_idea(tried)].assign(label=OURS)
    return pd.concat([finalists, ours], ignore_index=True)
