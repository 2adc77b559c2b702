"""Is it alignment, or the label? Genes that no model saw, types inferred, and wrong labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import anndata
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.results import table_metrics
from helpers.evaluate.wording import counted, few_seeds
from helpers.rnalign.analyses.every_method import shrunken_shift
from helpers.rnalign.argument_groups import Plan, Settings, ablations
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.line_match import match_lines
from helpers.rnalign.metrics.marker_agreement import (
    agreement_by_type,
    marker_agreement,
    marker_genes,
    variable_genes,
)
from helpers.rnalign.model import TrainedRNAlign, fit_rnalign
from helpers.rnalign.rivals.comparison import align_rivals
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.samples import Facts, split_both_origins

SHOWN = {
    "match": "match by label",
    "between": "unseen genes, between types",
    "within": "unseen genes, within types",
    "mislabelled": "wrong label, true type found",
}
SCORES = tuple(SHOWN)
VARIANTS = {
    "rnalign": "told the label",
    "rnalign_inferred": "told inferred types",
    "rnalign_no_type": "told no type",
}
"""Ways of RNAlign with a line's label → in a sentence."""
_ASKED = {
    "between": "Agreement in unseen genes between types (chance 0.5)",
    "within": "within types",
    "mislabelled": "lines with a wrong label that find their true type",
}
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


@dataclass(frozen=True)
class LabelQuestion:
    """What each method's neighbours say, a row a method × seed.

    match: share of lines among their type, mean over types. between, within: agreement in genes
    that no method saw (`marker_agreement`). mislabelled: share of the lines that were given another
    type which lie among their true one. inferred: share of lines whose type is inferred as it is
    annotated, a row a seed, a column a classifier.
    """

    scores: pd.DataFrame
    inferred: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(init=False)

    def __post_init__(self) -> None:
        """Table label_question."""
        object.__setattr__(self, "tables", {"label_question": self.scores})

    @property
    def metrics(self) -> dict[str, float]:
        """label.<score>.<method>, and label.inferred.<classifier>."""
        found = table_metrics(self.scores, "label", SCORES, "method")
        return found | {f"label.inferred.{k}": v for k, v in self.inferred.mean().items()}

    @property
    def summary(self) -> pd.DataFrame:
        """Mean over seeds, a row a method."""
        means = self.scores.groupby("method", sort=False)[[*SCORES]].mean()
        return means.round(3).rename(columns=SHOWN)

    @property
    def advice(self) -> str:
        """Markdown: what the scores of RNAlign's three variants say, and which to use for what."""
        means = self.scores.groupby("method")[[*SCORES]].mean()
        own = means.loc[[*VARIANTS]]
        best = own[[*_ASKED]].fillna(0).idxmax().map(VARIANTS)
        leader = means[[*_ASKED]].fillna(0).idxmax().str.replace("_", " ")
        numbers = "; ".join(
            f"{what}: {', '.join(f'{VARIANTS[m]} {own.loc[m, name]:.2f}' for m in VARIANTS)} (best "
            f"of all methods: {leader[name]} {means[name].max():.2f})"
            for name, what in _ASKED.items()
        )
        n_seeds = self.scores["seed"].nunique()
        caution = (
            f" ({counted(n_seeds, 'seed')}, which tell no order)" if few_seeds(n_seeds) else ""
        )
        return (
            f"**Which to use.** {numbers}. By these numbers{caution}: RNAlign {best['between']} "
            f"for the type that a line belongs to, {best['mislabelled']} where labels may be "
            f"wrong, and {best['within']} to rank lines within a type; another method where it is "
            "ahead."
        )


class ToldAlignments(NamedTuple):
    """Method → samples × genes as aligned, and with wrong labels; classifier → types called."""

    aligned: Mapping[str, np.ndarray]
    wrong: Mapping[str, np.ndarray]
    called: Mapping[str, np.ndarray]


def ask_label_question(
    data: StandardisedSamples, plan: Plan, n_seeds: int = 1, untold: Settings | None = None
) -> LabelQuestion:
    """Every method on the genes that are left, for the plan's first `n_seeds` seeds.

    rnalign is told each sample's type; rnalign_inferred that which a classifier, trained on the
    tumours after the mean shift, calls a line; rnalign_no_type none; constant_type decodes rnalign
    with one type for all, shrunken_shift is the mean shift per type, as smooth as rnalign.
    `untold`: settings of rnalign_no_type; None takes the plan's, without types.

    With wrong labels, the methods that are told types are fitted anew; the others never see them.
    A classifier on rnalign_no_type's z is tried beside the first.
    """
    rows, inferred, seeds = [], [], plan.seeds[:n_seeds]
    for seed in seeds:
        hidden, told = hide_genes(data, seed), wrong_types(data.facts, seed)
        found = align_told(hidden, data.facts, told, plan, seed, untold)
        is_right = {name: called == told.own for name, called in found.called.items()}
        is_line = data.facts.is_line
        inferred.append({name: right[is_line].mean() for name, right in is_right.items()})
        scores = score_methods(found, hidden, data, told, plan.n_neighbours, seed)
        rows.append(scores.assign(seed=seed))
    table = pd.DataFrame(inferred, pd.Index(seeds, name="seed"))
    return LabelQuestion(pd.concat(rows, ignore_index=True), table)


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
    facts: Facts,
    told: ToldTypes,
    plan: Plan,
    seed: int,
    untold: Settings | None = None,
) -> ToldAlignments:
    """Every method on the genes that are seen, with right and with wrong labels."""
    x, is_line = hidden.x, facts.is_line

    def fitted(types: np.ndarray, settings: Settings = plan.rnalign) -> TrainedRNAlign:
        return fit_rnalign(x, is_line, types, facts.purity, settings=settings, seed=seed)

    def aligned_by(model: TrainedRNAlign, types: np.ndarray, decoded=None) -> np.ndarray:
        facts_told = facts._replace(cancer_type=types)
        return model.align(x, *facts_told, change=plan.label_change, told_type=decoded)

    aligned = align_rivals(x, *facts, scale=hidden.scale, seed=seed, mober=plan.mober)
    aligned.pop("linear_projection", None)
    typed, misled = fitted(told.own), fitted(told.wrong)
    plain = fitted(told.own, untold or ablations(plan.rnalign)["rnalign_no_type"])
    called = {
        "shifted_input": infer_types(aligned["mean_shift"], facts),
        "z": infer_types(plain.latent(x, *facts), facts),
    }
    inferred = called["shifted_input"]
    aligned["rnalign"] = aligned_by(typed, told.own)
    aligned["rnalign_inferred"] = aligned_by(fitted(inferred), inferred)
    aligned["rnalign_no_type"] = aligned_by(plain, told.own)
    constant = np.full(len(x), pd.Series(told.own).mode()[0])
    aligned["constant_type"] = aligned_by(typed, told.own, constant)
    shift = MeanShift(per_type=True).fit(x, is_line, told.wrong)
    wrong = aligned | {
        "mean_shift_per_type": shift.transform(x, is_line, told.wrong),
        "rnalign": aligned_by(misled, told.wrong),
        "constant_type": aligned_by(misled, told.wrong, constant),
    }
    for types, found in ((told.own, aligned), (told.wrong, wrong)):
        found["shrunken_shift"] = shrunken_shift(x, found["rnalign"], is_line, types)
    return ToldAlignments(aligned, wrong, called)


def score_methods(
    found: ToldAlignments,
    hidden: HiddenGenes,
    data: StandardisedSamples,
    told: ToldTypes,
    n_neighbours: int,
    seed: int,
) -> pd.DataFrame:
    """The four scores of every method, see `LabelQuestion`."""
    origins, rows = data.facts.origins, []
    for method, x in found.aligned.items():
        matches = match_lines(x, *origins, n_neighbours, data.scored)
        agreement = marker_agreement(
            x, hidden.unseen, *origins, k=min(n_neighbours, int(hidden.may_vote.sum())),
            may_vote=hidden.may_vote, types=[*data.scored], seed=seed,
        )  # fmt: skip
        misled = match_lines(found.wrong[method], *origins, n_neighbours, data.scored)
        misled = misled[told.is_wrong[misled.index]]["matched"]
        match = matches.groupby("cancer_type")["matched"].mean().mean()
        scores = agreement_by_type(agreement).to_dict()
        rows.append({"method": method, "match": match, **scores, "mislabelled": misled.mean()})
    return pd.DataFrame(rows)
