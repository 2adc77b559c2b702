"""Where the known subtypes go: which of them keep a cluster of their own."""

from dataclasses import dataclass

import pandas as pd

from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.label_matching import label_flow
from helpers.vqvae_subtyping.profiles import Profiles

NAMED = ("Basal", "LumA")  # the subtypes that, the paper says, keep a cluster each


@dataclass(frozen=True)
class SubtypeFlow:
    """Patients of each subtype in each of the VQ-VAE's clusters.

    table: `label_flow` from known subtypes to the first seed's clusters.
    kept_shares: a value a seed, the smaller of the shares of Basal and LumA that one cluster holds;
        empty where the cohort has no such subtypes.
    """

    table: pd.DataFrame
    kept_shares: tuple[float, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"label_flow": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """None: the table says it all."""
        return {}


def follow_subtypes(profiles: Profiles, clusterings: Clusterings) -> SubtypeFlow:
    """Follow each known subtype into the clusters of the VQ-VAE."""
    kept_shares = []
    if set(NAMED) <= set(profiles.subtype):
        for labels in clusterings.of_seed().values():
            flow = label_flow(profiles.subtype, labels)
            largest = flow.groupby("source")["share"].max()
            kept_shares.append(min(largest[name] for name in NAMED))
    return SubtypeFlow(label_flow(profiles.shown_subtype, clusterings.letters), tuple(kept_shares))
