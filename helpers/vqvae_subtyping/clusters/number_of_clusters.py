"""How many clusters are there: stability against data without clusters, and consensus NMF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.vqvae_subtyping.clusterers.consensus_nmf import cophenetic_curve
from helpers.vqvae_subtyping.clusters.cluster_stability import choose_k, stability_over_k
from helpers.vqvae_subtyping.extractors.extractions import Extractions
from helpers.vqvae_subtyping.profiles import Profiles

LOOKED_AT = ("vqvae", "raw")


@dataclass(frozen=True)
class Effort:
    """How much is drawn.

    n_resamples: pairs of random parts of the patients.
    n_nulls: data sets without clusters.
    n_runs: factorisations of consensus NMF.
    """

    n_resamples: int
    n_nulls: int
    n_runs: int


@dataclass(frozen=True)
class NumberOfClusters:
    """Stability over k by space, as `stability_over_k` gives it, and the cophenetic curve."""

    stability: Mapping[str, pd.DataFrame]
    cophenetic: pd.DataFrame

    @property
    def chosen(self) -> dict[str, int]:
        """Space → the number of clusters with the largest gap to the null, 1 for none."""
        return {space: choose_k(of_k) for space, of_k in self.stability.items()}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Stability, a row a space and k, and the cophenetic curve."""
        stability = pd.concat(self.stability, names=["space"]).reset_index(0)
        return {"stability_over_k": stability, "cophenetic": self.cophenetic}

    @property
    def metrics(self) -> dict[str, float]:
        """`stability.chosen_k.<space>`."""
        return {f"stability.chosen_k.{space}": k for space, k in self.chosen.items()}


def search_k(
    profiles: Profiles, extractions: Extractions, ks: Sequence[int], effort: Effort
) -> NumberOfClusters:
    """Look at each number of clusters, for the first seed's VQ-VAE and for the plain values.

    Raises:
        ValueError: as `stability_over_k`.
    """
    seed = extractions.seeds[0]
    draws = {"n_resamples": effort.n_resamples, "n_nulls": effort.n_nulls, "seed": seed}
    stability = {
        space: stability_over_k(extractions.first[space], ks, **draws) for space in LOOKED_AT
    }
    curve = cophenetic_curve(profiles.common, ks, n_runs=effort.n_runs, seed=seed)
    return NumberOfClusters(stability, curve)
