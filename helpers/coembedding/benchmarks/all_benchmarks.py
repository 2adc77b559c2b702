"""The paper's figure 2: its four benchmarks of every embedding, over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import pandas as pd

from helpers.coembedding.argument_groups import Scoring
from helpers.coembedding.benchmarks.one_split import (
    benchmark,
    mean_by_model,
    rebuilt_table,
    with_counts,
)
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.evaluate.results import spread_metrics

# Metric → the section of its key.
_SECTIONS = {
    "cohort_accuracy": "representation",
    "grassmann": "representation",
    "accuracy_trained": "representation",
    "uno_c": "survival",
    "uno_c_both": "survival",
    "uno_c_unseen": "survival",
    "uno_c_both_unseen": "survival",
}
_LISTED = ("cohort_accuracy", "accuracy_trained", "grassmann", "uno_c", "uno_c_both")
_LISTED += ("uno_c_unseen", "uno_c_both_unseen")


@dataclass(frozen=True)
class Benchmarks:
    """The four benchmarks.

    scores: a row an embedding × seed, see `benchmark`, with n_differential. rebuilt: a row a model
    × modality × seed, see `rebuilt_table`. changed: (seed, modality, model) → the table of
    `reconstruction_differential`.
    """

    scores: pd.DataFrame
    rebuilt: pd.DataFrame
    changed: dict[tuple[int, str, str], pd.DataFrame]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables scores and rebuilt."""
        return {"scores": self.scores, "rebuilt": self.rebuilt}

    @property
    def metrics(self) -> dict[str, float]:
        """representation.<metric>.<model> and survival.<metric>.<model>, and their SD."""
        metrics = {}
        for metric, section in _SECTIONS.items():
            for model, values in self.by_model(metric).items():
                metrics |= spread_metrics(f"{section}.{metric}.{model}", values)
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD of every score, a row an embedding."""
        listed = [name for name in _LISTED if name in self.scores]
        return self.scores.groupby("name", sort=False)[listed].agg(["mean", "std"]).round(3)

    def by_model(self, metric: str) -> dict[str, pd.Series]:
        """Model → a value a seed, see `mean_by_model`; {} where the metric is not known."""
        return mean_by_model(self.scores, metric) if metric in self.scores else {}


def run_benchmarks(
    donors: anndata.AnnData, trained: Sequence[TrainedSeed], scoring: Scoring
) -> Benchmarks:
    """Cancer type, Grassmann distance, survival and features that differ once rebuilt.

    ATAC is rebuilt only where it is peaks.
    """
    scores = pd.concat(
        [benchmark(one.split, one.models, scoring, one.seed) for one in trained],
        ignore_index=True,
    )
    modalities = ["rna", "atac"] if donors.uns["atac_feature"] == "peak" else ["rna"]
    rebuilt, changed = [], {}
    for one in trained:
        for modality in modalities:
            counts, features = rebuilt_table(donors, one.split, one.models, modality, one.seed)
            rebuilt.append(counts.assign(modality=modality))
            changed |= {(one.seed, modality, model): t for model, t in features.items()}
    rebuilt = pd.concat(rebuilt, ignore_index=True)
    return Benchmarks(with_counts(scores, rebuilt), rebuilt, changed)
