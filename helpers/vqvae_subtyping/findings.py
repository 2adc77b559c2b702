"""What the chapter found on one cohort, together, for its claims and its takeaways."""

from dataclasses import dataclass

from helpers.vqvae_subtyping.biology.cluster_features import DifferentialFindings
from helpers.vqvae_subtyping.biology.enriched_sets import EnrichedSets, PathwayFindings
from helpers.vqvae_subtyping.biology.repression_network import PairedNetworks, RepressionNetwork
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.subtype_flow import SubtypeFlow
from helpers.vqvae_subtyping.clusters.survival_comparison import SUBTYPES, SurvivalComparison
from helpers.vqvae_subtyping.extractors.extractions import Starts
from helpers.vqvae_subtyping.held_out_subtypes import HeldOut
from helpers.vqvae_subtyping.latents.group_findings import GroupFindings


@dataclass(frozen=True)
class Findings:
    """Results of the analyses; None where the cohort or the run has no such part."""

    clusterings: Clusterings
    starts: Starts
    flow: SubtypeFlow
    groups: GroupFindings
    features: DifferentialFindings
    sets: EnrichedSets
    pathways: PathwayFindings
    networks: PairedNetworks | None
    survival: SurvivalComparison | None
    held_out: HeldOut

    @property
    def network(self) -> RepressionNetwork | None:
        """Cluster A's network."""
        return None if self.networks is None else self.networks.first

    @property
    def prognosis(self) -> list[float]:
        """Of each seed, 1 where unseen patients' clusters have a larger χ² than known subtypes.

        Empty where subtypes or survival are not known.
        """
        if self.survival is None or self.survival.of(SUBTYPES).empty:
            return []
        known = self.survival.of(SUBTYPES)["chi2"].item()
        return [float(chi2 > known) for chi2 in self.held_out.values("chi2", "vqvae")]
