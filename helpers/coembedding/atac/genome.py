"""Where peaks may lie: chromosomes of hg38 (GRCh38), their order and sizes, and the check on peaks.

Peaks are named as UCSC does ("chr21"), start 0-based and end not included, as in a BED file. The
genome's order is chr1 … chr22, chrX, chrY and, within a chromosome, by start and then end.
"""

import numpy as np
import pandas as pd

CHROMOSOME_SIZES = {  # base pairs; Genome Reference Consortium, GRCh38 (GCF_000001405.40)
    "chr1": 248_956_422,
    "chr2": 242_193_529,
    "chr3": 198_295_559,
    "chr4": 190_214_555,
    "chr5": 181_538_259,
    "chr6": 170_805_979,
    "chr7": 159_345_973,
    "chr8": 145_138_636,
    "chr9": 138_394_717,
    "chr10": 133_797_422,
    "chr11": 135_086_622,
    "chr12": 133_275_309,
    "chr13": 114_364_328,
    "chr14": 107_043_718,
    "chr15": 101_991_189,
    "chr16": 90_338_345,
    "chr17": 83_257_441,
    "chr18": 80_373_285,
    "chr19": 58_617_616,
    "chr20": 64_444_167,
    "chr21": 46_709_983,
    "chr22": 50_818_468,
    "chrX": 156_040_895,
    "chrY": 57_227_415,
}
_ORDER = {name: place for place, name in enumerate(CHROMOSOME_SIZES)}


def check_peaks(peaks: pd.DataFrame) -> None:
    """Return if `peaks` (chrom, start, end) lie on hg38, do not repeat and are in genomic order.

    Raises:
        ValueError: a column is missing, a peak is off the genome or empty, the order is another
            or a peak is there twice; names the first such peak.
    """
    missing = [column for column in ("chrom", "start", "end") if column not in peaks]
    if missing:
        raise ValueError(
            f"peaks must have columns chrom, start and end; {missing[0]} is missing. Add it, for "
            'example from the names: var_names.str.extract(r"(chr\\w+):(\\d+)-(\\d+)")'
        )
    _check_chromosomes(peaks["chrom"].astype(str))
    _check_positions(peaks)
    _check_order(peaks)


def genomic_order(peaks: pd.DataFrame) -> np.ndarray:
    """Positions (int, one per peak) that put peaks into genomic order; chromosomes must be hg38's.

    Raises:
        ValueError: a chromosome is not of hg38.
    """
    _check_chromosomes(peaks["chrom"].astype(str))
    place = peaks["chrom"].astype(str).map(_ORDER).to_numpy()
    return np.lexsort((peaks["end"].to_numpy(), peaks["start"].to_numpy(), place))


def peak_names(peaks: pd.DataFrame) -> pd.Index:
    """One name per peak, `chr21:5101666-5102166`."""
    start, end = peaks["start"].astype(str), peaks["end"].astype(str)
    return pd.Index(peaks["chrom"].astype(str) + ":" + start + "-" + end, dtype=object)


def _check_chromosomes(chrom: pd.Series) -> None:
    unknown = chrom[~chrom.isin(_ORDER)]
    if len(unknown):
        raise ValueError(
            f"chrom must be a chromosome of hg38, chr1 to chr22, chrX or chrY; got "
            f"{unknown.iloc[0]!r} ({len(unknown):,} peaks). Rename it (1 → chr1), or drop what "
            "lies on patches and alternative haplotypes"
        )


def _check_positions(peaks: pd.DataFrame) -> None:
    size = peaks["chrom"].astype(str).map(CHROMOSOME_SIZES).to_numpy()
    start, end = peaks["start"].to_numpy(), peaks["end"].to_numpy()
    wrong = np.flatnonzero((start < 0) | (end <= start) | (end > size))
    if len(wrong):
        first = wrong[0]
        raise ValueError(
            f"peaks must lie on hg38, 0 ≤ start < end ≤ the chromosome's size; "
            f"{peak_names(peaks.iloc[[first]])[0]} does not ({peaks['chrom'].iloc[first]} has "
            f"{size[first]:,} bp; {len(wrong):,} such peaks). If they are of hg19, lift them over"
        )


def _check_order(peaks: pd.DataFrame) -> None:
    place = peaks["chrom"].astype(str).map(_ORDER).to_numpy(np.int64)
    step = [np.diff(v.astype(np.int64)) for v in (place, *_positions(peaks))]
    before = (step[0] < 0) | (step[0] == 0) & ((step[1] < 0) | (step[1] == 0) & (step[2] < 0))
    if before.any():
        first = np.flatnonzero(before)[0] + 1
        raise ValueError(
            f"peaks must be in genomic order; {peak_names(peaks.iloc[[first]])[0]} comes after "
            f"{peak_names(peaks.iloc[[first - 1]])[0]}. Sort them: "
            "adata = adata[:, genomic_order(adata.var)]"
        )
    repeated = (step[0] == 0) & (step[1] == 0) & (step[2] == 0)
    if repeated.any():
        name = peak_names(peaks.iloc[[np.flatnonzero(repeated)[0]]])[0]
        raise ValueError(f"a peak must be there once; {name} is repeated. Drop the repeats")


def _positions(peaks: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return peaks["start"].to_numpy(), peaks["end"].to_numpy()
