"""Methods with settings of their choice, fitted to some samples and asked about others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from helpers.rnalign.argument_groups import CellignerSettings, MoberSettings, Settings
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.model import fit_rnalign, term_weights
from helpers.rnalign.rivals.celligner import celligner
from helpers.rnalign.rivals.combat import combat
from helpers.rnalign.rivals.linear_projection import LinearProjection
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.rivals.mober import decode_as, fit_mober, mober_loss
from helpers.rnalign.search.residual import Decoded
from helpers.rnalign.search.spread import Spread

METHODS = (
    "rnalign", "mober", "celligner", "combat", "linear_projection", "mean_shift", "shrunken_shift",
    "input",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """One method and how it is made; settings of other methods are not looked at.

    method: one of METHODS. told_types: whether ComBat and the mean shift are told the cancer type.
    label_change: labels that RNAlign changes to align, as `TrainedRNAlign.align`. shift_first:
    RNAlign gets samples after a mean shift per type. keeps_spread: what it decodes is spread around
    its type's mean, gene by gene, until training samples of a type vary as much as they came.
    """

    method: str
    rnalign: Settings | None = None
    mober: MoberSettings | None = None
    celligner: CellignerSettings | None = None
    told_types: bool = False
    label_change: str = "both"
    shift_first: bool = False
    keeps_spread: bool = False

    def __post_init__(self) -> None:
        """Refuse a method that is not known."""
        if self.method not in METHODS:
            raise ValueError(f"`method` must be one of {', '.join(METHODS)}; got {self.method!r}.")


@dataclass(frozen=True)
class Fitted:
    """A candidate that was fitted to some samples.

    decode: mask of samples → those samples as they are aligned. Methods that cannot align a sample
    they were not fitted on (Celligner, ComBat) are fitted to just these, without their values
    being scored. loss: mask → unweighted terms, weighted total as "total"; {} without a loss.
    """

    decode: Callable[[np.ndarray], Decoded]
    loss: Callable[[np.ndarray], Mapping[str, float]]


def fit_candidate(
    candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int
) -> Fitted:
    """`candidate` fitted to the samples of the mask `rows`.

    Raises:
        TrainingDiverged: a loss term became infinite.
    """
    fit = {
        "rnalign": _rnalign, "mober": _mober, "mean_shift": _mean_shift,
        "shrunken_shift": _shrunken_shift, "linear_projection": _linear_projection,
    }.get(candidate.method)  # fmt: skip
    if fit:
        return fit(candidate, data, rows, seed)
    return Fitted(lambda asked: Decoded(_together(candidate, data, asked, seed)), _no_loss)


def _no_loss(rows: np.ndarray) -> dict[str, float]:
    return {}


def _rnalign(
    candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int
) -> Fitted:
    settings, facts = candidate.rnalign, data.facts
    x = _shifted(data, rows) if candidate.shift_first else data.x
    model = fit_rnalign(x[rows], *facts.at(rows), settings=settings, seed=seed)
    weights = term_weights(settings, x.shape[1])

    def decoded(asked: np.ndarray, change: str) -> np.ndarray:
        return model.align(x[asked], *facts.at(asked), change=change)

    spread = None
    if candidate.keeps_spread:
        spread = Spread(decoded(rows, candidate.label_change), x[rows], *facts.at(rows).origins)

    def decode(asked: np.ndarray) -> Decoded:
        aligned, own = decoded(asked, candidate.label_change), decoded(asked, "none")
        if spread:
            aligned = spread.restore(aligned, facts.cancer_type[asked])
        return Decoded(aligned, own + (data.x[asked] - x[asked]))

    def loss(asked: np.ndarray) -> dict[str, float]:
        terms = model.loss_terms(x[asked], *facts.at(asked))
        return terms | {"total": sum(weights[name] * value for name, value in terms.items())}

    return Fitted(decode, loss)


def _shifted(data: StandardisedSamples, rows: np.ndarray) -> np.ndarray:
    """All samples after a mean shift per type that was learnt from `rows`."""
    (is_line, own_type), x = data.facts.origins, data.x
    shift = MeanShift(per_type=True).fit(x[rows], is_line[rows], own_type[rows])
    return shift.transform(x, is_line, own_type)


def _mober(candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int) -> Fitted:
    settings, x, is_line = candidate.mober, data.x, data.facts.is_line
    model = fit_mober(x[rows], is_line[rows], settings, seed)

    def decode(asked: np.ndarray) -> Decoded:
        lines = np.ones(int(asked.sum()), dtype=bool)
        return Decoded(
            decode_as(model, x[asked], lines), decode_as(model, x[asked], is_line[asked])
        )

    return Fitted(decode, lambda asked: mober_loss(model, x[asked], is_line[asked], settings))


def _mean_shift(
    candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int
) -> Fitted:
    x, (is_line, own_type) = data.x, data.facts.origins
    shift = MeanShift(candidate.told_types).fit(x[rows], is_line[rows], own_type[rows])
    return Fitted(
        lambda asked: Decoded(shift.transform(x[asked], is_line[asked], own_type[asked])), _no_loss
    )


def _shrunken_shift(
    candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int
) -> Fitted:
    """A mean shift per type whose samples then go towards their type's mean: a model without z.

    What RNAlign with a residual would be if its latent space held nothing: the control for every
    metric that a method can win by being told the type.
    """
    x, own_type = data.x, data.facts.cancer_type
    moved = _shifted(data, rows)
    centre = {name: moved[rows & (own_type == name)].mean(axis=0) for name in {*own_type[rows]}}
    overall = moved[rows].mean(axis=0)

    def decode(asked: np.ndarray) -> Decoded:
        centres = np.stack([centre.get(name, overall) for name in own_type[asked]])
        return Decoded(centres, x[asked] - (moved[asked] - centres))

    return Fitted(decode, _no_loss)


def _linear_projection(
    candidate: Candidate, data: StandardisedSamples, rows: np.ndarray, seed: int
) -> Fitted:
    projection = LinearProjection().fit(data.x[rows], *data.facts.at(rows))
    return Fitted(
        lambda asked: Decoded(projection.transform(data.x[asked], *data.facts.at(asked))), _no_loss
    )


def _together(
    candidate: Candidate, data: StandardisedSamples, asked: np.ndarray, seed: int
) -> np.ndarray:
    """The samples asked for, as a method aligns them among themselves."""
    x, facts = data.x[asked], data.facts.at(asked)
    if candidate.method == "combat":
        kept = facts.cancer_type if candidate.told_types else None
        return combat(x, np.where(facts.is_line, "line", "tumour"), kept)
    if candidate.method == "celligner":
        unit = np.asarray(data.scaling.scale_, dtype=x.dtype)
        how = candidate.celligner
        return celligner(x * unit, facts.is_line, *how, seed=seed) / unit
    return x
