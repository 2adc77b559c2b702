"""Does mixing keep biology? Donors, modalities and cancer types of every model, over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.coembedding.benchmarks.one_split import pair_table
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.evaluate.active_units import active_units
from helpers.evaluate.results import Found, table_metrics

_METRICS = ("foscttm", "modality_accuracy", "label_accuracy", "foscttm_inside_type")
_LISTED = ["foscttm", "foscttm_within_type", "foscttm_inside_type", "nearest_type"]
_LISTED += ["modality_accuracy", "label_accuracy"]
_READ_OUT = ("single", "adversarial", "contrastive")


@dataclass(frozen=True)
class Pairing:
    """How well held-out donors meet.

    scores: a row a model × seed with the columns of `pair_scores`. majority: share of the largest
    cancer type among the first seed's held-out donors, the accuracy of whoever names it always.
    """

    scores: pd.DataFrame
    majority: float

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table pairs."""
        return {"pairs": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """representation.<metric>.<model>, mean over seeds, and its SD."""
        return table_metrics(self.scores, "representation", _METRICS, "model")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD of every score, a column a model."""
        by_model = self.scores.groupby("model", sort=False)[_LISTED]
        return by_model.agg(["mean", "std"]).round(3).T

    def values(self, metric: str, model: str) -> pd.Series:
        """One metric of one model, a value a seed; empty if the model was not run."""
        return self.scores.loc[self.scores["model"] == model, metric].dropna()


def judge_pairs(trained: Sequence[TrainedSeed], n_permutations: int, n_folds: int = 5) -> Pairing:
    """FOSCTTM and its controls, modality and cancer type of held-out donors, a row a model × seed.

    `n_permutations`: random exchanges of partners in every control. `n_folds`: of patients, in
    which modality and cancer type are told.
    """
    more = n_permutations, n_folds
    tables = [pair_table(one.split, one.models, one.seed, *more) for one in trained]
    majority = trained[0].split.test_obs["cancer_type"].value_counts(normalize=True).max()
    return Pairing(pd.concat(tables, ignore_index=True), float(majority))


def count_active_units(trained: TrainedSeed) -> Found:
    """Latent dimensions in use by model and modality; as a metric the smaller of the two."""
    split = trained.split
    units = {
        "RNA": {
            name: active_units(model.embed_rna(split.test_rna))
            for name, model in trained.models.items()
        },
        "ATAC": {
            name: active_units(model.embed_atac(split.test_atac))
            for name, model in trained.models.items()
            if model.embed_atac is not None
        },
    }
    table = pd.DataFrame(units).rename_axis("model")
    fewest = table.min(axis=1)
    metrics = {f"latent.active_units.{model}": fewest[model] for model in _READ_OUT}
    return Found({"active_units": table}, metrics)
