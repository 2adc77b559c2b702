"""The paper's benchmarks of one embedding, and of two modalities in one space, as plain numbers."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.coembedding.benchmarks.cohort_accuracy import (
    cohort_accuracy,
    modality_accuracy,
    standard_error,
)
from helpers.coembedding.benchmarks.foscttm import (
    foscttm,
    foscttm_inside,
    nearest_type_rate,
    shuffled_foscttm,
)
from helpers.coembedding.benchmarks.grassmann import N_ANGLES, grassmann_distance
from helpers.evaluate.arrays import as_labels, as_matrix


def embedding_scores(
    z: ArrayLike, obs: pd.DataFrame, n_angles: int = N_ANGLES, seed: int = 0, n_folds: int = 5
) -> dict[str, float]:
    """The two technical benchmarks of one embedding of one modality.

    cohort_accuracy and balanced_accuracy (`n_folds` folds; higher is better), cohort_accuracy_se
    over folds and majority; grassmann (radians; lower is better) with grassmann_chance and
    grassmann_worst. `obs`: patient, cancer_type. Give all embeddings that are compared the same
    `n_angles`, at most the smallest of their dimensions; no more than half as many as samples are
    used. Samples of types with fewer patients than folds take part in neither.
    """
    latent = as_matrix(z, "z", len(obs))
    types, patients = obs["cancer_type"].astype(str), obs["patient"].astype(str)
    folds = cohort_accuracy(latent, types, patients, n_folds=n_folds, seed=seed)
    accuracy, error = standard_error(folds["accuracy"])
    is_scored = ~types.isin(folds.attrs["left_out"]).to_numpy()
    # As many components as samples span all of them: every distance is 0 then.
    n_angles = min(n_angles, int(is_scored.sum()) // 2)
    distance = grassmann_distance(latent[is_scored], types[is_scored], n_angles, seed=seed)
    return {
        "cohort_accuracy": accuracy,
        "cohort_accuracy_se": error,
        "balanced_accuracy": float(folds["balanced_accuracy"].mean()),
        "majority": float(folds["majority"].mean()),
        "grassmann": distance["distance"],
        "grassmann_chance": distance["chance"],
        "grassmann_worst": distance["worst"],
    }


def pair_scores(
    rna_z: ArrayLike,
    atac_z: ArrayLike,
    obs: pd.DataFrame,
    n_shuffles: int = 10,
    seed: int = 0,
    n_folds: int = 5,
) -> dict[str, float]:
    """What held-out paired donors say of a shared space; row i of all three is one donor.

    foscttm (0 perfect, 0.5 chance), foscttm_within_type (partners exchanged among donors of one
    cancer type: what finding the type alone gives), foscttm_inside_type (among donors of one type
    only, 0.5 chance); nearest_type, mean both ways, and its chance;
    modality_accuracy (balanced; 0.5 mixed, 1 apart); label_accuracy (cancer type, both modalities
    together; must not fall), both in `n_folds` folds. `obs`: patient, cancer_type.

    Raises:
        ValueError: no shared donors, or spaces of other dimensions.
    """
    types = as_labels(obs["cancer_type"], "cancer_type").astype(str)
    patients = as_labels(obs["patient"], "patient").astype(str)
    match = foscttm(rna_z, atac_z)
    nearest = [
        nearest_type_rate(*pair, types, types) for pair in ((rna_z, atac_z), (atac_z, rna_z))
    ]
    both = np.concatenate([as_matrix(rna_z, "rna_z"), as_matrix(atac_z, "atac_z")])
    dealt = {"n_folds": n_folds, "seed": seed}
    modality = modality_accuracy(rna_z, atac_z, patients, patients, **dealt)
    label = cohort_accuracy(both, np.tile(types, 2), np.tile(patients, 2), **dealt)
    return {
        "foscttm": match["mean"],
        "foscttm_within_type": shuffled_foscttm(rna_z, atac_z, types, n_shuffles, seed),
        "foscttm_inside_type": foscttm_inside(rna_z, atac_z, types),
        "nearest_type": float(np.mean([side["rate"] for side in nearest])),
        "nearest_type_chance": nearest[0]["chance"],
        "modality_accuracy": float(modality["balanced_accuracy"].mean()),
        "label_accuracy": float(label["accuracy"].mean()),
        "n_donors": len(types),
    }
