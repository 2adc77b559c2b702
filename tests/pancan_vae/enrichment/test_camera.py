"""CAMERA: a t-test when genes are independent, honest when they are not, and it finds drivers."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.evaluate.gsea import prerank
from helpers.pancan_vae.enrichment.camera import camera
from helpers.pancan_vae.enrichment.latent_genes import latent_correlation

N_SAMPLES, N_GENES = 150, 400
GENES = [f"g{i}" for i in range(N_GENES)]
SETS = {f"set{i}": GENES[20 * i : 20 * (i + 1)] for i in range(10)}


def coexpressed(seed, n_sets=10):
    """Genes of each set share a factor (correlation about 0.5); the rest is noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N_SAMPLES, N_GENES))
    factors = rng.standard_normal((N_SAMPLES, n_sets))
    for i in range(n_sets):
        x[:, 20 * i : 20 * (i + 1)] += factors[:, [i]]
    return pd.DataFrame(x, columns=GENES), factors


def _residuals(genes, values):
    """What a line through `values` leaves of each column of `genes`."""
    return genes.apply(lambda gene: gene - np.polyval(np.polyfit(values, gene, 1), values))


def test_without_gene_correlation_it_is_the_two_sample_t_test():
    rng = np.random.default_rng(0)
    x, _ = coexpressed(0)
    z = pd.DataFrame(rng.standard_normal((N_SAMPLES, 2)), columns=["a", "b"])
    found = camera(z, x, SETS, gene_correlation=0.0).set_index(["dimension", "set"])
    for dimension in z:
        r = np.array([stats.pearsonr(x[g], z[dimension])[0] for g in GENES])
        statistic = np.arctanh(r) * np.sqrt(N_SAMPLES - 3)
        for name, members in SETS.items():
            inside = np.isin(GENES, members)
            expected = stats.ttest_ind(statistic[inside], statistic[~inside]).statistic
            assert found.loc[(dimension, name), "t"] == pytest.approx(expected, rel=1e-6)


def test_correlation_is_the_mean_pairwise_correlation_of_residuals():
    x, factors = coexpressed(1)
    z = pd.DataFrame({"a": factors[:, 3]})
    found = camera(z, x, SETS).set_index("set")
    for name in ("set0", "set3"):
        pairs = _residuals(x[SETS[name]], factors[:, 3]).corr().to_numpy()[np.triu_indices(20, 1)]
        assert found.loc[name, "correlation"] == pytest.approx(max(pairs.mean(), 0), abs=1e-6)
    assert found.loc["set3", "correlation"] < 0.1 < found.loc["set0", "correlation"]


def test_noise_is_not_significant_where_the_gene_wise_null_says_it_is():
    rng = np.random.default_rng(2)
    x, _ = coexpressed(2)
    z = pd.DataFrame(rng.standard_normal((N_SAMPLES, 60)))
    found = camera(z, x, SETS)
    assert (found["p"] < 0.05).mean() == pytest.approx(0.05, abs=0.03)
    assert (found["fdr"] < 0.05).mean() < 0.01
    few = latent_correlation(z.iloc[:, :4], x)
    gene_wise = prerank(few, SETS, n_permutations=100, seed=0)
    assert (gene_wise["p"] < 0.05).mean() > 0.3


def test_the_driver_of_a_set_is_found_and_only_its_set():
    x, factors = coexpressed(3)
    found = camera(pd.DataFrame({"driver": factors[:, 4]}), x, SETS).set_index("set")
    assert found["fdr"].idxmin() == "set4"
    assert found.loc["set4", "fdr"] < 1e-6
    assert found.loc["set4", "t"] > 0
    assert (found.drop("set4")["fdr"] > 0.05).all()
    turned = camera(pd.DataFrame({"driver": -factors[:, 4]}), x, SETS).set_index("set")
    assert turned.loc["set4", "t"] == pytest.approx(-found.loc["set4", "t"])


def test_constant_gene_and_constant_dimension_do_no_harm():
    x, factors = coexpressed(4)
    x["g0"] = 1.0
    z = pd.DataFrame({"flat": np.ones(N_SAMPLES), "driver": factors[:, 0]})
    found = camera(z, x, SETS).set_index(["dimension", "set"])
    assert np.isfinite(found[["t", "p", "fdr"]].to_numpy()).all()
    assert (found.loc["flat", "p"] > 0.99).all()
    assert found.loc[("driver", "set0"), "fdr"] < 1e-4


def test_a_gene_that_is_the_dimension_has_no_residual():
    x, factors = coexpressed(6)
    z = pd.DataFrame({"gene": x["g3"], "driver": factors[:, 0]})
    found = camera(z, x, SETS).set_index(["dimension", "set"])
    pairs = _residuals(x[GENES[:20]].drop(columns="g3"), x["g3"]).corr().to_numpy()
    expected = pairs[np.triu_indices(19, 1)].sum() / 190  # g3 has 19 pairs, of no correlation
    found = found.loc[("gene", "set0"), "correlation"]
    # The inflation counts 19 genes of length 1 among 20: 1/20 less than 1.
    assert found == pytest.approx(expected - 1 / 20 / 19, abs=1e-9)


def test_memory_and_work_grow_with_the_members_of_sets_and_make_no_matrix_of_genes():
    rng = np.random.default_rng(0)
    peaks = []
    for n_genes in (2000, 4000, 8000):
        x = rng.standard_normal((20, n_genes))
        sets = {number: rng.choice(n_genes, 20, replace=False) for number in range(500)}
        tracemalloc.start()
        camera(x[:, :2], x, sets)
        peaks.append(tracemalloc.get_traced_memory()[1] / x.nbytes)
        tracemalloc.stop()
    assert max(peaks) < 15  # times the genes' own matrix; features × sets would be 25
    assert peaks[2] < 1.2 * peaks[0]


def test_no_usable_set_is_refused():
    x, factors = coexpressed(5)
    with pytest.raises(ValueError, match="No set has 5 to 398 of the 400 features"):
        camera(factors[:, :1], x, {"other": ["TP53"]})
    with pytest.raises(ValueError, match="5 samples or more"):
        camera(factors[:3, :1], x.iloc[:3], SETS)
