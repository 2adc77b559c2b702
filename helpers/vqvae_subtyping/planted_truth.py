"""Simulated patients: are planted subtypes, hazards and microRNA–gene pairs found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.results import spread_metrics
from helpers.vqvae_subtyping.biology.regulation import planted_first, rank_pairs
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.label_agreement import ari
from helpers.vqvae_subtyping.extractors.extractions import SPACES
from helpers.vqvae_subtyping.profiles import Profiles


@dataclass(frozen=True)
class RecoveredTruth:
    """What of the truth is found.

    ari: space → adjusted Rand index of its k-means clusters with the planted subtypes, a value a
        seed.
    hazards: a row a planted subtype, its planted log hazard and its deaths a patient year.
    pairs_first: share of the planted pairs among as many first-ranked; NaN without microRNAs.
    """

    ari: Mapping[str, list[float]]
    hazards: pd.DataFrame
    pairs_first: float

    @property
    def pairs_in_words(self) -> str:
        """How many planted pairs stand first; that there are none to rank, where so."""
        if np.isnan(self.pairs_first):
            return "no microRNA–gene pairs were ranked"
        return f"planted pairs among as many first-ranked: {self.pairs_first:.0%}"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """None: a handful of numbers."""
        return {}

    @property
    def metrics(self) -> dict[str, float]:
        """`truth.ari.<space>` with `_sd`, `truth.hazard_rank`, `truth.pairs_ranked_first`."""
        metrics = {}
        for space, values in self.ari.items():
            metrics |= spread_metrics(f"truth.ari.{space}", values)
        log_rate = np.log(self.hazards["deaths a patient year"])
        rank = self.hazards["planted log hazard"].corr(log_rate, method="spearman")
        others = {"truth.hazard_rank": rank, "truth.pairs_ranked_first": self.pairs_first}
        return metrics | {key: value for key, value in others.items() if np.isfinite(value)}


def recover_truth(
    profiles: Profiles, clusterings: Clusterings, supported: Mapping[str, Collection[str]]
) -> RecoveredTruth:
    """Compare what was found with `profiles.truth`. `supported`: microRNA → genes."""
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    agreement = {
        space: [ari(labels, planted) for labels in clusterings.of_seed(space, "kmeans").values()]
        for space in SPACES
    }
    followed = pd.DataFrame({"died": profiles.died, "years": profiles.days / 365.25})
    of_subtype = followed.groupby(planted[profiles.is_followed]).sum()
    rate = (of_subtype["died"] / of_subtype["years"]).rename("deaths a patient year")
    hazards = pd.Series(profiles.truth["hazards"]).astype(float).rename("planted log hazard")
    pairs_first = float("nan")
    if supported:
        mirnas, genes = (profiles.table.loc[:, at] for at in (~profiles.is_gene, profiles.is_gene))
        ranked = rank_pairs(mirnas, genes, supported, clusterings.letters)
        pairs_first = planted_first(ranked, map(tuple, profiles.truth["pairs"]))
    return RecoveredTruth(agreement, pd.concat([hazards, rate], axis=1), pairs_first)
