"""Are the peaks that drive a gene found: links ranked by correlation with the imputed gene."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from helpers.evaluate.arrays import as_matrix


def cis_candidates(
    genes: pd.DataFrame, peaks: pd.DataFrame, max_distance: int = 500_000
) -> pd.DataFrame:
    """Every gene and peak of one chromosome at most `max_distance` base pairs apart.

    `genes`: index gene, columns chrom and tss; `peaks`: index peak, columns chrom, start and end.
    Columns: gene, peak, distance (TSS to the middle of the peak, base pairs).

    Raises:
        ValueError: no pair is that near, as when chromosomes are called "1" here and "chr1" there.
    """
    middle = peaks.assign(middle=(peaks["start"] + peaks["end"]) // 2)
    middle = middle.sort_values(["chrom", "middle"], kind="stable")
    parts = []
    for chrom, near in middle.groupby("chrom", observed=True):
        centres = near["middle"].to_numpy()
        for gene, tss in genes.loc[genes["chrom"] == chrom, "tss"].items():
            first, last = np.searchsorted(centres, [tss - max_distance, tss + max_distance + 1])
            distance = np.abs(centres[first:last] - tss)
            part = {"gene": gene, "peak": near.index[first:last], "distance": distance}
            parts.append(pd.DataFrame(part))
    pairs = [part for part in parts if len(part)]
    if not pairs:
        raise ValueError(
            f"no peak lies within {max_distance:,} base pairs of a gene: genes are on "
            f"{sorted(set(genes['chrom']))[:3]}, peaks on {sorted(set(peaks['chrom']))[:3]}. "
            "Use the same chromosome names on both."
        )
    return pd.concat(pairs, ignore_index=True)


def link_correlation(
    expression: ArrayLike, accessibility: ArrayLike, gene_rows: ArrayLike, peak_rows: ArrayLike
) -> np.ndarray:
    """Pearson correlation over samples of gene `gene_rows[i]` and peak `peak_rows[i]`, in [−1, 1].

    `expression`: samples × genes, observed or imputed; `accessibility`: the same samples × peaks.
    The rows are column positions in the two. 0 where either is constant.
    """
    first = as_matrix(expression, "expression")
    second = as_matrix(accessibility, "accessibility", len(first))
    genes, peaks = _unit_columns(first), _unit_columns(second)
    return np.einsum("ij,ij->j", genes[:, gene_rows], peaks[:, peak_rows])


def link_recovery(scores: ArrayLike, is_link: ArrayLike) -> dict[str, float]:
    """How far true links stand above the other candidates; higher is better.

    `scores`: one a candidate, high where a link is believed (|correlation|); NaN counts as lowest.
    `is_link`: the truth. auroc in [0, 1], 0.5 is chance; precision: true share of the as many top
    candidates as there are true links, with `base_rate` the chance of it; n_links, n_candidates.

    Raises:
        ValueError: no candidate, or every candidate, is a link.
    """
    truth = np.asarray(is_link, bool)
    values = np.nan_to_num(np.asarray(scores, float), nan=-np.inf)
    n_links = int(truth.sum())
    if len(values) != len(truth) or not 0 < n_links < len(truth):
        raise ValueError(
            f"`is_link` must mark some of the {len(values)} candidates and not all; it has "
            f"{len(truth)} entries with {n_links} links."
        )
    ranks = rankdata(values)
    n_others = len(truth) - n_links
    wins = ranks[truth].sum() - n_links * (n_links + 1) / 2
    top = np.argsort(-values, kind="stable")[:n_links]
    return {
        "auroc": float(wins / (n_links * n_others)),
        "precision": float(truth[top].mean()),
        "base_rate": n_links / len(truth),
        "n_links": n_links,
        "n_candidates": len(truth),
    }


def _unit_columns(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(axis=0, dtype=float)
    length = np.linalg.norm(centred, axis=0)
    is_flat = length <= 1e-6 * np.linalg.norm(values, axis=0)
    return np.where(is_flat, 0, centred / np.where(length > 0, length, 1))
