"""Preranked gene-set enrichment analysis (Subramanian et al. 2005) over all latent dimensions."""

import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from helpers.evaluate.arrays import as_matrix


def prerank(
    association: pd.DataFrame,
    sets: Mapping[str, Sequence[Hashable]],
    *,
    n_permutations: int = 1000,
    min_size: int = 10,
    max_size: int = 500,
    seed: int = 0,
    p_floor: float = 1e-6,
) -> pd.DataFrame:
    """Preranked GSEA of every set in every dimension, with one FDR over all of these tests.

    Features named twice are averaged, ties are ordered at random (seeded, whatever the order of
    rows); dimensions without variation are skipped. p is fgsea's adaptive multilevel estimate
    (Korotkevich et al. 2021, in gseapy), one-sided towards the sign of ES: plain permutations stop
    at 1 / (n + 1), which Benjamini–Hochberg over a thousand tests cannot call significant. NES is
    ES over the mean of the null ES of its sign, missing where fewer than 10 have it. The null
    redraws genes, not samples: sets of co-expressed genes come out too often, so read it beside
    `camera.camera`.

    Args:
        association: features × dimensions, each column a ranking; the ranked features are the
            background.
        sets: set name → its members, cut to the background first.
        n_permutations: null ES of each set, for the NES.
        min_size: members that a set needs in the background to be tested.
        max_size: members that it may have there.
        seed: of the order of ties and of the null.
        p_floor: the smallest p that is told from 0.

    Columns: dimension, set, size, es in [−1, 1], nes, p, fdr; background and counts in `.attrs`.

    Raises:
        ValueError: NaN in the ranking, or no set of the asked size.
    """
    ranking, codes = _unique_features(association)
    members = _members_in(codes, sets, min_size, max_size)
    is_flat = ranking.max() == ranking.min()
    tables = [pd.DataFrame(columns=["dimension", "set", "size", "es", "nes", "p"])]
    for number, name in enumerate(ranking.columns):
        if not is_flat[name]:
            options = (n_permutations, seed + number, p_floor)
            tables.append(_one_ranking(ranking[name], members, *options))
    result = pd.concat(tables[1:] or tables, ignore_index=True)
    result["fdr"] = false_discovery_control(result["p"]) if len(result) else []
    result.attrs = {
        "background": f"{len(ranking)} ranked features",
        "n_tests": len(result),
        "n_sets_dropped": len(sets) - len(members),
        "dimensions_skipped": [str(name) for name in ranking.columns[is_flat]],
        "p_floor": p_floor,
    }
    return result


def _one_ranking(
    scores: pd.Series, members: dict[str, list[str]], n_permutations: int, seed: int, p_floor: float
) -> pd.DataFrame:
    import gseapy

    ranked = _without_ties(scores, seed)
    with _silent_extension():
        enriched = gseapy.prerank(
            ranked,
            members,
            method="multilevel",
            permutation_num=n_permutations,
            eps=p_floor,
            min_size=1,
            max_size=len(ranked),
            ascending=None,
            seed=seed,
            threads=2,
            outdir=None,
            no_plot=True,
        ).res2d
    # In our order of sets; one that gseapy has nothing to say of is not significant.
    enriched = enriched.set_index("Term").reindex(list(members))
    p = enriched["NOM p-val"].astype(float).fillna(1.0).clip(p_floor, 1.0)
    table = pd.DataFrame({"dimension": scores.name, "set": list(members)})
    table["size"] = [len(codes) for codes in members.values()]
    table["es"] = enriched["ES"].to_numpy(float)
    table["nes"] = enriched["NES"].to_numpy(float)
    return table.assign(p=p.to_numpy())


def _without_ties(scores: pd.Series, seed: int) -> pd.Series:
    """Highest first; ties in random order, which no alphabet decides, a rounding error apart."""
    # A stable sort keeps the random order within a tie.
    shuffled = scores.sample(frac=1, random_state=seed)
    ranked = shuffled.sort_values(ascending=False, kind="stable")
    # gseapy sorts again: each a step below the one before, far below what tells scores apart.
    step = 1e-13 * float(ranked.abs().max())
    return ranked - step * np.arange(len(ranked))


@contextmanager
def _silent_extension() -> Iterator[None]:
    """Without what the compiled part of gseapy says on stderr of each NES that stays missing."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _unique_features(association: pd.DataFrame) -> tuple[pd.DataFrame, dict[Hashable, str]]:
    """Sorted features under upper-case codes, as gseapy may change the case of other names."""
    as_matrix(association, "association")
    ranking = association.groupby(level=0, sort=True).mean()
    codes = {feature: f"F{number}" for number, feature in enumerate(ranking.index)}
    return ranking.set_axis(list(codes.values())), codes


def _members_in(
    codes: dict[Hashable, str], sets: Mapping[str, Sequence], min_size: int, max_size: int
) -> dict[str, list[str]]:
    ranked = {name: sorted({codes[g] for g in genes if g in codes}) for name, genes in sets.items()}
    members = {name: genes for name, genes in ranked.items() if min_size <= len(genes) <= max_size}
    if not members:
        sizes = [len(genes) for genes in ranked.values()] or [0]
        raise ValueError(
            f"No set has {min_size} to {max_size} of the {len(codes)} ranked features; of "
            f"{len(sets)} sets the sizes found are {min(sizes)} to {max(sizes)}. Check that sets "
            "and features use the same names, or change `min_size`."
        )
    return members
