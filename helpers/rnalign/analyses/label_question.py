"""Is it alignment, or the label? Genes that no model saw, types inferred, and wrong labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers.evaluate.results import table_metrics
from helpers.evaluate.wording import counted, few_seeds
from helpers.rnalign.analyses.told_types import (
    AS_PLANNED,
    HiddenGenes,
    ToldAlignments,
    ToldTypes,
    TunedApart,
    align_told,
    hide_genes,
    wrong_types,
)
from helpers.rnalign.argument_groups import Plan
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.line_match import match_lines
from helpers.rnalign.metrics.marker_agreement import agreement_by_type, marker_agreement

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
    "rnalign_ours": "ours told the label",
    "rnalign_ours_inferred": "ours told inferred types",
}
"""Ways of RNAlign with a line's label, this project's among them → in a sentence."""
_ASKED = {
    "between": "Agreement in unseen genes between types (chance 0.5)",
    "within": "within types",
    "mislabelled": "lines with a wrong label that find their true type",
}


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
        """Markdown: what the scores of RNAlign's variants say, and which to use for what."""
        means = self.scores.groupby("method")[[*SCORES]].mean()
        own = means.loc[[name for name in VARIANTS if name in means.index]]
        best = own[[*_ASKED]].fillna(0).idxmax().map(VARIANTS)
        leader = means[[*_ASKED]].fillna(0).idxmax().str.replace("_", " ")
        listed = {
            name: ", ".join(f"{VARIANTS[m]} {value:.2f}" for m, value in own[name].items())
            for name in _ASKED
        }
        numbers = "; ".join(
            f"{what}: {listed[name]} (best of all methods: {leader[name]} {means[name].max():.2f})"
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


def ask_label_question(
    data: StandardisedSamples, plan: Plan, n_seeds: int = 1, apart: TunedApart = AS_PLANNED
) -> LabelQuestion:
    """Every method on the genes that are left, for the plan's first `n_seeds` seeds.

    rnalign is told each sample's type; rnalign_inferred that which a classifier, trained on the
    tumours after the mean shift, calls a line; rnalign_no_type none; constant_type decodes rnalign
    with one type for all, shrunken_shift is the mean shift per type, as smooth as rnalign.
    `apart`: settings of rnalign_no_type, and this project's RNAlign where it is to be asked.

    With wrong labels, the methods that are told types are fitted anew; the others never see them.
    A classifier on rnalign_no_type's z is tried beside the first.
    """
    rows, inferred, seeds = [], [], plan.seeds[:n_seeds]
    for seed in seeds:
        hidden, told = hide_genes(data, seed), wrong_types(data.facts, seed)
        found = align_told(hidden, data, told, plan, seed, apart)
        is_right = {name: called == told.own for name, called in found.called.items()}
        is_line = data.facts.is_line
        inferred.append({name: right[is_line].mean() for name, right in is_right.items()})
        scores = score_methods(found, hidden, data, told, plan.n_neighbours, seed)
        rows.append(scores.assign(seed=seed))
    table = pd.DataFrame(inferred, pd.Index(seeds, name="seed"))
    return LabelQuestion(pd.concat(rows, ignore_index=True), table)


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
