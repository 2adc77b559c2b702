"""Latent dimension ↔ gene: association, controls of its enrichment, the named hallmark tasks.

A dimension's genes are found two ways, by correlation and by the decoder's response, and ranked;
`gsea.prerank` and `camera.camera` ask whether a set's genes lie at one end of the ranking.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_matrix, column_names
from helpers.pancan_vae.latent_space.correlation import cross_correlation


def latent_correlation(z: ArrayLike, x: ArrayLike) -> pd.DataFrame:
    """Pearson r of every feature with every latent dimension, features × dimensions.

    `z`: samples × dimensions, `x`: samples × features; names come from their columns. A
    constant feature or dimension correlates 0 with everything.

    Raises:
        ValueError: unequal samples, or NaN.
    """
    latent = as_matrix(z, "z")
    features = as_matrix(x, "x", len(latent))
    return pd.DataFrame(
        cross_correlation(features, latent),
        index=pd.Index(column_names(x), name="feature"),
        columns=pd.Index(column_names(z), name="dimension"),
    )


def decoder_response(
    decode: Callable[[np.ndarray], np.ndarray],
    z: ArrayLike,
    feature_names: Sequence[Hashable] | None = None,
    *,
    step_sd: float = 1.0,
    n_samples: int = 256,
    seed: int = 0,
) -> pd.DataFrame:
    """Mean change of each decoded feature as one dimension rises, features × dimensions.

    Dimension j of `n_samples` random rows of `z` (posterior means) is set to its mean − and +
    `step_sd` standard deviations over all of `z`, the other dimensions are held; the difference
    of the decoded values is averaged. `decode`: array samples × dimensions → samples × features,
    whose unit the result has. Decoding sees interactions that decoder weights do not.

    Raises:
        ValueError: `feature_names` does not fit what `decode` returns.
    """
    latent = as_matrix(z, "z")
    chosen = np.random.default_rng(seed).permutation(len(latent))[:n_samples]
    mean, sd = latent.mean(axis=0), latent.std(axis=0)
    ends = [
        [_decoded_with(decode, latent[chosen], j, mean[j] + step * sd[j]) for j in range(len(sd))]
        for step in (-step_sd, step_sd)
    ]
    response = (np.array(ends[1]) - np.array(ends[0])).T
    names = range(len(response)) if feature_names is None else list(feature_names)
    if len(names) != len(response):
        raise ValueError(
            f"`feature_names` must name every decoded feature: `decode` returns {len(response)} "
            f"features, got {len(names)} names."
        )
    return pd.DataFrame(
        response,
        index=pd.Index(names, name="feature"),
        columns=pd.Index(column_names(z), name="dimension"),
    )


def _decoded_with(
    decode: Callable[[np.ndarray], np.ndarray], z: np.ndarray, dimension: int, value: float
) -> np.ndarray:
    """Mean decoded features of `z` with one dimension set to `value`."""
    moved = z.copy()
    moved[:, dimension] = value
    return np.asarray(decode(moved)).mean(axis=0)


def permuted_dimensions(association: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Control: each dimension's ranking with its features in random order; enriches in nothing."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        rng.permuted(association.to_numpy(), axis=0), association.index, association.columns
    )


def permuted_samples(z: ArrayLike, seed: int = 0) -> np.ndarray:
    """Control: z with its samples in random order, for `latent_correlation` with the true x.

    The dimensions then mean nothing, but co-expressed genes still move together, so the share of
    sets that enrich shows what the gene-wise null of `prerank` lets through.
    """
    return np.random.default_rng(seed).permutation(as_matrix(z, "z"))


def random_sets(
    features: Sequence[Hashable], sizes: Sequence[int], n: int, seed: int = 0
) -> dict[str, list]:
    """`n` sets drawn at random from `features`, sizes taken in turn: "random_0", "random_1", …

    Raises:
        ValueError: a size larger than the number of features.
    """
    pool = np.unique(np.asarray(features))
    if max(sizes) > len(pool):
        raise ValueError(f"A set of {max(sizes)} needs as many features; there are {len(pool)}.")
    rng = np.random.default_rng(seed)
    size_of = [int(sizes[number % len(sizes)]) for number in range(n)]
    return {
        f"random_{number}": rng.choice(pool, size, replace=False).tolist()
        for number, size in enumerate(size_of)
    }


def collapse_families(association: pd.DataFrame, family: Mapping[Hashable, str]) -> pd.DataFrame:
    """Mean association of each family's members, families × dimensions.

    `family`: microRNA stem-loop → family; stem-loops of one family share targets and rise together,
    so each family is ranked once. Features without a family are left out.

    Raises:
        ValueError: no feature has a family.
    """
    names = pd.Series(association.index, index=association.index).map(dict(family))
    if names.isna().all():
        raise ValueError(
            f"`family` must name the family of at least one feature, such as "
            f"{association.index[0]!r}; its first key is {next(iter(family), None)!r}."
        )
    return association.groupby(names.to_numpy()).mean().rename_axis("family")


def task_table(
    enrichment: pd.DataFrame, tasks: Mapping[str, Sequence[str]], fdr: float = 0.05
) -> pd.DataFrame:
    """The best dimension for each named hallmark task: lowest FDR, then largest |NES|.

    `tasks`: task → its sets. Index: task. Columns: set, dimension, nes, p, fdr of the best test;
    n_dimensions, how many dimensions have a set of the task below `fdr`; n_sets, how many of its
    sets were tested (0: the other columns are missing).
    """
    rows = {}
    for task, sets in tasks.items():
        tests = enrichment[enrichment["set"].isin(list(sets))]
        order = tests.assign(strength=-tests["nes"].abs()).sort_values(
            ["fdr", "strength"], kind="stable"
        )
        best = order.iloc[0] if len(order) else pd.Series(dtype=object)
        n_found = tests.loc[tests["fdr"] < fdr, "dimension"].nunique()
        row = {name: best.get(name) for name in ["set", "dimension", "nes", "p", "fdr"]}
        rows[task] = row | {"n_dimensions": n_found, "n_sets": tests["set"].nunique()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("task")
