"""Peaks on hg38: their order, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.coembedding.atac.genome import CHROMOSOME_SIZES, check_peaks, genomic_order, peak_names


def peaks(*rows):
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


GOOD = peaks(("chr2", 5, 9), ("chr2", 5, 10), ("chr10", 1, 2), ("chrX", 0, 156_040_895))


def test_sorted_peaks_pass_and_chromosomes_are_in_natural_order():
    check_peaks(GOOD)
    assert peak_names(GOOD)[0] == "chr2:5-9"
    assert list(CHROMOSOME_SIZES)[8:11] == ["chr9", "chr10", "chr11"]
    assert sum(CHROMOSOME_SIZES.values()) == 3_088_269_832  # GRCh38 without MT and patches


@given(st.permutations(range(6)))
def test_any_order_is_put_right(order):
    table = peaks(
        *(("chr1", 3, 9), ("chr1", 3, 12), ("chr1", 4, 5)),
        *(("chr2", 1, 2), ("chr19", 7, 8), ("chrY", 2, 3)),
    )
    shuffled = table.iloc[list(order)].reset_index(drop=True)
    found = shuffled.iloc[genomic_order(shuffled)].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, table)
    if list(order) != list(range(6)):
        with pytest.raises(ValueError, match="genomic order"):
            check_peaks(shuffled)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (peaks(("1", 5, 9)), r"chromosome of hg38.*got '1' \(1 peaks\)"),
        (peaks(("chr21", 5, 46_709_984)), r"lie on hg38.*chr21:5-46709984.*46,709,983 bp"),
        (peaks(("chr21", -1, 4)), "lie on hg38"),
        (peaks(("chr21", 9, 9)), "start < end"),
        (peaks(("chr10", 1, 2), ("chr9", 1, 2)), "chr9:1-2 comes after chr10:1-2"),
        (peaks(("chr9", 7, 8), ("chr9", 1, 2)), "chr9:1-2 comes after chr9:7-8"),
        (peaks(("chr9", 1, 9), ("chr9", 1, 2)), "chr9:1-2 comes after chr9:1-9"),
        (peaks(("chr9", 1, 2), ("chr9", 1, 2)), "chr9:1-2 is repeated"),
        (GOOD.drop(columns="end"), "end is missing"),
    ],
)
def test_bad_peaks_are_refused_with_their_name(table, message):
    with pytest.raises(ValueError, match=message):
        check_peaks(table)


def test_unsigned_positions_do_not_wrap_around():
    table = GOOD.astype({"start": np.uint32, "end": np.uint32})
    check_peaks(table)
    with pytest.raises(ValueError, match="genomic order"):
        check_peaks(table.iloc[::-1])


def test_like_places_on_two_chromosomes_are_two_peaks():
    check_peaks(peaks(("chr1", 1, 2), ("chr2", 1, 2), ("chr2", 1, 3)))
