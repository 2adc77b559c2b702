"""Which gene sets do genomic regions act on: binomial over regulatory domains, after GREAT.

McLean et al. (2010, Nature Biotechnology 28, 495). Each gene has a basal domain about its TSS that
it keeps, and an extension to the nearest other basal domain. Peaks crowd at genes, so beside
GREAT's binomial, whose background is the genome, stands a hypergeometric test whose background is
the peaks that were tested; a result should hold in both.
"""

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from scipy.stats import binom, false_discovery_control, hypergeom

from helpers.evaluate.arrays import as_labels

UPSTREAM, DOWNSTREAM, EXTENSION = 5_000, 1_000, 1_000_000  # base pairs, GREAT's defaults


def regulatory_domains(
    genes: pd.DataFrame,
    chrom_sizes: Mapping[str, int],
    upstream: int = UPSTREAM,
    downstream: int = DOWNSTREAM,
    extension: int = EXTENSION,
) -> pd.DataFrame:
    """Each gene's regulatory domain. Index: gene. Columns: chrom, start, end (0-based, half-open).

    Basal: `upstream` before to `downstream` after the TSS in the direction of the strand, whatever
    lies there. It grows both ways to the nearest basal domain of another gene, at most to
    `extension` from the TSS, and never beyond the chromosome. `genes`: index gene, columns chrom,
    tss (base pairs), strand (1 or −1); genes on chromosomes not in `chrom_sizes` are left out.

    Raises:
        ValueError: no gene on these chromosomes, a TSS off its chromosome, repeated gene names.
    """
    placed = genes[genes["chrom"].isin(list(chrom_sizes))]
    if placed.empty or placed.index.has_duplicates:
        raise ValueError(
            f"`genes` must be unique and on the chromosomes {[*chrom_sizes][:3]} …; "
            f"{len(placed)} of {len(genes)} are, {int(placed.index.duplicated().sum())} twice. "
            "Use the same chromosome names for genes and peaks, and one TSS a gene."
        )
    size = placed["chrom"].map(dict(chrom_sizes)).astype(int)
    off = placed[(placed["tss"] < 0) | (placed["tss"] >= size)]
    if len(off):
        raise ValueError(
            f"every TSS must lie on its chromosome; {off.index[0]} is at "
            f"{off['chrom'].iloc[0]}:{off['tss'].iloc[0]:,}. Use sizes of the genes' assembly."
        )
    table = placed.assign(size=size).sort_values(["chrom", "tss"], kind="stable")
    forward = table["strand"] > 0
    table["left"] = table["tss"] - np.where(forward, upstream, downstream)
    table["right"] = table["tss"] + np.where(forward, downstream, upstream)
    parts = [_extended(part, extension) for _, part in table.groupby("chrom", observed=True)]
    return pd.concat(parts)


def region_enrichment(
    is_hit: ArrayLike,
    peaks: pd.DataFrame,
    domains: pd.DataFrame,
    sets: Mapping[str, Iterable[Hashable]],
    chrom_sizes: Mapping[str, int],
    min_size: int = 5,
    max_size: int = 500,
) -> pd.DataFrame:
    """Are the hit peaks in a set's regulatory domains more often than chance? One-sided tests.

    Args:
        is_hit: one bool a peak, which counts where its middle lies.
        peaks: columns chrom, start, end of all that were tested.
        domains: of `regulatory_domains`.
        sets: set → genes.
        chrom_sizes: chromosome → base pairs; give only those that were measured.
        min_size: sets of fewer genes with a domain are not tested.
        max_size: nor are sets of more.

    Columns: set, n_genes, coverage (share of the genome in its domains), n_hits, n_overlap, fold
    (n_overlap / expected by coverage), p_binomial = P(Binomial(n_hits, coverage) ≥ n_overlap),
    q_binomial, p_peaks = P(hypergeometric ≥ n_overlap) of draws from the tested peaks, q_peaks
    (Benjamini–Hochberg over the sets each); lowest p_peaks first. Without a hit every p is 1.

    Raises:
        ValueError: `is_hit` of another length, peaks on other chromosomes, no set of the size.
    """
    hit = as_labels(is_hit, "is_hit", len(peaks)).astype(bool)
    unknown = sorted(set(peaks["chrom"]) - set(chrom_sizes))
    if unknown:
        raise ValueError(
            f"peaks must lie on the chromosomes of `chrom_sizes` ({[*chrom_sizes][:3]} …); got "
            f"{unknown[:3]} as well. Drop those peaks or give their sizes."
        )
    kept = _sets_with_domains(sets, domains, min_size, max_size)
    in_set = _peak_genes(peaks, domains) @ _gene_sets(domains, kept)
    in_set.data[:] = 1
    table = pd.DataFrame({"set": list(kept), "n_genes": [len(rows) for rows in kept.values()]})
    table["coverage"] = _coverage(domains, kept, chrom_sizes)
    table["n_hits"] = int(hit.sum())
    table["n_overlap"] = np.asarray(in_set[hit].sum(axis=0)).ravel().astype(int)
    n_peaks = np.asarray(in_set.sum(axis=0)).ravel().astype(int)
    table["fold"] = table["n_overlap"] / (table["n_hits"] * table["coverage"]).replace(0, np.nan)
    table["p_binomial"] = binom.sf(table["n_overlap"] - 1, table["n_hits"], table["coverage"])
    table["q_binomial"] = false_discovery_control(table["p_binomial"].clip(upper=1))
    table["p_peaks"] = hypergeom.sf(table["n_overlap"] - 1, len(hit), n_peaks, hit.sum())
    table["q_peaks"] = false_discovery_control(table["p_peaks"].clip(upper=1))
    return table.sort_values(["p_peaks", "set"], ignore_index=True)


def _extended(part: pd.DataFrame, extension: int) -> pd.DataFrame:
    """Domains of one chromosome's genes, sorted by TSS; a basal domain is never given up."""
    left, right = part["left"].to_numpy(), part["right"].to_numpy()
    before = np.concatenate([[0], np.maximum.accumulate(right)[:-1]])
    size = part["size"].to_numpy()
    after = np.concatenate([np.minimum.accumulate(left[::-1])[::-1][1:], size[:1]])
    start = np.minimum(left, np.maximum(before, part["tss"] - extension))
    end = np.maximum(right, np.minimum(after, part["tss"] + extension))
    return pd.DataFrame(
        {"chrom": part["chrom"], "start": np.clip(start, 0, size), "end": np.clip(end, 0, size)}
    )


def _sets_with_domains(
    sets: Mapping[str, Iterable[Hashable]], domains: pd.DataFrame, min_size: int, max_size: int
) -> dict[str, np.ndarray]:
    """Set → rows of `domains`, of the sets that keep the asked number of genes."""
    row = {gene: number for number, gene in enumerate(domains.index)}
    rows = {name: [row[gene] for gene in set(genes) if gene in row] for name, genes in sets.items()}
    kept = {name: np.array(r) for name, r in rows.items() if min_size <= len(r) <= max_size}
    if not kept:
        raise ValueError(
            f"no set has {min_size} to {max_size} of the {len(domains)} genes with a domain; the "
            f"largest of {len(sets)} has {max(map(len, rows.values()), default=0)}. Check that "
            "both use the same names."
        )
    return kept


def _gene_sets(domains: pd.DataFrame, kept: Mapping[str, np.ndarray]) -> csr_matrix:
    """Genes × sets, 1 for members."""
    rows = np.concatenate(list(kept.values()))
    columns = np.repeat(np.arange(len(kept)), [len(members) for members in kept.values()])
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(domains), len(kept)))


def _peak_genes(peaks: pd.DataFrame, domains: pd.DataFrame) -> csr_matrix:
    """Peaks × genes, 1 where the middle of the peak lies in the gene's domain."""
    middle = ((peaks["start"] + peaks["end"]) // 2).to_numpy()
    peak_chrom, gene_chrom = peaks["chrom"].to_numpy(str), domains["chrom"].to_numpy(str)
    edges = domains[["start", "end"]].to_numpy().T
    found_peaks, found_genes = [], []
    for chrom in np.unique(peak_chrom):
        rows = np.flatnonzero(peak_chrom == chrom)
        rows = rows[np.argsort(middle[rows], kind="stable")]
        genes = np.flatnonzero(gene_chrom == chrom)
        first, last = np.searchsorted(middle[rows], edges[:, genes])
        for gene, start, end in zip(genes, first, last, strict=True):
            found_peaks.append(rows[start:end])
            found_genes.append(np.full(end - start, gene))
    index = [np.concatenate(part or [np.zeros(0, int)]) for part in (found_peaks, found_genes)]
    shape = (len(peaks), len(domains))
    return csr_matrix((np.ones(len(index[0])), tuple(index)), shape=shape)


def _coverage(
    domains: pd.DataFrame, kept: Mapping[str, np.ndarray], chrom_sizes: Mapping[str, int]
) -> np.ndarray:
    """Share of the genome in the union of each set's domains; chromosomes are laid end to end."""
    sizes = pd.Series(dict(chrom_sizes))
    offset = domains["chrom"].map(sizes.cumsum() - sizes).to_numpy()
    starts, ends = offset + domains["start"].to_numpy(), offset + domains["end"].to_numpy()
    covered = []
    for rows in kept.values():
        order = rows[np.argsort(starts[rows], kind="stable")]
        reached = np.concatenate([[0], np.maximum.accumulate(ends[order])[:-1]])
        covered.append(np.clip(ends[order] - np.maximum(starts[order], reached), 0, None).sum())
    return np.array(covered) / sizes.sum()
