"""Gene activity from ATAC: what the peaks near a gene's start say about its expression.

A peak counts for a gene with a weight that decays with its distance from the transcription start
site, exp(−distance / decay), up to a largest distance (as the gene scores of Granja et al. 2021,
Nature Genetics 53:403, do). The activity is the weighted mean of the peaks' log accessibility, so
that a gene with many peaks is not louder than one with few.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from helpers.coembedding.atac.genome import check_peaks


def gene_weights(
    peaks: pd.DataFrame,
    genes: pd.DataFrame,
    decay: float = 5_000.0,
    max_distance: float = 100_000.0,
) -> csc_array:
    """Weight (peak × gene, columns sum to 1) of each peak in each gene's activity.

    peaks: chrom, start, end in genomic order. genes: chrom ("chr21" or "21") and tss (base pairs).
    A gene with no peak within `max_distance` bp of its start has a column of zeros.

    Raises:
        ValueError: peaks unsorted or off hg38, genes without chrom or tss, or no gene near a peak.
    """
    check_peaks(peaks)
    missing = [column for column in ("chrom", "tss") if column not in genes]
    if missing:
        raise ValueError(
            f"genes must have chrom and tss; {missing[0]} is missing. Take them from "
            "load_gene_annotation()"
        )
    rows, columns, weights = [], [], []
    for gene, near, distance in _near_peaks(peaks, genes, max_distance):
        weight = np.exp(-distance / decay) + 1e-12
        rows.append(near)
        columns.append(np.full(len(near), gene))
        weights.append(weight / weight.sum())
    if not rows:
        raise ValueError(
            f"one gene or more must have a peak within {max_distance:,.0f} bp of its start; none "
            "has. Genes and peaks must be of one genome (hg38)"
        )
    values = np.concatenate(weights).astype(np.float32)
    place = np.concatenate(rows), np.concatenate(columns)
    return csc_array((values, place), shape=(len(peaks), len(genes)))


def gene_activity(x: np.ndarray, weights: csc_array) -> np.ndarray:
    """Activity, float32 sample × gene, in the unit of `x`; NaN for a gene without a peak.

    x: sample × peak. A wide x may come in blocks of peaks: sum x[:, a:b] @ weights[a:b].

    Raises:
        ValueError: x and the weights have different peaks.
    """
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != weights.shape[0]:
        raise ValueError(
            f"x must have the {weights.shape[0]:,} peaks the weights were made for; got shape "
            f"{x.shape}"
        )
    activity = np.asarray(weights.T @ x.T).T.astype(np.float32)
    activity[:, np.asarray(weights.sum(axis=0)).ravel() == 0] = np.nan
    return activity


def _near_peaks(peaks: pd.DataFrame, genes: pd.DataFrame, max_distance: float):
    """(gene, positions of its peaks, distances in bp) for every gene that has one near."""
    chrom = peaks["chrom"].astype(str).to_numpy()
    middle = ((peaks["start"] + peaks["end"]) / 2).to_numpy(float)
    of_gene = genes["chrom"].astype(str).str.removeprefix("chr").radd("chr").to_numpy()
    tss = genes["tss"].to_numpy(float)
    for name in dict.fromkeys(chrom):
        first = np.flatnonzero(chrom == name)[0]
        middles = middle[chrom == name]
        order = np.argsort(middles, kind="stable")  # peaks of unequal width may cross
        for gene in np.flatnonzero(of_gene == name):
            span = np.searchsorted(middles[order], [tss[gene] - max_distance, tss[gene]])
            stop = np.searchsorted(middles[order], tss[gene] + max_distance, side="right")
            near = order[span[0] : stop]
            if len(near):
                yield gene, first + near, np.abs(middles[near] - tss[gene])
