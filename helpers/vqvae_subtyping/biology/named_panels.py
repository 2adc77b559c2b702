"""What the paper reads off its figures 7f, 8 and 9, as shares of what it names."""

from collections.abc import Collection, Mapping

import pandas as pd

from helpers.vqvae_subtyping.biology.pathways import BREAST_CANCER_PATHWAYS

MAX_Q = 0.05
NAMED_GENES = ("ARID2", "KRAS", "MAP3K1", "TP53")
RAISED = {"MAP3K1": 1, "TP53": 1}
DIRECTED = {"ESR1": -1, "NCOA3": -1, "IGF1R": -1, "SOS1": -1, "MAP2K2": 1}
IMMUNE_SETS = (
    "T cell activation (GO:0042110)",
    "lymphocyte differentiation (GO:0030098)",
    "mononuclear cell differentiation (GO:1903131)",
)
"""Genes and gene sets the paper names for cluster A; 1 is higher there, −1 lower."""


def share_that_differ(
    of_cluster: pd.DataFrame, genes: Collection[str] | Mapping[str, int], max_q: float = MAX_Q
) -> float:
    """Of the genes that were measured, the share that differ in a cluster, in [0, 1].

    `of_cluster`: one cluster's columns feature, difference, q. `genes`: names, or name → the
    direction asked for, 1 higher and −1 lower. NaN where none was measured.
    """
    tests = of_cluster.set_index("feature").reindex(list(genes)).dropna(subset=["q"])
    if tests.empty:
        return float("nan")
    passes = tests["q"] < max_q
    if isinstance(genes, Mapping):
        passes &= tests["difference"] * tests.index.map(genes) > 0
    return float(passes.mean())


def share_of_opposite_sets(
    over_represented: pd.DataFrame | None,
    up_in: str,
    down_in: str,
    sets: Collection[str] = IMMUNE_SETS,
) -> float:
    """Share of the sets that are over-represented among one cluster's risen genes and another's
    fallen ones, in [0, 1]; NaN where none was tested.

    `over_represented`: columns cluster, direction, set, q, or None.
    """
    if over_represented is None:
        return float("nan")
    rows = over_represented[over_represented["set"].isin(list(sets))]
    passes = rows["q"] < MAX_Q
    sides = {"up": rows["cluster"] == up_in, "down": rows["cluster"] == down_in}
    found = [set(rows.loc[passes & at & (rows["direction"] == way), "set"])
             for way, at in sides.items()]  # fmt: skip
    tested = set(rows["set"])
    return len(set.intersection(*found)) / len(tested) if tested else float("nan")


def share_of_subtypes_reached(effects: pd.DataFrame, cluster: str) -> float:
    """Share of the subtypes the pathways are drawn for that a differing gene of a cluster reaches.

    `effects`: as `pathway_effects`. In [0, 1]; NaN where no pathway gene was measured.
    """
    if not effects["is_measured"].any():
        return float("nan")
    drawn_for = BREAST_CANCER_PATHWAYS.groupby("pathway")["subtypes"].first().str.split(", ")
    here = effects[(effects["cluster"] == cluster) & (effects["q"] < MAX_Q)]
    reached = {name for pathway in set(here["pathway"]) for name in drawn_for[pathway]}
    return len(reached) / drawn_for.explode().nunique()
