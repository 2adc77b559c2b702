"""Networks of microRNAs and genes of cluster A and of the one most like it, and their hubs.

The paper draws them for its clusters A and E, of like PAM50 classes: what differs between the two,
and in each of them falls as the other rises.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.vqvae_subtyping.biology.hubs import hubs
from helpers.vqvae_subtyping.biology.regulation import cerna_edges, no_pairs, regulation_pairs
from helpers.vqvae_subtyping.profiles import Profiles

FEWEST = 5  # patients of a cluster that has a network
N_HUBS = 10  # that are looked for in both networks


@dataclass(frozen=True)
class RepressionNetwork:
    """Supported pairs of which both members differ and that anticorrelate.

    pairs: as `regulation_pairs` returns them. nodes: as `hubs` does, largest degree first; None
    without a pair. n_patients: of the cluster. lncrnas: the long non-coding RNAs measured.
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


@dataclass(frozen=True)
class PairedNetworks:
    """The networks of two clusters, of the pairs that differ between them.

    names: their letters, A first. first, second: their networks.
    """

    names: tuple[str, str]
    first: RepressionNetwork
    second: RepressionNetwork

    @property
    def both(self) -> dict[str, RepressionNetwork]:
        """Letter → network."""
        return dict(zip(self.names, (self.first, self.second), strict=True))

    @property
    def pairs(self) -> dict[str, pd.DataFrame]:
        """Letter → pairs of the network."""
        return {name: network.pairs for name, network in self.both.items()}

    @property
    def n_patients(self) -> dict[str, int]:
        """Letter → patients of the cluster."""
        return {name: network.n_patients for name, network in self.both.items()}

    @property
    def shared_hubs(self) -> float:
        """Share of the ten nodes with most pairs that both have, in [0, 1]; NaN without a pair."""
        if self.first.nodes is None or self.second.nodes is None:
            return float("nan")
        first, second = (set(net.nodes.index[:N_HUBS]) for net in (self.first, self.second))
        return len(first & second) / min(len(first), len(second))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Those of A's network; of the other the same with its letter."""
        letter = self.names[1].lower()
        other = {f"{name}_{letter}": table for name, table in self.second.tables.items()}
        return self.first.tables | other

    @property
    def metrics(self) -> dict[str, float]:
        """`regulation.n_pairs`, of A's network, and `.other`."""
        return self.first.metrics | {"regulation.n_pairs.other": self.second.n_pairs}

    @property
    def summary(self) -> str:
        """How many pairs each network has, in words."""
        parts = [f"cluster {name}: {network.summary}" for name, network in self.both.items()]
        return "\n".join(parts)


def paired_networks(
    profiles: Profiles,
    clusters: np.ndarray,
    other: str,
    supported: Mapping[str, Collection[str]],
    lncrnas: Collection[str],
    seed: int,
) -> PairedNetworks:
    """The networks of cluster A and of `other`. `supported`: microRNA → genes; `lncrnas`: names.

    Without a pair where one of the two has fewer than five patients.

    Raises:
        ValueError: as `regulation_pairs`.
    """
    pair = ("A", other)
    two = np.isin(clusters, pair)
    mirnas = profiles.table.loc[two, ~profiles.is_gene]
    genes = profiles.table.loc[two, profiles.is_gene]
    measured = frozenset(lncrnas) & set(profiles.feature_names)
    sizes = [int((clusters == name).sum()) for name in pair]
    if min(sizes) < FEWEST:
        none = [RepressionNetwork(no_pairs(), None, size, measured) for size in sizes]
        return PairedNetworks(pair, *none)
    networks = []
    for name, n_patients in zip(pair, sizes, strict=True):
        how = {"lncrnas": lncrnas, "within": name}
        found = regulation_pairs(mirnas, genes, clusters[two], name, supported, **how)
        nodes = hubs(found, supported, profiles.feature_names, seed=seed) if len(found) else None
        networks.append(RepressionNetwork(found, nodes, n_patients, measured))
    return PairedNetworks(pair, *networks)
