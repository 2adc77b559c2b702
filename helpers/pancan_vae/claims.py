"""What paper 1 claims, and what will count as having reproduced it, fixed before any result.

The paper gives pictures and adjectives, no numbers, so each tolerance is a reading of its words.
Three names stand for three kinds of evidence: two types that should be neighbours, one that should
stand alone, one pair that should be confused.
"""

from helpers.evaluate.reproduction import Claim

ABSENT = "not among this cohort's types"
NO_SETS = "no gene sets for these features"


def pancan_claims(
    near: tuple[str, str], apart: str, mixed: tuple[str, str], n_types: int
) -> dict[str, Claim]:
    """The claims of chapter 1 by short name, in the order of the paper, none observed yet."""
    return _spaces(near, apart) | _predictions(mixed, n_types)


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
