"""Samples and cancer types that the model was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from helpers.evaluate.results import table_metrics
from helpers.rnalign.analyses.every_method import give_back
from helpers.rnalign.argument_groups import Plan
from helpers.rnalign.gene_selection import StandardisedSamples, standardise
from helpers.rnalign.metrics.delta_d import delta_d, spread_table
from helpers.rnalign.metrics.held_out_alignment import countable_types, held_out_scores
from helpers.rnalign.metrics.line_match import match_lines
from helpers.rnalign.model import fit_rnalign
from helpers.rnalign.rivals.comparison import align_held_out
from helpers.rnalign.search.donors import final_donors

SHOWN = ("delta_d_relative", "pvca", "delta_kbet", "match_mean", "r2_kept")
HELD_OUT_SEEDS = 2
TOO_FEW = "No type has two held-out tumours and two held-out lines: raise `test_fraction`."


@dataclass(frozen=True)
class HeldOutScores:
    """Metrics of held-out samples, a row a method × seed; empty where they cannot be had."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table held_out, if there is any."""
        return {} if self.scores.empty else {"held_out": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """held_out.<metric>.<method>."""
        if self.scores.empty:
            return {}
        return table_metrics(self.scores, "held_out", SHOWN, "method")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean ± SD over seeds, a row a method; a note where there is nothing."""
        if self.scores.empty:
            return pd.DataFrame({"note": [TOO_FEW]})
        return spread_table(self.scores, SHOWN)


def align_unseen_samples(
    samples: AnnData, plan: Plan, n_genes: int, test_fraction: float
) -> HeldOutScores:
    """Patients and donors held out of everything: genes, scaling, shifts, models, and the search.

    They are the test donors of `search.donors`, the same for every seed: what was chosen was chosen
    without them. For the first HELD_OUT_SEEDS seeds of the plan: five of each method, tuned, are in
    the published sweep rnalign_finalists. Empty where the donors are too few to be counted.
    """
    is_test = final_donors(samples, test_fraction)
    data = standardise(samples, n_genes, fitted_on=samples[~is_test])
    if not countable_types(*data.facts.origins, is_test, data.scored):
        return HeldOutScores(pd.DataFrame())
    scores = [
        _held_out_scores(data, ~is_test, plan, seed).reset_index().assign(seed=seed)
        for seed in plan.seeds[:HELD_OUT_SEEDS]
    ]
    return HeldOutScores(pd.concat(scores, ignore_index=True))


def _held_out_scores(
    data: StandardisedSamples, is_train: np.ndarray, plan: Plan, seed: int
) -> pd.DataFrame:
    x, facts = data.x, data.facts
    aligned = align_held_out(x, *facts, is_train=is_train, seed=seed, mober=plan.mober)
    model = fit_rnalign(x[is_train], *facts.at(is_train), settings=plan.rnalign, seed=seed)
    aligned["rnalign"] = model.align(x, *facts)
    if plan.residual_share:
        aligned["rnalign_residual"] = give_back(model, data, plan)
    return held_out_scores(
        aligned, *facts.origins, ~is_train, data.scored, plan.n_neighbours, seed, before=x
    )


@dataclass(frozen=True)
class UnseenTypes:
    """ΔD relative and match of each type under three models, a row a type × model."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table unseen_types."""
        return {"unseen_types": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """unseen_type.match.<model> (mean) and unseen_type.delta_d_relative.<model> (median)."""
        metrics = {}
        for model, rows in self.scores.groupby("model"):
            metrics[f"unseen_type.match.{model}"] = rows["match"].mean()
            metrics[f"unseen_type.delta_d_relative.{model}"] = rows["ΔD relative"].median()
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """A row a type, models side by side."""
        return self.scores.pivot_table(index="cancer_type", columns="model").round(2)


def align_unseen_types(
    data: StandardisedSamples, aligned: Mapping[str, np.ndarray], plan: Plan
) -> UnseenTypes:
    """Each scored type in turn left out of training, then all samples aligned, told no type.

    `aligned`: method → samples × genes of the first seed, for the model that has seen all types.
    """
    facts, seed, rows = data.facts, plan.seeds[0], []
    no_type = facts._replace(cancer_type=np.full(len(data.x), "none"))
    for left_out in data.scored:
        is_train = facts.cancer_type != left_out
        model = fit_rnalign(data.x[is_train], *facts.at(is_train), settings=plan.rnalign, seed=seed)
        unseen = model.align(data.x, *no_type)
        for name, x in {"input": data.x, "unseen": unseen, "seen": aligned["rnalign"]}.items():
            gap = delta_d(x, *facts.origins, [left_out])["relative"].iloc[0]
            matches = match_lines(x, *facts.origins, plan.n_neighbours, [left_out])
            values = {"ΔD relative": gap, "match": matches["matched"].mean()}
            rows.append({"cancer_type": left_out, "model": name} | values)
    return UnseenTypes(pd.DataFrame(rows))
