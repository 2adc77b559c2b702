"""What paper 1 claims, and what will count as having reproduced it, fixed before any result.

The paper gives pictures and adjectives, no numbers, so each tolerance is a reading of its words.
Three names stand for three kinds of evidence: two types that should be neighbours, one that should
stand alone, one pair that should be confused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import anndata

from helpers.evaluate.reproduction import Claim, Verdicts, judge
from helpers.pancan_vae.classifiers.mistakes import Mistakes
from helpers.pancan_vae.classifiers.space_comparison import SealedScores, SpaceComparison
from helpers.pancan_vae.enrichment.cluster_scores import ClusterScores
from helpers.pancan_vae.enrichment.every_fold import FoldHallmarks
from helpers.pancan_vae.enrichment.hallmarks import HallmarkEnrichment
from helpers.pancan_vae.latent_space.seed_stability import SeedStability
from helpers.pancan_vae.latent_space.tumour_clusters import TumourClusters
from helpers.pancan_vae.latent_space.type_geometry import Geometry
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER
from helpers.pancan_vae.prognosis import Prognosis

ABSENT = "not among this cohort's types"
NO_SETS = "no gene sets for these features"
NOT_TRAINED = "the paper's own model was not trained in this run"
BY_BOTH = (
    "tissue",
    "apart",
    "accuracy",
    "hallmarks",
    "pca",
)  # claims that both models are held against


@dataclass(frozen=True)
class Expected:
    """The cancer types that the paper's claims, or a simulation's truth, name.

    near: two types that lie next to each other. apart: one that stands alone. mixed: the pair that
    is confused. types: all types of the cohort. reference: who says so, "paper" or "truth".
    """

    near: tuple[str, str]
    apart: str
    mixed: tuple[str, str]
    types: tuple[str, ...]
    reference: str


def expected_types(cohort: anndata.AnnData) -> Expected:
    """What the paper names, or what was planted where the cohort is simulated."""
    types = tuple(sorted(cohort.obs["cancer_type"].unique()))
    truth = cohort.uns.get("truth")
    if truth:
        twins = tuple(truth["twin_types"])
        return Expected(twins, truth["separate_type"], twins, types, "truth")
    return Expected(("COAD", "READ"), "LAML", ("LUAD", "LUSC"), types, "paper")


def pancan_claims(expected: Expected) -> dict[str, Claim]:
    """The claims of chapter 1 by short name, in the order of the paper, none observed yet.

    Those in `BY_BOTH` stand twice: for this chapter's VAE, and as "paper_…", under the same
    tolerance, for the paper's own model.
    """
    claims = _spaces(expected.near, expected.apart)
    claims |= _predictions(expected.mixed, len(expected.types))
    doubled = {}
    for name, claim in claims.items():
        doubled[name] = claim
        if name in BY_BOTH:
            words = f"{claim.claim}, model {AS_THE_PAPER_HAS_IT}"
            doubled[f"paper_{name}"] = replace(
                claim, claim=words, reason=claim.reason or NOT_TRAINED
            )
    return doubled


@dataclass(frozen=True)
class Evidence:
    """The results that the claims and the takeaways are read from; None where one is missing."""

    geometry: Geometry
    classifiers: SpaceComparison
    sealed: SealedScores
    mistakes: Mistakes
    hallmarks: HallmarkEnrichment
    stability: SeedStability | None
    survival: Prognosis
    every_fold: FoldHallmarks | None = None
    clusters: TumourClusters | None = None
    cluster_scores: ClusterScores | None = None


def judge_claims(claims: Mapping[str, Claim], expected: Expected, evidence: Evidence) -> Verdicts:
    """Each claim with the values found here; where there are none it keeps its reason."""
    values = _observations(expected, evidence)
    judged = [
        claim.observe(values[name]) if values.get(name) else claim for name, claim in claims.items()
    ]
    return judge(judged, expected.reference)


def _observations(expected: Expected, evidence: Evidence) -> dict[str, list[float]]:
    """Claim → the values found, one a seed or one in all; [] where it cannot be tested."""
    geometry, classifiers = evidence.geometry, evidence.classifiers
    is_near = set(expected.near) <= set(expected.types)
    rank = evidence.mistakes.rank(*expected.mixed)
    return {
        "tissue": geometry.score("vae", "knn_purity"),
        "paper_tissue": geometry.score(PAPER, "knn_purity"),
        "paper_apart": geometry.score(PAPER, "silhouette_apart"),
        "paper_accuracy": classifiers.values("accuracy", PAPER),
        "paper_pca": classifiers.margin("accuracy", PAPER),
        "near": geometry.mutually_nearest(*expected.near) if is_near else [],
        "apart": geometry.score("vae", "silhouette_apart"),
        "accuracy": classifiers.values("accuracy", "vae"),
        "mixed": [] if rank is None else [rank],
        "hallmarks": _tasks(evidence, "axes"),
        "paper_hallmarks": _tasks(evidence, PAPER),
        "pca": classifiers.margin("accuracy"),
        "shuffled": classifiers.values("balanced_accuracy", "shuffled"),
    }


def _tasks(evidence: Evidence, space: str) -> list[float]:
    """Hallmark tasks that a space's dimensions carry, a value a fold, or the first fold's."""
    if evidence.every_fold is not None:
        return evidence.every_fold.values("tasks", space)
    tasks = evidence.hallmarks.tasks
    return [evidence.hallmarks.n_tasks(space)] if space in tasks else []


def _spaces(near: tuple[str, str], apart: str) -> dict[str, Claim]:
    return {
        "tissue": Claim(
            "tumours of one tissue cluster", "figure 2", "shown",
            "15-NN purity, mean of types, ≥ 0.8; partly ≥ 0.6",
            lambda v: v >= 0.8, lambda v: v >= 0.6,
        ),
        "near": Claim(
            f"{near[0]} lies next to {near[1]}", "figure 2", "shown",
            "each the other's nearest type in ≥ 80 % of seeds; partly ≥ 40 %",
            lambda v: v >= 0.8, lambda v: v >= 0.4, reason=ABSENT,
        ),
        "apart": Claim(
            f"{apart} stands apart", "results", "stated",
            "silhouette against the rest > 0.5; partly > 0.25",
            lambda v: v > 0.5, lambda v: v > 0.25, reason=ABSENT,
        ),
    }  # fmt: skip


def _predictions(mixed: tuple[str, str], n_types: int) -> dict[str, Claim]:
    return {
        "accuracy": Claim(
            "cancer type is predicted with high accuracy", "figure 3", "“high”",
            "held-out accuracy ≥ 0.9; partly ≥ 0.8", lambda v: v >= 0.9, lambda v: v >= 0.8,
        ),
        "mixed": Claim(
            f"errors fall between {mixed[0]} and {mixed[1]}", "figure 3", "shown",
            "rank of the pair among confused pairs 1; partly ≤ 3",
            lambda v: v <= 1, lambda v: v <= 3, reason=ABSENT,
        ),
        "hallmarks": Claim(
            "dimensions carry the five hallmark tasks", "figure 4", "5 of 5",
            "tasks with FDR < 0.05 by CAMERA: 5; partly ≥ 3",
            lambda v: v >= 5, lambda v: v >= 3, reason=NO_SETS,
        ),
        "pca": Claim(
            "VAE latents tell more than PCA", "not compared", "–",
            "accuracy minus PCA's ≥ 0; partly ≥ −0.01", lambda v: v >= 0, lambda v: v >= -0.01,
        ),
        "shuffled": Claim(
            "nothing is learnt from shuffled labels", "not tested", "–",
            "balanced accuracy within 0.05 of chance", lambda v: abs(v - 1 / n_types) <= 0.05,
        ),
    }  # fmt: skip
