"""Genes and microRNAs that differ between clusters, with a control against double dipping."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.differential import (
    differential_by_cluster,
    double_dipping,
    held_out_differential,
)
from helpers.vqvae_subtyping.profiles import Profiles

MAX_Q = 0.05


@dataclass(frozen=True)
class DifferentialFindings:
    """Each cluster against the other patients.

    differing: a row a cluster and feature, tested on the values the clusters were made of.
    held_out: the same where patients were assigned without the value tested.
    control: a row a cluster, what is left when both are kept apart.
    """

    differing: pd.DataFrame
    held_out: pd.DataFrame
    control: pd.DataFrame

    @property
    def shown(self) -> str:
        """The first cluster that was tested, A unless it is too small; "" if none was."""
        return min(self.differing["cluster"], default="")

    def of_cluster(self, cluster: str) -> pd.DataFrame:
        """The tests of one cluster."""
        return self.differing[self.differing["cluster"] == cluster]

    def of_features(self, names: Collection[str]) -> pd.DataFrame:
        """The tests of some features in every cluster."""
        return self.differing[self.differing["feature"].isin(names)]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tests and their control."""
        return {"differential": self.differing, "double_dipping": self.control}

    @property
    def metrics(self) -> dict[str, float]:
        """Pairs of cluster and feature with q below 0.05, of both tests."""
        return {
            "differential.n_features.found": int((self.differing["q"] < MAX_Q).sum()),
            "differential.n_features.held_out": int((self.held_out["q"] < MAX_Q).sum()),
        }


def differing_features(profiles: Profiles, clusters: np.ndarray, seed: int) -> DifferentialFindings:
    """Test every feature in every cluster, with and without the double use of the values.

    Raises:
        ValueError: as `differential_by_cluster`.
    """
    differing = differential_by_cluster(profiles.table, clusters)
    held_out = held_out_differential(profiles.table, clusters, seed=seed)
    return DifferentialFindings(differing, held_out, double_dipping(differing, held_out))
