"""Which gene sets the dimensions of several spaces carry, by two tests, beside their controls."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.evaluate.gsea import prerank
from helpers.pancan_vae.camera import camera
from helpers.pancan_vae.latent_genes import (
    latent_correlation,
    permuted_dimensions,
    permuted_samples,
    random_sets,
    task_table,
)

MIN_SIZE = 5  # features a set must have to be tested


def spaces_to_read(axes: pd.DataFrame, directions: pd.DataFrame, seed: int) -> dict:
    """Space name → samples × dimensions: axes, directions, and noise, the axes' control.

    In "noise" the axes' values are given to the wrong samples: its dimensions mean nothing.
    """
    noise = pd.DataFrame(permuted_samples(axes, seed), columns=axes.columns)
    return {"axes": axes, "directions": directions, "noise": noise}


def enrichment_by_space(
    spaces: Mapping[str, pd.DataFrame],
    x: pd.DataFrame,
    sets: Mapping[str, Sequence],
    *,
    n_permutations: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Preranked GSEA and CAMERA of every set in every dimension of each space.

    `x`: the same samples × features, from which each dimension's ranking (its correlation with
    every feature) is made. Columns: those of `gsea.prerank`, and correlation, t, p_camera,
    fdr_camera. Each FDR is over the dimensions × sets of its space. {} without sets.
    """
    found = {}
    for name, space in spaces.items() if sets else ():
        ranked = latent_correlation(space, x)
        gsea = prerank(ranked, sets, n_permutations=n_permutations, min_size=MIN_SIZE, seed=seed)
        allowing = camera(space, x, sets, min_size=MIN_SIZE)
        keys = ["dimension", "set", "size"]
        found[name] = gsea.merge(allowing, on=keys, suffixes=("", "_camera"))
    return found


def shuffled_features(
    space: pd.DataFrame,
    x: pd.DataFrame,
    sets: Mapping[str, Sequence],
    *,
    n_permutations: int,
    seed: int,
) -> pd.DataFrame:
    """The control usually shown: preranked GSEA of rankings whose features are in random order."""
    ranked = permuted_dimensions(latent_correlation(space, x), seed)
    return prerank(ranked, sets, n_permutations=n_permutations, min_size=MIN_SIZE, seed=seed)


def finding_counts(found: Mapping[str, pd.DataFrame], fdr: float = 0.05) -> pd.DataFrame:
    """Tests, and findings below `fdr` by GSEA and by CAMERA (missing where not made), per space."""
    counts = {
        name: {
            "tests": len(table),
            "GSEA": int((table["fdr"] < fdr).sum()),
            "CAMERA": (table["fdr_camera"] < fdr).sum() if "fdr_camera" in table else None,
        }
        for name, table in found.items()
    }
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["tests", "GSEA", "CAMERA"])
    return table.astype("Int64").rename_axis("dimensions")


def finding_metrics(counts: pd.DataFrame) -> dict[str, int]:
    """`finding_counts` as metrics: enrichment.n_significant.<space> (CAMERA) and .<space>_gsea.

    enrichment.n_significant alone is that of the axes, which the paper reads.
    """
    metrics = {}
    for test, suffix in {"CAMERA": "", "GSEA": "_gsea"}.items():
        for name, count in counts[test].dropna().items():
            metrics[f"enrichment.n_significant.{name}{suffix}"] = int(count)
    if "enrichment.n_significant.axes" in metrics:
        metrics["enrichment.n_significant"] = metrics["enrichment.n_significant.axes"]
    return metrics


def task_tables(
    found: Mapping[str, pd.DataFrame], tasks: Mapping[str, Sequence[str]]
) -> dict[str, pd.DataFrame]:
    """`enrichment.task_table` of each space but the noise, its FDR that of CAMERA."""
    return {
        name: task_table(table.assign(fdr=table["fdr_camera"]), tasks)
        for name, table in found.items()
        if name != "noise"
    }


def random_sets_found(
    space: pd.DataFrame, x: pd.DataFrame, sizes: Sequence[int], n: int, seed: int
) -> float:
    """Share of `n` random sets of these sizes that CAMERA calls at FDR < 0.05; ≤ 0.05 is honest."""
    drawn = random_sets(list(x), sizes, n, seed)
    tests = camera(space, x, drawn, min_size=MIN_SIZE)
    return tests.loc[tests["fdr"] < 0.05, "set"].nunique() / n
