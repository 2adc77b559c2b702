"""RNAlign, its ablations, controls and rivals on all samples, a seed at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.results import Found, table_metrics
from helpers.rnalign.argument_groups import Plan, Settings
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.delta_d import alignment_scores, delta_d, spread_table
from helpers.rnalign.metrics.pvca import pvca_overall
from helpers.rnalign.metrics.retention import shrunken
from helpers.rnalign.model import CHANGES, TrainedRNAlign, fit_rnalign
from helpers.rnalign.rivals.comparison import align_rivals
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.search.residual import Decoded, with_residual

SHOWN = ("delta_d", "delta_d_relative", "pvca", "delta_kbet", "match_mean", "r2_kept")
METRICS = (*SHOWN, "match", "match_median", "match_balanced", "variance_kept")


@dataclass(frozen=True)
class SeedAlignment:
    """One seed: trained models by method, and samples × genes as every method aligns them."""

    seed: int
    fitted: Mapping[str, TrainedRNAlign]
    aligned: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class MethodComparison:
    """Every method under every metric, for every seed.

    scores: a row a method × seed. per_type: the same by cancer type, long. label_changes: median
    ΔD of RNAlign decoded with other labels, a row a seed. first: the first seed's alignments.
    """

    scores: pd.DataFrame
    per_type: pd.DataFrame
    label_changes: pd.DataFrame
    first: SeedAlignment

    @property
    def history(self) -> pd.DataFrame:
        """Loss terms of the first seed's RNAlign, a row a term × epoch."""
        return pd.DataFrame(self.first.fitted["rnalign"].history.rows)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """scores, scores_per_type, transformations (table 4) and history."""
        return {
            "scores": self.scores,
            "scores_per_type": self.per_type,
            "transformations": self.label_changes,
            "history": self.history,
        }

    @property
    def metrics(self) -> dict[str, float]:
        """alignment.<metric>.<method> and transformation.delta_d.<labels changed>."""
        changes = self.label_changes.melt(var_name="changed", value_name="delta_d")
        return table_metrics(self.scores, "alignment", METRICS, "method") | table_metrics(
            changes, "transformation", ["delta_d"], "changed"
        )

    @property
    def table_1(self) -> pd.DataFrame:
        """Mean ± SD of the paper's metrics and two more, a row a method."""
        return spread_table(self.scores, SHOWN)

    @property
    def table_4(self) -> pd.DataFrame:
        """ΔD by the labels that are changed, mean and SD, and that of the input."""
        table = self.label_changes.agg(["mean", "std"]).T
        of_input = self.scores.loc[self.scores["method"] == "input", "delta_d"].iloc[0]
        table.loc["input"] = of_input, 0.0
        return table.sort_values("mean").round(2)

    def rows(self, methods: Sequence[str]) -> pd.DataFrame:
        """The scores of some methods, in that order."""
        return self.scores.set_index("method").loc[[*methods]].reset_index()


def compare_methods(
    data: StandardisedSamples, plan: Plan, ablated: Mapping[str, Settings]
) -> MethodComparison:
    """Every method fitted to and scored on all samples, for every seed of the plan.

    RNAlign's variants for the first seed alone.

    `ablated`: method → settings of RNAlign without one part; may be empty.
    """
    scores, per_type, changes, first = [], [], [], None
    for seed in plan.seeds:
        if first is None:
            first = align_every_method(data, plan, ablated, seed)
            fitted, aligned = first.fitted, first.aligned.items()
        else:  # one alignment after the other: all of them are fifteen times the samples
            fitted = _fit_variants(data, plan, ablated, seed)
            aligned = _alignments(data, plan, fitted, seed, first.aligned)
        table = alignment_scores(
            aligned, *data.facts.origins, data.scored, seed, plan.n_neighbours, before=data.x
        )
        per_type.append(table.attrs.pop("per_type").assign(seed=seed))
        scores.append(table.reset_index().assign(seed=seed))
        changes.append(label_change_gaps(fitted["rnalign"], data))
    return MethodComparison(
        pd.concat(scores, ignore_index=True),
        pd.concat(per_type, ignore_index=True),
        pd.DataFrame(changes),
        first,
    )


def align_every_method(
    data: StandardisedSamples, plan: Plan, ablated: Mapping[str, Settings], seed: int
) -> SeedAlignment:
    """One seed: rivals, RNAlign, what is left of it without its parts, and its controls.

    rnalign_residual gives back what the model does not explain, if the plan asks for it;
    constant_type and permuted_type tell the decoder another type; z_only is the latent space;
    shrunken is the input, as smooth as RNAlign makes it, and shrunken_shift the mean shift per
    type: what the label and smoothness alone do for a metric.
    """
    fitted = _fit_variants(data, plan, ablated, seed)
    return SeedAlignment(seed, fitted, dict(_alignments(data, plan, fitted, seed)))


def _fit_variants(
    data: StandardisedSamples, plan: Plan, ablated: Mapping[str, Settings], seed: int
) -> dict[str, TrainedRNAlign]:
    """RNAlign and, for the first seed, its variants, by method; sweeps have five seeds of each."""
    variants = {"rnalign": plan.rnalign}
    if seed == plan.seeds[0]:
        variants |= ablated
    return {
        method: fit_rnalign(data.x, *data.facts, settings=settings, seed=seed)
        for method, settings in variants.items()
    }


def _alignments(
    data: StandardisedSamples,
    plan: Plan,
    fitted: Mapping[str, TrainedRNAlign],
    seed: int,
    known: Mapping[str, np.ndarray] | None = None,
) -> Iterator[tuple[str, np.ndarray]]:
    """Method and samples × genes as it aligns them, one after the other.

    `known`: what came out for another seed, where methods draw no random numbers.
    """
    x, facts = data.x, data.facts
    scale = data.scaling.scale_
    rivals = align_rivals(x, *facts, scale=scale, seed=seed, mober=plan.mober, known=known)
    while rivals:
        method = next(iter(rivals))
        yield method, rivals.pop(method)
    for method, model in fitted.items():
        yield method, model.align(x, *facts, change=plan.label_change)
    model = fitted["rnalign"]
    if plan.residual_share:
        yield "rnalign_residual", give_back(model, data, plan)
    for control, smoother in (("shrunken", shrunken), ("shrunken_shift", shrunken_shift)):
        smooth = model.align(x, *facts, change=plan.label_change)
        made = smoother(x, smooth, *facts.origins)
        del smooth  # as large as the samples
        yield control, made
        del made
    for control, types in told_types(data, seed).items():
        yield control, model.align(x, *facts, told_type=types)
    yield "z_only", model.latent(x, *facts)


def shrunken_shift(
    x: np.ndarray, smooth: np.ndarray, is_line: np.ndarray, cancer_type: np.ndarray
) -> np.ndarray:
    """Mean shift per type, then shrunken as `smooth` is: a control that has no latent space."""
    shift = MeanShift(per_type=True).fit(x, is_line, cancer_type)
    moved = shift.transform(x, is_line, cancer_type)
    return shrunken(moved, smooth, is_line, cancer_type)


def give_back(model: TrainedRNAlign, data: StandardisedSamples, plan: Plan) -> np.ndarray:
    """Samples as `model` aligns them, with the plan's share of what it does not explain."""
    aligned, own = (
        model.align(data.x, *data.facts, change=change) for change in (plan.label_change, "none")
    )
    return with_residual(data.x, Decoded(aligned, own), plan.residual_share)


def told_types(data: StandardisedSamples, seed: int) -> dict[str, np.ndarray]:
    """What the controls tell the decoder: the commonest type for everyone, or the types of others.

    Both have one cancer type a sample.
    """
    own = data.facts.cancer_type
    return {
        "constant_type": np.full(len(own), data.obs["cancer_type"].mode()[0]),
        "permuted_type": np.random.default_rng(seed).permutation(own),
    }


def label_change_gaps(model: TrainedRNAlign, data: StandardisedSamples) -> dict[str, float]:
    """Labels changed → median ΔD over types of what is then decoded; the paper's Table 4."""
    return {
        change: delta_d(
            model.align(data.x, *data.facts, change=change), *data.facts.origins, data.scored
        )["delta_d"].median()
        for change in CHANGES
    }


def whole_variance(
    aligned: Mapping[str, np.ndarray], data: StandardisedSamples, methods: Sequence[str]
) -> Found:
    """Shares of the whole cohort's variance (see `pvca_overall`), a row a method."""
    shares = {
        method: pvca_overall(aligned[method], *data.facts.origins, data.scored)
        for method in methods
    }
    return Found({"pvca_overall": pd.DataFrame(shares).T})
