import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, spearmanr, ttest_ind

from helpers.coembedding.benchmarks import reconstruction_differential as module
from helpers.coembedding.benchmarks.reconstruction_differential import (
    effect_agreement,
    pseudoreplicates,
    reconstruction_differential,
)
from helpers.evaluate import differential


def observed(n=60, n_genes=200, seed=0):
    return np.random.default_rng(seed).normal(5, 1, (n, n_genes))


def test_shifted_genes_are_found_and_only_those():
    x = observed()
    y = x + 0.1 * np.random.default_rng(1).normal(size=x.shape)
    y[:, :7] += 1.5
    y[:, 7:12] += 0.8  # significant, but below a fold change of 2
    table = reconstruction_differential(pd.DataFrame(x).add_prefix("g"), y)
    assert table.index[table["is_differential"]].tolist() == [f"g{i}" for i in range(7)]
    assert (table["fdr"].iloc[7:12] < 0.05).all()
    np.testing.assert_allclose(table["log2_fold_change"], y.mean(0) - x.mean(0))


def test_p_values_are_near_students_where_there_is_little_to_squeeze():
    x, y = observed(300), observed(300, seed=1)
    table = reconstruction_differential(x, y)
    expected = ttest_ind(y, x).pvalue
    assert spearmanr(table["p"], expected).statistic > 0.99
    np.testing.assert_allclose(table["fdr"], false_discovery_control(table["p"]))


def test_the_mean_of_everyone_has_no_differential_genes_but_no_spread_either():
    x = observed()
    table = reconstruction_differential(x, np.tile(x.mean(axis=0), (60, 1)))
    assert not table["is_differential"].any()
    assert (table["sd_ratio"] < 1e-12).all()
    kept = reconstruction_differential(x, x)
    assert kept["sd_ratio"].to_numpy() == pytest.approx(1)
    assert (kept["p"] == 1).all()


def test_pseudoreplicates_share_the_reads_and_hardly_differ():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(1, 200, 300), (40, 300))
    depth = []
    first, second = pseudoreplicates(counts, scale=lambda half: depth.append(half) or half)
    np.testing.assert_array_equal(first + second, counts)
    spread = np.var((2 * first - counts)[counts > 0] / np.sqrt(counts[counts > 0]))
    assert spread == pytest.approx(1, abs=0.05)  # of binomial halves; 0 where each is a half
    assert depth[0].sum() / counts.sum() == pytest.approx(0.5, abs=0.01)
    table = reconstruction_differential(*pseudoreplicates(counts))
    assert table["is_differential"].sum() <= 2
    log = pseudoreplicates(counts)[0]
    np.testing.assert_allclose((2**log - 1).sum(axis=1), 1e6)


def test_effects_shrink_and_keep_their_order():
    rng = np.random.default_rng(0)
    labels = np.repeat(["BRCA", "LUAD", "rare"], [40, 30, 2])
    effect = rng.normal(size=50)
    x = np.outer(labels == "BRCA", effect) + 0.1 * rng.normal(size=(72, 50))
    shrunk = 0.5 * x + 3
    table = effect_agreement(x, shrunk, labels, "BRCA", n_top=10)
    assert table.index.tolist() == ["LUAD"] and table.loc["LUAD", "n"] == 30
    assert table.loc["LUAD", "spearman"] == pytest.approx(1)
    assert table.loc["LUAD", "slope"] == pytest.approx(0.5)
    assert table.loc["LUAD", "overlap"] == 1
    wrong = effect_agreement(x, x[:, ::-1], labels, "BRCA", n_top=10).loc["LUAD"]
    assert abs(wrong["spearman"]) < 0.4 and wrong["overlap"] < 0.6
    flat = effect_agreement(x, np.ones_like(x), labels, "BRCA").loc["LUAD"]
    assert (flat["spearman"], flat["slope"]) == (0, pytest.approx(0, abs=1e-9))


def test_bad_input_is_named():
    x = observed(4, 3)
    with pytest.raises(ValueError, match="the same features; got 3 and 2"):
        reconstruction_differential(x, x[:, :2])
    with pytest.raises(ValueError, match="4 samples, `reconstructed` has 3 rows"):
        reconstruction_differential(x, x[1:])
    with pytest.raises(ValueError, match="whole numbers from 0 on"):
        pseudoreplicates(x + 0.5)
    with pytest.raises(ValueError, match="every pseudoreplicate needs reads"):
        pseudoreplicates([[1, 0], [5, 5]])
    with pytest.raises(ValueError, match="'LUAD' and one other need 3 samples"):
        effect_agreement(x, x, [*"aaab"], "LUAD")


def test_reads_dealt_some_samples_at_a_time_are_dealt_the_same(monkeypatch):
    counts = np.random.default_rng(0).poisson(40, (23, 30))
    whole = pseudoreplicates(counts, seed=3)
    monkeypatch.setattr(module, "_READS_AT_ONCE", 100)  # 3 samples
    for half, expected in zip(pseudoreplicates(counts, seed=3), whole, strict=True):
        np.testing.assert_array_equal(half, expected)
    counts[20] = 0
    with pytest.raises(ValueError, match="sample 20 has none"):
        pseudoreplicates(counts)


def test_memory_is_that_of_what_is_returned_and_a_block(monkeypatch):
    monkeypatch.setattr(module, "_READS_AT_ONCE", 2**14)
    monkeypatch.setattr(differential, "_VALUES_AT_ONCE", 2**14)
    x = np.random.default_rng(0).poisson(40, (200, 8000)).astype(float)
    pseudoreplicates(x[:2]), reconstruction_differential(x[:9, :9], x[:9, :9] + 1)
    peaks = []
    for run in (lambda: pseudoreplicates(x), lambda: reconstruction_differential(x, x + 0.0)):
        tracemalloc.start()
        run()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Two halves, and the copy that is made above; the check for NaN has a quarter.
    assert peaks[0] < 2.4 * x.nbytes and peaks[1] < 1.5 * x.nbytes
