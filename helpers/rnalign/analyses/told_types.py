"""Methods with some genes hidden from them, told types that are right, wrong, inferred or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.rnalign.analyses.every_method import shrunken_shift
from helpers.rnalign.argument_groups import Plan, Settings, ablations
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.marker_agreement import marker_genes, variable_genes
from helpers.rnalign.model import TrainedRNAlign, fit_rnalign
from helpers.rnalign.rivals.comparison import align_rivals
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.samples import Facts, split_both_origins
from helpers.rnalign.search.candidates import fit_candidate
from helpers.rnalign.search.finalists import Finalist
from helpers.rnalign.search.residual import with_residual

_CHOOSING = 0.5  # of the donors, whose tumours choose the genes that are hidden
_EACH = 5  # genes of either kind that are hidden for a type
_HIDDEN = 0.2  # of the genes at most
_WRONG = 0.2  # of the lines are given another type


@dataclass(frozen=True)
class HiddenGenes:
    """Samples of which some genes are hidden from every method.

    x, scale: samples × seen genes, standardised, and their SDs. unseen: samples × hidden genes.
    may_vote: tumours that had no part in choosing these, and can be a line's neighbours.
    """

    x: np.ndarray
    scale: np.ndarray
    unseen: np.ndarray
    may_vote: np.ndarray


@dataclass(frozen=True)
class ToldTypes:
    """What lines are told to be, a type a sample: their own, a wrong one for some, inferred.

    is_wrong: the lines that were given another type.
    """

    own: np.ndarray
    wrong: np.ndarray
    is_wrong: np.ndarray


class TunedApart(NamedTuple):
    """What has settings of its own beside a plan's.

    untold: of rnalign_no_type; None takes the plan's, without types. ours: this project's RNAlign
    and the share of the residual it gives back; None leaves it out.
    """

    untold: Settings | None = None
    ours: Finalist | None = None


AS_PLANNED = TunedApart()


class ToldAlignments(NamedTuple):
    """Method → samples × genes as aligned, and with wrong labels; classifier → types called."""

    aligned: Mapping[str, np.ndarray]
    wrong: Mapping[str, np.ndarray]
    called: Mapping[str, np.ndarray]


def hide_genes(data: StandardisedSamples, seed: int) -> HiddenGenes:
    """Hide markers of types and genes that vary within types, of each five a type.

    Both are chosen by the tumours of half the donors (`marker_genes`, `variable_genes`). Fewer are
    where they would be more than a fifth of all genes.
    """
    table = data.obs[["patient", "cancer_type", "is_line"]]
    choosing, _ = split_both_origins(anndata.AnnData(obs=table), 1 - _CHOOSING, seed)
    is_tumour = ~data.facts.is_line
    chooses = table.index.isin(choosing.obs_names) & is_tumour
    x, types = data.x[chooses], data.facts.cancer_type[chooses]
    n_each = max(1, min(_EACH, int(_HIDDEN * data.x.shape[1] / (2 * len(set(types))))))
    hidden = marker_genes(x, types, n_each) | variable_genes(x, types, n_each)
    x, scale = np.ascontiguousarray(data.x[:, ~hidden]), np.asarray(data.scaling.scale_)[~hidden]
    return HiddenGenes(x, scale, data.x[:, hidden], is_tumour & ~chooses)


def wrong_types(facts: Facts, seed: int) -> ToldTypes:
    """Own types, and those in which a random fifth of the lines has another one."""
    rng, own = np.random.default_rng(seed), facts.cancer_type
    lines = np.flatnonzero(facts.is_line)
    chosen = rng.choice(lines, max(1, round(_WRONG * len(lines))), replace=False)
    names, wrong = np.unique(own), own.copy()
    for row in chosen if len(names) > 1 else ():
        wrong[row] = rng.choice(names[names != own[row]])
    return ToldTypes(own, wrong, wrong != own)


def infer_types(x: np.ndarray, facts: Facts) -> np.ndarray:
    """Types with those of lines called by a logistic regression on the tumours' `x`."""
    is_line, called = facts.is_line, facts.cancer_type.copy()
    classify = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced")
    ).fit(x[~is_line], called[~is_line])
    called[is_line] = classify.predict(x[is_line])
    return called


def align_told(
    hidden: HiddenGenes,
    data: StandardisedSamples,
    told: ToldTypes,
    plan: Plan,
    seed: int,
    apart: TunedApart = AS_PLANNED,
) -> ToldAlignments:
    """Every method on the genes that are seen, with right and with wrong labels."""
    ways, facts = _Ways(hidden, data, plan, seed), data.facts
    aligned = align_rivals(hidden.x, *facts, scale=hidden.scale, seed=seed, mober=plan.mober)
    aligned.pop("linear_projection", None)
    untold = ways.fitted(told.own, apart.untold or ablations(plan.rnalign)["rnalign_no_type"])
    called = {
        "shifted_input": infer_types(aligned["mean_shift"], facts),
        "z": infer_types(untold.latent(hidden.x, *facts), facts),
    }
    inferred = called["shifted_input"]
    aligned["rnalign_inferred"] = ways.decoded(ways.fitted(inferred), inferred)
    aligned["rnalign_no_type"] = ways.decoded(untold, told.own)
    if apart.ours:
        aligned["rnalign_ours_inferred"] = ways.ours(apart.ours, inferred)
    commonest = str(pd.Series(told.own).mode()[0])
    return ToldAlignments(
        aligned | ways.told(told.own, commonest, apart.ours),
        aligned | ways.told(told.wrong, commonest, apart.ours),
        called,
    )


@dataclass(frozen=True)
class _Ways:
    """The methods that are told types, on the seen genes of all samples."""

    hidden: HiddenGenes
    data: StandardisedSamples
    plan: Plan
    seed: int

    def told(self, types: np.ndarray, commonest: str, ours: Finalist | None) -> dict:
        """Method → samples × genes of those that are told `types`; RNAlign fitted anew."""
        x, is_line = self.hidden.x, self.data.facts.is_line
        shift, model = MeanShift(per_type=True).fit(x, is_line, types), self.fitted(types)
        found = {
            "mean_shift_per_type": shift.transform(x, is_line, types),
            "rnalign": self.decoded(model, types),
            "constant_type": self.decoded(model, types, np.full(len(x), commonest)),
        }
        found["shrunken_shift"] = shrunken_shift(x, found["rnalign"], is_line, types)
        return found | ({"rnalign_ours": self.ours(ours, types)} if ours else {})

    def fitted(self, types: np.ndarray, settings: Settings | None = None) -> TrainedRNAlign:
        facts, settings = self.data.facts, settings or self.plan.rnalign
        return fit_rnalign(
            self.hidden.x, facts.is_line, types, facts.purity, settings=settings, seed=self.seed
        )

    def decoded(
        self, model: TrainedRNAlign, types: np.ndarray, told_type: np.ndarray | None = None
    ) -> np.ndarray:
        facts, change = self.data.facts._replace(cancer_type=types), self.plan.label_change
        return model.align(self.hidden.x, *facts, change=change, told_type=told_type)

    def ours(self, ours: Finalist, types: np.ndarray) -> np.ndarray:
        facts = self.data.facts._replace(cancer_type=types)
        seen = replace(self.data, x=self.hidden.x, facts=facts)
        everyone = np.ones(len(types), dtype=bool)
        decoded = fit_candidate(ours.candidate, seen, everyone, self.seed).decode(everyone)
        return with_residual(self.hidden.x, decoded, ours.share)
