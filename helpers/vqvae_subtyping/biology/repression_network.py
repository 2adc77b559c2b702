"""The network of microRNAs and genes that tells cluster A from the next, B, and its hubs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.vqvae_subtyping.biology.hubs import hubs
from helpers.vqvae_subtyping.biology.regulation import cerna_edges, regulation_pairs
from helpers.vqvae_subtyping.profiles import Profiles

COMPARED = ("A", "B")


@dataclass(frozen=True)
class RepressionNetwork:
    """Supported pairs of which both members differ and that anticorrelate.

    pairs: as `regulation_pairs` returns them. nodes: as `hubs` does, largest degree first; None
    without a pair. n_patients: of the two clusters. lncrnas: the long non-coding RNAs measured.
    """

    pairs: pd.DataFrame
    nodes: pd.DataFrame | None
    n_patients: int
    lncrnas: frozenset[str]

    @property
    def n_pairs(self) -> int:
        """Pairs of the network."""
        return len(self.pairs)

    @property
    def hubs(self) -> pd.DataFrame:
        """The eight nodes with most pairs; empty without a pair."""
        return pd.DataFrame() if self.nodes is None else self.nodes.head(8)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Pairs and, where there are any, hubs and genes that share microRNAs."""
        if self.nodes is None:
            return {"regulation": self.pairs}
        competing = cerna_edges(self.pairs)
        hub_table = self.nodes.reset_index()
        return {"regulation": self.pairs, "hubs": hub_table, "competing_genes": competing}

    @property
    def metrics(self) -> dict[str, float]:
        """`regulation.n_pairs`."""
        return {"regulation.n_pairs": self.n_pairs}

    @property
    def summary(self) -> str:
        """How many pairs there are, in words."""
        n_supported = self.pairs.attrs["n_supported"]
        return f"{n_supported:,} supported pairs measured, {self.n_pairs:,} in the network"


def repression_network(
    profiles: Profiles,
    clusters: np.ndarray,
    supported: Mapping[str, Collection[str]],
    lncrnas: Collection[str],
    seed: int,
) -> RepressionNetwork:
    """The network of clusters A and B. `supported`: microRNA → genes; `lncrnas`: names of genes.

    Raises:
        ValueError: as `regulation_pairs`.
    """
    two = np.isin(clusters, COMPARED)
    mirnas = profiles.table.loc[two, ~profiles.is_gene]
    genes = profiles.table.loc[two, profiles.is_gene]
    pairs = regulation_pairs(mirnas, genes, clusters[two], COMPARED[0], supported, lncrnas=lncrnas)
    nodes = hubs(pairs, supported, profiles.feature_names, seed=seed) if len(pairs) else None
    measured = frozenset(lncrnas) & set(profiles.feature_names)
    return RepressionNetwork(pairs, nodes, int(two.sum()), measured)
