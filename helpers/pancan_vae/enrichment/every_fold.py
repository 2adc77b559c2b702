"""Hallmark sets in the dimensions of every fold, by CAMERA, beside what noise would carry."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.cohorts.feature_sets import CohortSets
from helpers.evaluate.results import table_metrics
from helpers.pancan_vae.argument_groups import Inputs
from helpers.pancan_vae.enrichment.camera import camera
from helpers.pancan_vae.enrichment.hallmarks import (
    MIN_SIZE,
    named_dimensions,
    readable_features,
    spaces_to_read,
)
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER

FIXED = 0.01  # limma's default correlation between the genes of a set, whatever the data say
COLUMNS = ["space", "seed", "tests", "found", "found_fixed", "tasks"]


@dataclass(frozen=True)
class FoldHallmarks:
    """Findings at FDR < 0.05 on each fold's held-out patients, one row a space × seed.

    Spaces: "axes", "directions" (varimax), "noise" (axes given to the wrong patients), and "paper",
    the axes of the paper's model. found: pairs of dimension and set by CAMERA, found_fixed: by
    CAMERA with ρ = 0.01 for every set. tests: pairs tested. tasks: hallmark tasks of which some
    dimension carries a set, by the first. No rows where the cohort has no sets.
    """

    scores: pd.DataFrame
    n_tasks: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`hallmarks_by_fold`."""
        return {} if self.scores.empty else {"hallmarks_by_fold": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """`hallmarks.<found, found_fixed or tasks>.<space>`, mean and SD over folds."""
        return table_metrics(self.scores, "hallmarks", COLUMNS[3:], "space")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over folds, one row a space; columns with ρ = 0.01 named so."""
        named = self.scores.assign(space=self.scores["space"].replace(PAPER, AS_THE_PAPER_HAS_IT))
        by_space = named.drop(columns="seed").groupby("space", sort=False)
        table = by_space.agg({"tests": "first"} | {name: ["mean", "std"] for name in COLUMNS[3:]})
        return table.rename(columns={"found_fixed": f"found, ρ = {FIXED}"}, level=0)

    def values(self, column: str, space: str) -> list[float]:
        """One column of a space, a value a fold; [] where it was not read."""
        return self.scores.loc[self.scores["space"] == space, column].astype(float).tolist()


def hallmarks_by_fold(
    runs: Sequence[TrainedFold], inputs: Inputs, sets: CohortSets, seed: int
) -> FoldHallmarks:
    """CAMERA of the cohort's sets in every fold, its own correlations and ρ = 0.01."""
    rows = []
    for run in runs if sets.sets else ():
        x = readable_features(run, inputs, sets)
        axes = named_dimensions(run.z["test"], "z")
        spaces = spaces_to_read(axes, named_dimensions(run.directions["test"], "d"), seed)
        if PAPER in run.others:
            spaces[PAPER] = named_dimensions(run.others[PAPER]["test"], "z")
        for name, space in spaces.items():
            rows.append({"space": name, "seed": run.seed} | _found(space, x, sets))
    return FoldHallmarks(pd.DataFrame(rows, columns=COLUMNS), len(sets.tasks))


def _found(space: pd.DataFrame, x: pd.DataFrame, sets: CohortSets) -> dict[str, int]:
    own = camera(space, x, sets.sets, min_size=MIN_SIZE)
    fixed = camera(space, x, sets.sets, min_size=MIN_SIZE, gene_correlation=FIXED)
    found = own[own["fdr"] < 0.05]
    carried = set(found["set"])
    return {
        "tests": len(own),
        "found": len(found),
        "found_fixed": int((fixed["fdr"] < 0.05).sum()),
        "tasks": sum(not carried.isdisjoint(members) for members in sets.tasks.values()),
    }
