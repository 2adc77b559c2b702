"""Gene sets into which the clusters' differential genes fall, and pathways drawn gene by gene."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.evaluate.over_representation import cluster_prerank, over_represented_by_cluster
from helpers.vqvae_subtyping.biology.pathways import pathway_effects, pathway_summary

Collections = Mapping[str, Mapping[str, list[str]]]
MAX_Q = 0.05


@dataclass(frozen=True)
class EnrichedSets:
    """Both tests of every collection (name → table), a row a cluster and set."""

    over_represented: Mapping[str, pd.DataFrame]
    prerank: Mapping[str, pd.DataFrame]

    @property
    def passing(self) -> dict[str, int]:
        """Collection → how many of its sets × clusters are over-represented."""
        return {name: int((of["q"] < MAX_Q).sum()) for name, of in self.over_represented.items()}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`enrichment_<collection>` and `prerank_<collection>`."""
        tables = {}
        for name in self.over_represented:
            tables[f"enrichment_{file_name(name)}"] = self.over_represented[name]
            tables[f"prerank_{file_name(name)}"] = self.prerank[name]
        return tables

    @property
    def metrics(self) -> dict[str, float]:
        """`enrichment.n_sets.<collection>`."""
        return {f"enrichment.n_sets.{file_name(name)}": n for name, n in self.passing.items()}

    @property
    def summary(self) -> pd.DataFrame:
        """How many sets of each collection were tested and pass either test."""
        rows = [
            {
                "collection": name,
                "tested": self.over_represented[name]["set"].nunique(),
                "over-represented": n,
                "by prerank": (self.prerank[name]["fdr"] < MAX_Q).sum(),
            }
            for name, n in self.passing.items()
        ]
        return pd.DataFrame(rows)


def file_name(collection: str) -> str:
    """A collection's name as it stands in files and keys: "GO BP" is go_bp."""
    return collection.lower().replace(" ", "_")


def enriched_sets(
    of_genes: pd.DataFrame,
    collections: Collections,
    n_permutations: int,
    seed: int,
    *,
    min_difference: float = 0.0,
) -> EnrichedSets:
    """Test each collection's sets in each cluster, over-representation and prerank.

    `of_genes`: differential genes, a row a cluster and gene. `n_permutations`: of prerank.
    `min_difference`: |difference| above which a gene counts for over-representation, in SD.

    Raises:
        ValueError: as `over_represented_by_cluster` and `cluster_prerank`.
    """
    over = {
        name: over_represented_by_cluster(of_genes, sets, min_difference=min_difference)
        for name, sets in collections.items()
    }
    ranked = {
        name: cluster_prerank(of_genes, sets, n_permutations=n_permutations, seed=seed)
        for name, sets in collections.items()
    }
    return EnrichedSets(over, ranked)


@dataclass(frozen=True)
class PathwayFindings:
    """What each cluster does to each gene of the pathways that subtypes are named for."""

    effects: pd.DataFrame

    @property
    def is_measured(self) -> bool:
        """Whether any gene of any pathway was measured."""
        return bool(self.effects["is_measured"].any())

    def of_cluster(self, cluster: str) -> pd.DataFrame:
        """The effects in one cluster."""
        return self.effects[self.effects["cluster"] == cluster]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Genes measured, higher and lower, a row a pathway and cluster."""
        return {"pathways": pathway_summary(self.effects).reset_index()}

    @property
    def metrics(self) -> dict[str, float]:
        """None: the table says it all."""
        return {}


def named_pathways(of_genes: pd.DataFrame) -> PathwayFindings:
    """Look up the differential genes, a row a cluster and gene, in the named pathways."""
    return PathwayFindings(pathway_effects(of_genes))
