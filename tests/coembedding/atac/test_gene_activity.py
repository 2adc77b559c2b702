"""Gene activity: weights by distance on a hand-made genome, and in blocks as in one piece."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.atac.gene_activity import gene_activity, gene_weights
from helpers.coembedding.simulation import simulate_multiomics


def peaks(*rows):
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


PEAKS = peaks(
    ("chr1", 900, 1100), ("chr1", 5900, 6100), ("chr1", 200_000, 200_100), ("chr2", 900, 1100)
)  # fmt: skip
GENES = pd.DataFrame(
    {"chrom": ["1", "chr2", "3", "chr1"], "tss": [1000, 2000, 5, 150_050]}, index=list("abcd")
)


def test_weights_by_hand():
    weights = gene_weights(PEAKS, GENES, decay=5_000).toarray()
    near = np.exp([0, -1])
    np.testing.assert_allclose(weights[:2, 0], near / near.sum(), rtol=1e-6)
    assert weights[2:, 0].tolist() == [0, 0]  # beyond 100 kb, and on another chromosome
    assert weights[:, 1].tolist() == [0, 0, 0, 1]
    assert not weights[:, 2].any()
    assert weights[:, 3].tolist() == [0, 0, 1, 0]  # 144 kb upstream is too far, 50 kb is not
    wider = gene_weights(PEAKS, GENES, decay=1e9, max_distance=250_000).toarray()
    np.testing.assert_allclose(wider[:3, 0], 1 / 3, rtol=1e-3)


def test_activity_is_the_weighted_mean_and_nan_without_a_peak():
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    weights = gene_weights(PEAKS, GENES)
    found = gene_activity(x, weights)
    dense = weights.toarray()
    np.testing.assert_allclose(found[:, [0, 1, 3]], (x @ dense)[:, [0, 1, 3]], rtol=1e-5)
    assert np.isnan(found[:, 2]).all()
    blocks = sum(x[:, a:b] @ dense[a:b] for a, b in ((0, 2), (2, 4)))
    np.testing.assert_allclose(blocks[:, 0], found[:, 0], rtol=1e-5)
    flat = gene_activity(np.full((1, 4), 2.5), weights)
    np.testing.assert_allclose(flat[:, [0, 1, 3]], 2.5, rtol=1e-6)


def test_peaks_of_unequal_width_may_cross():
    crossing = peaks(("chr1", 1000, 9000), ("chr1", 2000, 2100))
    genes = pd.DataFrame({"chrom": ["1"], "tss": [2050]})
    weights = gene_weights(crossing, genes, decay=1000).toarray().ravel()
    expected = np.exp([-2.95, 0])
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-5)


def test_it_follows_expression_where_links_are_planted():
    cohort = simulate_multiomics(0)
    both = cohort[(cohort.obs["has_rna"] & cohort.obs["has_atac"]).to_numpy()].copy()
    weights = gene_weights(cohort.uns["atac_var"], cohort.var, decay=25_000)
    activity = gene_activity(both.obsm["atac"], weights)
    known = np.isfinite(activity).all(axis=0)
    a, x = activity[:, known], both.X[:, known]

    def correlations(a, x):
        return [np.corrcoef(*pair)[0, 1] for pair in zip(a.T, x.T, strict=True)]

    assert known.all()  # each gene has linked peaks
    assert np.median(correlations(a, x)) > 0.3
    assert abs(np.median(correlations(a, np.roll(x, 1, axis=1)))) < 0.1


def test_what_is_refused():
    with pytest.raises(ValueError, match="genomic order"):
        gene_weights(PEAKS.iloc[::-1], GENES)
    with pytest.raises(ValueError, match="genes must have chrom and tss; tss is missing"):
        gene_weights(PEAKS, GENES.drop(columns="tss"))
    with pytest.raises(ValueError, match="within 100,000 bp of its start; none"):
        gene_weights(PEAKS, GENES.iloc[[2]])
    with pytest.raises(ValueError, match=r"4 peaks the weights were made for; got shape \(2, 3\)"):
        gene_activity(np.ones((2, 3)), gene_weights(PEAKS, GENES))
