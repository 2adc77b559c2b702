"""Do reconstructions differ from what was observed, and are the features that do about anything?"""

from collections.abc import Mapping
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.annotations import feature_sets
from helpers.coembedding.benchmarks.all_benchmarks import Benchmarks
from helpers.coembedding.benchmarks.reconstruction_differential import (
    pseudoreplicates,
    reconstruction_differential,
)
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.evaluate.over_representation import over_represented
from helpers.evaluate.results import spread_metrics

_COUNTED = {"rna": "n_genes", "atac": "n_peaks"}
_LISTED = ["n_differential", "n_features", "sd_ratio", "agreement"]
_LARGEST_Q = 0.05


@dataclass(frozen=True)
class Reconstructions:
    """What changes when a model gives a modality back from its own embedding.

    rebuilt: the table of `Benchmarks`. floor: RNA features that differ between pseudoreplicates of
    the same donors, of n_features.
    """

    rebuilt: pd.DataFrame
    floor: int
    n_features: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """None: the counts are in `Benchmarks.tables`."""
        return {}

    @property
    def metrics(self) -> dict[str, float]:
        """differential.n_genes.<model>, .n_peaks.<model> and .agreement_<modality>.<model>."""
        metrics = {"differential.n_genes.pseudoreplicates": self.floor}
        for (modality, model), rows in self.rebuilt.groupby(["modality", "model"], sort=False):
            name = f"{modality}_vae" if model == "single" else model
            counted = f"differential.{_COUNTED[modality]}.{name}"
            metrics |= spread_metrics(counted, rows["n_differential"])
            metrics |= spread_metrics(
                f"differential.agreement_{modality}.{name}", rows["agreement"]
            )
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Means over seeds, a row a modality and model."""
        by_model = self.rebuilt.groupby(["modality", "model"], sort=False)
        return by_model[_LISTED].mean().round(3)

    @property
    def sentence(self) -> str:
        """The floor in words."""
        return f"pseudoreplicates: {self.floor} of {self.n_features:,} RNA features differ"


def judge_reconstructions(
    donors: anndata.AnnData, benchmarks: Benchmarks, trained: TrainedSeed
) -> Reconstructions:
    """Counts of `benchmarks` beside their floor: each held-out donor's reads dealt to two halves.

    The floor is of the largest cancer type of `trained`, the first seed.
    """
    split, rebuilt = trained.split, benchmarks.rebuilt
    largest = (split.test_obs["cancer_type"] == rebuilt["cancer_type"].iloc[0]).to_numpy()
    observed = donors[split.test_obs.index[largest]]
    # log2(reads + 1) undone.
    reads = np.rint(2.0 ** np.asarray(observed.X)[:, split.rna_scaling.kept_] - 1).clip(min=0)
    halves = reconstruction_differential(*pseudoreplicates(reads, trained.seed))
    return Reconstructions(rebuilt, int(halves["is_differential"].sum()), reads.shape[1])


@dataclass(frozen=True)
class ChangedFeatures:
    """What the RNA features that differ are about, of one co-embedding.

    model: that co-embedding. shares: of its RNA features that differ, one a seed. enriched: the
    table of `over_represented` of each seed, by seed; {} where features have no sets. what: where
    the sets come from, a sentence.
    """

    model: str
    shares: np.ndarray
    enriched: Mapping[int, pd.DataFrame]
    what: str

    @property
    def n_sets(self) -> list[int]:
        """Sets with q < 0.05, one number a seed."""
        return [int((table["q"] < _LARGEST_Q).sum()) for table in self.enriched.values()]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table enrichment_rna, of the last seed."""
        if not self.enriched:
            return {}
        return {"enrichment_rna": [*self.enriched.values()][-1].drop(columns="genes")}

    @property
    def metrics(self) -> dict[str, float]:
        """differential.n_sets.rna."""
        return spread_metrics("differential.n_sets.rna", self.n_sets)

    @property
    def observed(self) -> dict[str, list[float]]:
        """Claim → values, one a seed."""
        return {"genes": list(self.shares)} | ({"go": self.n_sets} if self.enriched else {})

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        counts = f"{self.n_sets} sets with q < {_LARGEST_Q}, by seed."
        return f"{self.what} Of {self.model}'s differing features: {counts}"


def enrich_changed(donors: anndata.AnnData, benchmarks: Benchmarks, model: str) -> ChangedFeatures:
    """Over-representation among all measured features, of the features that `model` changes.

    `model` is to be named before the counts are seen: the fewest of several flatter.

    Raises:
        ValueError: `model` rebuilt no RNA.
    """
    rebuilt = benchmarks.rebuilt
    ours = rebuilt[rebuilt["modality"].eq("rna")]
    rows = ours[ours["model"].eq(model)]
    if rows.empty:
        raise ValueError(
            f"`model` must rebuild RNA, as {sorted(set(ours['model']))} do; got {model!r}."
        )
    shares = (rows["n_differential"] / rows["n_features"]).to_numpy()
    sets, item, what = feature_sets(donors)
    tables = {s: benchmarks.changed[s, "rna", model] for s in rows["seed"] if sets}
    enriched = {seed: _over_represented(table, sets, item) for seed, table in tables.items()}
    return ChangedFeatures(model, shares, enriched, what)


def _over_represented(
    table: pd.DataFrame, sets: Mapping[str, list[str]], item: Mapping[str, str]
) -> pd.DataFrame:
    measured = {item[str(name)] for name in table.index}
    hits = {item[str(name)] for name in table.index[table["is_differential"]]}
    return over_represented(hits, measured, sets, min_size=3)
