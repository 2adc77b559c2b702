"""Which gene sets a cluster's differential genes fall into more often than chance has it.

The background is stated and is what was measured, not the genome: with 1,550 genes of chosen
families the genome as background would call the families themselves enriched.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, hypergeom

from helpers.evaluate.gsea import prerank

COLUMNS = ["set", "n_set", "n_hits", "n_overlap", "odds_ratio", "p", "q", "genes"]
DIRECTIONS = {"up": 1, "down": -1}


def over_represented(
    hits: Iterable[Hashable],
    background: Iterable[Hashable],
    sets: Mapping[str, Iterable[Hashable]],
    *,
    min_size: int = 5,
    max_size: int = 500,
) -> pd.DataFrame:
    """Are the hits in a set more often than draws from the background? One-sided Fisher test.

    p = P(overlap ≥ n_overlap), hypergeometric: n_hits draws from the background without
    replacement. `background`: every feature that could have been a hit; `sets` are cut to it and
    tested if `min_size` to `max_size` members remain.

    Columns: set, n_set (members in the background), n_hits, n_overlap, odds_ratio (of the 2 × 2
    table, ≥ 0; infinite where a cell off the diagonal is 0, NaN where a margin is), p, q
    (Benjamini–Hochberg over the sets), genes (the overlap, sorted, separated by spaces); lowest p
    first. `.attrs`: background, n_sets_dropped.

    Raises:
        ValueError: a hit outside the background, or no set of the asked size.
    """
    pool, drawn = set(background), set(hits)
    if not drawn <= pool:
        outside = sorted(map(str, drawn - pool))
        raise ValueError(
            f"`hits` must lie in the background; {len(outside)} of {len(drawn)} do not, such as "
            f"{outside[0]!r}. The background is every feature that was tested."
        )
    tested = _cut(sets, pool, min_size, max_size)
    overlap = [members & drawn for members in tested.values()]
    n_set = [len(members) for members in tested.values()]
    table = pd.DataFrame({"set": list(tested), "n_set": n_set})
    table["n_hits"] = len(drawn)
    table["n_overlap"] = [len(genes) for genes in overlap]
    table["odds_ratio"] = _odds_ratio(table, len(pool))
    table["p"] = hypergeom.sf(table["n_overlap"] - 1, len(pool), table["n_set"], len(drawn))
    table["q"] = false_discovery_control(table["p"].clip(upper=1))
    table["genes"] = [" ".join(sorted(map(str, genes))) for genes in overlap]
    table = table.sort_values(["p", "set"], ignore_index=True)[COLUMNS]
    table.attrs = {
        "background": f"{len(pool)} measured features",
        "n_sets_dropped": len(sets) - len(tested),
    }
    return table


def over_represented_by_cluster(
    differential: pd.DataFrame,
    sets: Mapping[str, Iterable[Hashable]],
    *,
    q: float = 0.05,
    min_difference: float = 0.0,
    min_size: int = 5,
    max_size: int = 500,
) -> pd.DataFrame:
    """`over_represented` of each cluster's risen and fallen features, one FDR over all tests.

    `differential`: columns cluster, feature, difference, q, as `differential_by_cluster` returns
    them, of genes only where the sets hold genes; the features of the table are the background. A
    hit has q below `q` and |difference| above `min_difference`. Clusters × directions × sets are
    tested; a cluster without hits in a direction counts with p 1.

    Columns: cluster, direction ("up" | "down"), then those of `over_represented`.

    Raises:
        ValueError: as `over_represented`.
    """
    background = differential["feature"].unique()
    tables = []
    for cluster, part in differential.groupby("cluster", sort=True):
        is_hit = (part["q"] < q) & (part["difference"].abs() > min_difference)
        for direction, sign in DIRECTIONS.items():
            hits = part.loc[is_hit & (np.sign(part["difference"]) == sign), "feature"]
            table = over_represented(hits, background, sets, min_size=min_size, max_size=max_size)
            table.insert(0, "direction", direction)
            table.insert(0, "cluster", cluster)
            tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    table["q"] = false_discovery_control(table["p"].clip(upper=1))
    table.attrs = tables[0].attrs | {"n_tests": len(table)}
    return table


def cluster_prerank(
    differential: pd.DataFrame, sets: Mapping[str, Sequence[Hashable]], **options
) -> pd.DataFrame:
    """Preranked GSEA of every cluster's moderated t, one FDR over clusters × sets.

    `differential`: columns cluster, feature, t. `options` and columns as `gsea.prerank`, with
    cluster in place of dimension; a positive NES is a set that is higher in the cluster.

    Raises:
        ValueError: as `gsea.prerank`.
    """
    ranking = differential.pivot_table("t", "feature", "cluster")
    return prerank(ranking, sets, **options).rename(columns={"dimension": "cluster"})


def _cut(
    sets: Mapping[str, Iterable[Hashable]], pool: set, min_size: int, max_size: int
) -> dict[str, set]:
    cut = {name: pool.intersection(members) for name, members in sets.items()}
    tested = {n: members for n, members in cut.items() if min_size <= len(members) <= max_size}
    if not tested:
        largest = max(map(len, cut.values()), default=0)
        raise ValueError(
            f"No set has {min_size} to {max_size} of the {len(pool)} background features; the "
            f"largest of {len(sets)} has {largest}. Check that both use the same names, or change "
            "`min_size`."
        )
    return tested


def _odds_ratio(table: pd.DataFrame, n_background: int) -> np.ndarray:
    # The 2 × 2 table: in the set or not, a hit or not.
    both = table["n_overlap"].to_numpy(float)
    set_only, hits_only = table["n_set"] - both, table["n_hits"] - both
    neither = n_background - both - set_only - hits_only
    with np.errstate(divide="ignore", invalid="ignore"):
        return (both * neither).to_numpy() / (set_only * hits_only).to_numpy()
