"""One modality from the other, over seeds, and whether planted links of peaks and genes appear."""

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac import peak_gene_links as links
from helpers.coembedding.benchmarks.one_split import imputation_table
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.evaluate.results import spread_metrics, table_metrics

_TARGETS = {"ATAC → RNA": "rna", "RNA → ATAC": "atac"}
_LISTED = ["spearman", "shuffled_within_type", "within_type", "explained"]
_LINKED = ("adversarial", "contrastive", "shuffled", "ridge")


@dataclass(frozen=True)
class Imputation:
    """Held-out modalities predicted from the other; scores: a row a method × direction × seed."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table imputation."""
        return {"imputation": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """imputation.spearman_<target>.<model> and imputation.explained_<target>.<model>."""
        metrics = {}
        for (direction, model), rows in self.scores.groupby(["direction", "method"]):
            for column in ("spearman", "explained"):
                key = f"imputation.{column}_{_TARGETS[direction]}.{model}"
                metrics |= spread_metrics(key, rows[column])
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Means over seeds, a row a direction and method."""
        return self.scores.groupby(["direction", "method"])[_LISTED].mean().round(3)

    @property
    def of_first_seed(self) -> pd.DataFrame:
        """The rows that the figure shows."""
        return self.scores[self.scores["seed"] == self.scores["seed"].iloc[0]]

    def values(self, target: str, method: str, column: str = "spearman") -> pd.Series:
        """One score of one method that predicts `target` ("rna", "atac"), a value a seed."""
        is_target = self.scores["direction"].map(_TARGETS) == target
        return self.scores.loc[is_target & (self.scores["method"] == method), column].dropna()


def impute_across(trained: Sequence[TrainedSeed]) -> Imputation:
    """Each modality of held-out donors from the other, by every model with a shared space."""
    tables = [imputation_table(one.split, one.models, one.seed)[0] for one in trained]
    return Imputation(pd.concat(tables, ignore_index=True))


@dataclass(frozen=True)
class PlantedLinks:
    """How well planted links are found; recovery: a row a score × seed, empty without truth."""

    recovery: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table links, if there are any."""
        return {} if self.recovery.empty else {"links": self.recovery}

    @property
    def metrics(self) -> dict[str, float]:
        """truth.link_auroc.<score>."""
        if self.recovery.empty:
            return {}
        return {
            key.replace("truth.auroc", "truth.link_auroc"): value
            for key, value in table_metrics(self.recovery, "truth", ["auroc"], "score").items()
        }

    @property
    def summary(self) -> pd.DataFrame:
        """Means over seeds, a row a score."""
        if self.recovery.empty:
            return pd.DataFrame(columns=["no planted links in this run"])
        columns = ["auroc", "precision", "base_rate"]
        return self.recovery.groupby("score")[columns].mean().round(3)


def recover_links(donors: anndata.AnnData, trained: Sequence[TrainedSeed]) -> PlantedLinks:
    """Planted peak–gene links found by correlating imputed genes with the peaks near them.

    Beside it the observed genes and distance alone. Without planted links, or without peaks, there
    is nothing to find.
    """
    truth = donors.uns.get("truth")
    if not truth or donors.uns["atac_feature"] != "peak":
        return PlantedLinks(pd.DataFrame())
    # Features are those that the first seed's scaling kept.
    scalings = trained[0].split.rna_scaling, trained[0].split.atac_scaling
    genes, peaks = donors.var[scalings[0].kept_], donors.uns["atac_var"][scalings[1].kept_]
    near = links.cis_candidates(genes, peaks)
    planted = {(link.gene, link.peak) for link in truth["links"].itertuples()}
    is_link = [pair in planted for pair in zip(near["gene"], near["peak"], strict=True)]
    at = genes.index.get_indexer(near["gene"]), peaks.index.get_indexer(near["peak"])
    rows = []
    for one in trained:
        views = {"observed": one.split.test_rna}
        views |= {name: one.models[name].impute_rna(one.split.test_atac) for name in _LINKED}
        scores = {
            name: np.abs(links.link_correlation(view, one.split.test_atac, *at))
            for name, view in views.items()
        }
        scores["distance"] = -near["distance"].to_numpy()
        for name, score in scores.items():
            rows.append({"seed": one.seed, "score": name} | links.link_recovery(score, is_link))
    return PlantedLinks(pd.DataFrame(rows))
