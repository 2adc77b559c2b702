import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from helpers.coembedding.atac.peak_gene_links import cis_candidates, link_correlation, link_recovery

GENES = pd.DataFrame({"chrom": ["chr1", "chr1", "chr2"], "tss": [1000, 50_000, 1000]}, [*"ABC"])
PEAKS = pd.DataFrame(
    {"chrom": ["chr1", "chr1", "chr2", "chr3"], "start": [900, 3000, 1900, 1000]},
    index=["p0", "p1", "p2", "p3"],
).assign(end=lambda peaks: peaks["start"] + 500)


def test_candidates_are_the_near_pairs_of_one_chromosome():
    table = cis_candidates(GENES, PEAKS, max_distance=2250)
    assert table.to_numpy().tolist() == [["A", "p0", 150], ["A", "p1", 2250], ["C", "p2", 1150]]
    assert len(cis_candidates(GENES, PEAKS, max_distance=2249)) == 2
    assert len(cis_candidates(GENES, PEAKS)) == 5


def test_candidates_equal_all_pairs_filtered():
    rng = np.random.default_rng(0)
    genes = pd.DataFrame({"chrom": rng.choice(["1", "2"], 40), "tss": rng.integers(0, 10**6, 40)})
    peaks = pd.DataFrame({"chrom": rng.choice(["1", "2"], 80), "start": rng.integers(0, 10**6, 80)})
    peaks["end"] = peaks["start"] + 501
    pairs = (
        genes.rename_axis("gene")
        .reset_index()
        .merge(peaks.rename_axis("peak").reset_index(), on="chrom")
    )
    distance = (pairs["tss"] - (pairs["start"] + pairs["end"]) // 2).abs()
    expected = set(
        pairs.loc[distance <= 10**5, ["gene", "peak"]].itertuples(index=False, name=None)
    )
    found = cis_candidates(genes, peaks, 10**5)
    assert set(zip(found["gene"], found["peak"], strict=True)) == expected


def test_correlations_equal_numpys():
    rng = np.random.default_rng(0)
    x, a = rng.normal(size=(30, 4)), rng.normal(size=(30, 5))
    a[:, 4] = 3.3
    genes, peaks = [0, 3, 2, 1], [1, 0, 3, 4]
    found = link_correlation(x, a, genes, peaks)
    expected = [
        np.corrcoef(x[:, i], a[:, j])[0, 1] for i, j in zip(genes[:3], peaks[:3], strict=True)
    ]
    np.testing.assert_allclose(found, [*expected, 0], atol=1e-12)


def test_planted_links_are_found_and_noise_is_at_chance():
    rng = np.random.default_rng(0)
    accessibility = rng.normal(size=(100, 200))
    is_link = np.tile([True, False, False, False], 50)
    expression = accessibility[:, is_link] + rng.normal(size=(100, 50))
    genes = np.repeat(np.arange(50), 4)
    scores = np.abs(link_correlation(expression, accessibility, genes, np.arange(200)))
    found = link_recovery(scores, is_link)
    assert found["auroc"] == pytest.approx(roc_auc_score(is_link, scores))
    assert found["auroc"] > 0.95 and found["precision"] > 0.8
    assert (found["base_rate"], found["n_links"], found["n_candidates"]) == (0.25, 50, 200)
    noise = link_recovery(rng.normal(size=200), is_link)
    assert abs(noise["auroc"] - 0.5) < 0.15
    assert link_recovery(np.full(200, np.nan), is_link)["auroc"] == 0.5


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"genes are on \['1'\], peaks on \['chr1'"):
        cis_candidates(GENES.assign(chrom="1"), PEAKS)
    for truth in (np.zeros(5, bool), np.ones(5, bool)):
        with pytest.raises(ValueError, match="some of the 5 candidates and not all"):
            link_recovery(np.ones(5), truth)
    with pytest.raises(ValueError, match="10 samples, `accessibility` has 9 rows"):
        link_correlation(np.ones((10, 1)), np.ones((9, 1)), [0], [0])
