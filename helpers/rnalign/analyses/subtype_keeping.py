"""Table 3: are subtypes kept that no method was told?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from anndata import AnnData

from helpers.evaluate.results import table_metrics
from helpers.rnalign.argument_groups import Plan
from helpers.rnalign.gene_selection import standardise
from helpers.rnalign.metrics.delta_d import spread_table
from helpers.rnalign.metrics.retention import shrunken
from helpers.rnalign.metrics.subtypes import subtype_rows, subtype_scores
from helpers.rnalign.model import fit_rnalign
from helpers.rnalign.rivals.comparison import align_rivals
from helpers.rnalign.samples import alignment_facts

METHODS = ("input", "shrunken", "linear_projection", "mean_shift", "celligner", "mober", "rnalign")
SHOWN = ("silhouette", "delta_d", "delta_d_relative", "pvca", "delta_kbet", "match_balanced")
SUBTYPE_SEEDS = 2
NO_SUBTYPES = "No subtype is known for both tumours and lines of this cohort."
Alignments = Mapping[int, Mapping[str, np.ndarray]]  # seed → method → samples × genes


@dataclass(frozen=True)
class SubtypeScores:
    """Metrics with subtypes in place of cancer types, a row a method × seed; may be empty.

    subtype, is_line: a value a sample, "" where the subtype is not known. name: of the table.
    """

    scores: pd.DataFrame
    subtype: np.ndarray
    is_line: np.ndarray
    name: str = "subtypes"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table `name`, if any subtype is known."""
        return {} if self.scores.empty else {self.name: self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """<name>.<metric>.<method>."""
        if self.scores.empty:
            return {}
        return table_metrics(self.scores, self.name, SHOWN, "method")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean ± SD over seeds, a row a method; a note where there is nothing."""
        if self.scores.empty:
            return pd.DataFrame({"note": [NO_SUBTYPES]})
        return spread_table(self.scores, SHOWN)

    @property
    def is_known(self) -> np.ndarray:
        """Samples whose subtype is known."""
        return self.subtype != ""


def align_subtyped(subtyped: AnnData, plan: Plan, n_genes: int) -> Alignments:
    """A cohort of its own aligned anew by every method, with the chapter's settings.

    For the first SUBTYPE_SEEDS seeds of the plan: a chapter has minutes.
    """
    data = standardise(subtyped, n_genes)
    types = tuple(sorted({*data.facts.cancer_type}))
    conditions = replace(plan.rnalign.conditions, types=types)
    settings = replace(plan.rnalign, conditions=conditions)
    alignments = {}
    for seed in plan.seeds[:SUBTYPE_SEEDS]:
        moved = align_rivals(
            data.x, *data.facts, scale=data.scaling.scale_, seed=seed, mober=plan.mober
        )
        model = fit_rnalign(data.x, *data.facts, settings=settings, seed=seed)
        decoded = model.align(data.x, *data.facts)
        smooth = shrunken(data.x, decoded, *data.facts.origins)
        alignments[seed] = moved | {"rnalign": decoded, "shrunken": smooth}
    return alignments


def same_mix(subtyped: AnnData, seed: int) -> AnnData:
    """The cohort with as many tumours of each subtype as its share among the lines asks for.

    Lines of breast cancer are basal more often than tumours are: whoever moves all lines to all
    tumours moves subtypes too. Drawn without replacement, the most tumours that give the mix;
    samples whose subtype is not known, or not on both sides, are left out.
    """
    rng, obs = np.random.default_rng(seed), subtyped.obs
    kept = pd.Series(data=False, index=obs.index)
    for _, part in obs.groupby(obs["cancer_type"].astype(str)):
        is_line = part["is_line"].astype(bool)
        subtype = part["subtype"].astype(str)
        names = subtype_rows(subtype.to_numpy(), is_line.to_numpy())
        lines, tumours = (subtype[side].value_counts() for side in (is_line, ~is_line))
        per_line = min((tumours[name] / lines[name] for name in names), default=0.0)
        for name in names:
            own = part.index[(subtype == name) & ~is_line]
            kept[rng.choice(own, int(per_line * lines[name] + 1e-9), replace=False)] = True
            kept[part.index[(subtype == name) & is_line]] = True
    return subtyped[kept.to_numpy()].copy()


def score_subtypes(
    alignments: Alignments, subtyped: AnnData, n_neighbours: int, name: str = "subtypes"
) -> SubtypeScores:
    """Every metric with subtypes in place of cancer types, for each seed that was aligned."""
    facts = alignment_facts(subtyped)
    subtype = subtyped.obs.get("subtype", pd.Series("", subtyped.obs_names)).to_numpy(str)
    sides = *facts.origins, subtype
    by_seed = [
        subtype_scores(
            {method: aligned[method] for method in METHODS if method in aligned},
            *sides,
            seed=seed,
            k=n_neighbours,
        )
        .reset_index()
        .assign(seed=seed)
        for seed, aligned in alignments.items()
    ]
    return SubtypeScores(pd.concat(by_seed), subtype, facts.is_line, name)
