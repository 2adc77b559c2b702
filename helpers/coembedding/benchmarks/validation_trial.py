"""One setting of the co-embeddings, scored on donors that choose and on donors that judge.

The test donors are the same whatever the seed, and are not looked at in choosing. Of the others a
part validates; the seed deals that part, and is the initialisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.argument_groups import Network, Preparation, Weights
from helpers.coembedding.benchmarks.one_split import pair_table
from helpers.coembedding.donors.split import MultiomicsSplit, paired_split, split_multiomics
from helpers.coembedding.embeddings.every_embedding import fit_embeddings
from helpers.models.training import Training

GROUPS = ("validation", "test")
_METRICS = ("shortfall", "foscttm", "foscttm_within_type", "foscttm_inside_type")
_METRICS += ("modality_accuracy", "label_accuracy")
_TEST_SEED = 0  # deals the test donors


@dataclass(frozen=True)
class ValidationTrial:
    """Scores: a row a group of donors × model, the columns of `pair_scores` and shortfall."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table trial."""
        return {"trial": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """<group>.<metric>.<model>; those that are not known are left out."""
        return {
            f"{row['group']}.{metric}.{row['model']}": float(row[metric])
            for _, row in self.scores.iterrows()
            for metric in _METRICS
            if np.isfinite(row[metric])
        }

    @property
    def summary(self) -> pd.DataFrame:
        """The scores, a column a group and model."""
        return self.scores.set_index(["group", "model"])[[*_METRICS, "n_donors"]].T.round(3)


def shortfall(scores: pd.DataFrame) -> pd.Series:
    """What is left to wish for of two modalities in one space, a value a row; lower is better.

    The mean of FOSCTTM / ½, (modality accuracy − ½) / ½, at least 0, and 1 − accuracy of the cancer
    type: 0 where donors meet, modalities mix and types stay; about 1 where none of it holds.
    """
    apart = (scores["modality_accuracy"] - 0.5).clip(lower=0) / 0.5
    return (scores["foscttm"] / 0.5 + apart + 1 - scores["label_accuracy"]) / 3


def deal_donors(
    donors: anndata.AnnData, preparation: Preparation, validation_fraction: float, seed: int
) -> tuple[MultiomicsSplit, MultiomicsSplit]:
    """The split that trains, with the validation donors held out, and the same with the test ones.

    `preparation.test_fraction`: of the donors with both modalities.
    `validation_fraction`: of those that are left. Both groups are scaled by the training donors.

    Raises:
        ValueError: as `split_multiomics`.
    """
    rest, test = paired_split(donors, preparation.test_fraction, _TEST_SEED)
    split = split_multiomics(rest, replace(preparation, test_fraction=validation_fraction), seed)
    scaled = {
        "test_rna": split.rna_scaling.transform(np.asarray(test.X), test.obs),
        "test_atac": split.atac_scaling.transform(np.asarray(test.obsm["atac"]), test.obs),
    }
    return split, replace(split, **scaled, test_obs=test.obs)


def try_setting(
    parts: tuple[MultiomicsSplit, MultiomicsSplit],
    models: Sequence[str],
    *,
    network: Network,
    weights: Weights,
    training: Training,
    n_permutations: int,
    seed: int,
) -> ValidationTrial:
    """`models`, names as in `fit_embeddings`, trained once and scored on both of `deal_donors`.

    Raises:
        ValueError: a name of no model.
        TrainingDiverged: as `fit_coembedding`.
    """
    settings = {"network": network, "weights": weights, "training": training, "seed": seed}
    fitted = fit_embeddings(parts[0], **settings, only=models)
    unknown = sorted(set(models) - set(fitted))
    if unknown or not fitted:
        raise ValueError(
            f"`models` must name models such as single, adversarial and contrastive; got {unknown}."
        )
    tables = [
        pair_table(part, fitted, seed, n_permutations).assign(group=group)
        for group, part in zip(GROUPS, parts, strict=True)
    ]
    scores = pd.concat(tables, ignore_index=True)
    return ValidationTrial(scores.assign(shortfall=shortfall(scores)))
