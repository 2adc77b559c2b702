"""Simulated cohorts: are the planted programs and gene sets found again?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_matrix, column_names
from helpers.pancan_vae.enrichment.hallmarks import HallmarkEnrichment, LatentReading
from helpers.pancan_vae.latent_space.correlation import cross_correlation
from helpers.pancan_vae.latent_space.seed_stability import match_dimensions

FOUND = 0.8  # |r| from which a program counts as recovered


@dataclass(frozen=True)
class PlantedRecovery:
    """Planted programs and gene sets in the axes and in the varimax directions.

    programs: "axes" and "directions" → `program_recovery`. sets_found: the same → share of the
    planted gene sets that CAMERA finds in some dimension.
    """

    programs: dict[str, pd.DataFrame]
    sets_found: dict[str, float]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """`truth.recovered.<space>` (dimensions), `.space` (any direction), `truth.sets_found`."""
        found = {f"truth.sets_found.{name}": share for name, share in self.sets_found.items()}
        for name, table in self.programs.items():
            found[f"truth.recovered.{name}"] = (table["r"] >= FOUND).mean()
        any_direction = self.programs["axes"]["direction_r"]
        return found | {"truth.recovered.space": (any_direction >= FOUND).mean()}

    @property
    def summary(self) -> pd.DataFrame:
        """Programs of both spaces side by side."""
        return pd.concat(self.programs, axis=1)


def recover_planted(
    reading: LatentReading,
    enrichment: HallmarkEnrichment,
    truth: Mapping,
    activity: ArrayLike,
    seed: int,
) -> PlantedRecovery:
    """Compare what a fold's latents carry with what was planted.

    `truth`: uns["truth"] of the cohort. `activity`: sample × program, of the samples read.
    """
    activity = pd.DataFrame(np.asarray(activity), columns=truth["programs"])
    programs, sets_found = {}, {}
    for name in ("axes", "directions"):
        programs[name] = program_recovery(reading.spaces[name], activity, seed)
        is_found = enrichment.by_space[name]["fdr_camera"] < 0.05
        n_found = enrichment.by_space[name].loc[is_found, "set"].nunique()
        sets_found[name] = n_found / len(truth["gene_sets"])
    return PlantedRecovery(programs, sets_found)


def program_recovery(z: ArrayLike, activity: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """How well planted program activities are found in z. Index: program.

    Columns: dimension, its one-to-one partner, and r, their |Pearson r| in [0, 1] (missing and 0
    for programs in excess of the dimensions); direction_r, the correlation of the activity with
    its 5-fold cross-validated ridge prediction from all of z: what the space holds, on whatever
    axes (0 if constant).
    """
    latent = as_matrix(z, "z")
    truth = as_matrix(activity, "activity", len(latent)).astype(float)
    programs = column_names(activity)
    # One-to-one partners among the dimensions as they are …
    match = match_dimensions(activity, z).set_index("dim_a")
    table = pd.DataFrame({"dimension": match["dim_b"], "r": match["r"].abs()}).reindex(programs)
    # … and the best direction, found on four fifths of the samples and scored on the fifth.
    folds = KFold(n_splits=5, shuffle=True, random_state=seed)
    model = make_pipeline(
        StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13), alpha_per_target=True)
    )
    predicted = cross_val_predict(model, latent, truth, cv=folds).reshape(truth.shape)
    table["direction_r"] = np.maximum(np.diag(cross_correlation(predicted, truth)), 0)
    return table.fillna({"r": 0.0}).rename_axis("program")
