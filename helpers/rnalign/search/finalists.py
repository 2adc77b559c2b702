"""Methods with the settings that a search chose, by name: who meets on the test donors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from helpers.models.training import Training
from helpers.rnalign.argument_groups import (
    CellignerSettings,
    MoberSettings,
    Network,
    Regularisers,
    Settings,
    ablations,
)
from helpers.rnalign.search.candidates import Candidate
from helpers.rnalign.search.ideas import best_idea, with_ideas
from helpers.rnalign.search.rules import choose_draw

FEW = 20  # the paper's number of draws
UNTUNED = {
    "input": ("input", False),
    "mean shift": ("mean_shift", False),
    "mean shift per type": ("mean_shift", True),
    "mean shift per type, shrunken": ("shrunken_shift", True),
    "linear projection": ("linear_projection", False),
    "ComBat": ("combat", False),
    "ComBat told types": ("combat", True),
}
"""Finalist → method, and whether it is told the cancer type; nothing to choose, or (shrunken)
only how far."""
TUNED = {
    "RNAlign by loss of 20": ("rnalign", "loss", FEW),
    "RNAlign by loss": ("rnalign", "loss", None),
    "RNAlign by alignment of 20": ("rnalign", "alignment", FEW),
    "RNAlign by alignment": ("rnalign", "alignment", None),
    "RNAlign with residual": ("rnalign", "kept", None),
    "RNAlign untold": ("untold", "alignment", None),
    "RNAlign untold with residual": ("untold", "kept", None),
    "MOBER by loss": ("mober", "loss", None),
    "MOBER by alignment": ("mober", "alignment", None),
    "MOBER with residual": ("mober", "kept", None),
    "Celligner by alignment": ("celligner", "alignment", None),
}
"""Finalist → its search, the rule of choice, and how many draws (None: all)."""
PUBLISHED = ("MOBER as published", "Celligner as published")
FINALISTS = (*UNTUNED, *TUNED, *PUBLISHED)


@dataclass(frozen=True)
class Finalist:
    """A candidate and the share of the residual it gives back; None: validation donors say."""

    candidate: Candidate
    share: float | None = 0.0


@dataclass(frozen=True)
class Base:
    """What no draw varies: settings of RNAlign and MOBER, from which the drawn ones are made."""

    rnalign: Settings
    mober: MoberSettings


def finalist(name: str, searches: Mapping[str, pd.DataFrame], base: Base) -> Finalist:
    """The finalist `name` with the settings that its search chose.

    `searches`: "rnalign", "untold" (no cancer type told), "mober", "celligner" → table, a row a
    draw.

    Raises:
        ValueError: an unknown name, or its search is missing or has no finished draw.
    """
    if name in UNTUNED:
        method, told = UNTUNED[name]
        share = None if method == "shrunken_shift" else 0.0
        return Finalist(Candidate(method, told_types=told), share)
    if name == "Celligner as published":
        return Finalist(Candidate("celligner", celligner=CellignerSettings()))
    if name == "MOBER as published":
        return Finalist(Candidate("mober", mober=base.mober))
    if name not in FINALISTS:
        raise ValueError(f"`finalist` must be one of {'; '.join(FINALISTS)}: got {name!r}.")
    search, rule, n_draws = TUNED[name]
    if search not in searches:
        raise ValueError(f"{name} needs the search {search}; there are {', '.join(searches)}.")
    draw = choose_draw(searches[search], rule, n_draws)
    share = float(draw["kept.share"]) if rule == "kept" else 0.0
    if search == "mober":
        return Finalist(Candidate("mober", mober=mober_of(draw, base.mober)), share)
    if search == "celligner":
        return Finalist(Candidate("celligner", celligner=celligner_of(draw)))
    settings = (untold_of if search == "untold" else rnalign_of)(draw, base.rnalign)
    return Finalist(Candidate("rnalign", rnalign=settings), share)


def variant_of(
    chosen: Finalist, without: str = "", label_change: str = "both", idea: str = ""
) -> Finalist:
    """An RNAlign finalist without one part, decoded with other labels, or with ideas.

    `without`: "" (the whole model), or a key of `ablations` without its "rnalign_": no_grad,
    inert_grad, no_cor, no_purity, no_type, or no_encoder_labels, which hides the labels from the
    encoder. `label_change`: as `TrainedRNAlign.align`. `idea`: as `with_ideas`; validation donors
    then say which share of the residual it gives back.

    Raises:
        ValueError: an unknown part or idea, or a finalist that is no RNAlign and has none.
    """
    settings = chosen.candidate.rnalign
    parts = {} if settings is None else {
        name.removeprefix("rnalign_"): value for name, value in ablations(settings).items()
    }  # fmt: skip
    if settings is not None:
        network = replace(settings.network, encoder_sees_labels=False)
        parts |= {"": settings, "no_encoder_labels": replace(settings, network=network)}
    if without and without not in parts:
        raise ValueError(
            f"`without` must be empty or one of {', '.join(filter(None, parts))}; got {without!r}."
        )
    changed = replace(chosen.candidate, rnalign=parts.get(without), label_change=label_change)
    share = None if idea else chosen.share
    return Finalist(with_ideas(changed, idea), share)


def our_finalist(whole: Finalist, tried: pd.DataFrame) -> Finalist:
    """`whole` with the idea that validation donors chose of the published sweep `tried`.

    It gives back the share of the residual that they chose, the median over the sweep's runs.
    """
    name = best_idea(tried)
    share = float(tried.loc[tried["idea"] == name, "kept.share"].median())
    return Finalist(with_ideas(whole.candidate, name), share)


def rnalign_of(draw: pd.Series, base: Settings) -> Settings:
    """`base` with what the draw of a search varies."""
    width = base.network.n_hidden[0]
    network: Network = replace(
        base.network,
        n_hidden=(width,) * int(draw["n_layers"]),
        dropout=float(draw["dropout"]),
        noise_sd=float(draw["noise_sd"]),
        sampling_sd=float(draw["sampling_sd"]),
    )
    weights: Regularisers = replace(
        base.regularisers,
        kl_weight=float(draw["kl_weight"]),
        correlation_weight=float(draw["correlation_weight"]),
        gradient_weight=float(draw["gradient_weight"]),
    )
    purity = float(draw["purity_multiplier"])
    conditions = replace(base.conditions, purity_multiplier=purity)
    return Settings(network, conditions, weights, _training(draw, base.training))


def untold_of(draw: pd.Series, base: Settings) -> Settings:
    """As `rnalign_of`, not told cancer types."""
    settings = rnalign_of(draw, base)
    return replace(settings, conditions=replace(settings.conditions, types=()))


def mober_of(draw: pd.Series, base: MoberSettings) -> MoberSettings:
    """`base` with what the draw of a search varies."""
    return replace(
        base,
        n_hidden=(base.n_hidden[0],) * int(draw["n_layers"]),
        kl_weight=float(draw["kl_weight"]),
        adversary_weight=float(draw["adversary_weight"]),
        n_adversary_steps=int(draw["n_adversary_steps"]),
        training=_training(draw, base.training),
    )


def celligner_of(draw: pd.Series) -> CellignerSettings:
    """The draw of a search."""
    neighbours = int(draw["tumour_neighbours"]), int(draw["line_neighbours"])
    sizes = (int(draw[name]) for name in ("n_contrastive", "n_top_genes", "n_components"))
    n_contrastive, n_top_genes, n_components = sizes
    return CellignerSettings(n_contrastive, n_top_genes, neighbours, n_components)


def _training(draw: pd.Series, base: Training) -> Training:
    return replace(
        base,
        learning_rate=float(draw["learning_rate"]),
        weight_decay=float(draw["weight_decay"]),
        minibatch_size=int(draw["minibatch_size"]),
    )
