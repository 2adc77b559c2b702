import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import kstest, ttest_ind
from scipy.stats import t as student
from sklearn.cluster import KMeans
from statsmodels.stats.multitest import multipletests

from helpers.evaluate import differential
from helpers.evaluate.differential import (
    COLUMNS,
    differential_by_cluster,
    double_dipping,
    held_out_differential,
    moderated_t,
    moderated_t_between,
    squeeze_variances,
    variance_prior,
)


def noise(n=60, n_features=500, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_features))


# Moderated t


def test_it_is_the_ordinary_t_without_a_prior(monkeypatch):
    monkeypatch.setattr(differential, "variance_prior", lambda variance, n_free: (0.0, 0.0))
    x, inside = noise(n_features=20), np.arange(60) < 22
    table = moderated_t(x, inside)
    expected = ttest_ind(x[inside], x[~inside])
    np.testing.assert_allclose(table["t"], expected.statistic)
    np.testing.assert_allclose(table["p"], expected.pvalue)
    np.testing.assert_allclose(table["difference"], table["mean_in"] - table["mean_out"])
    np.testing.assert_allclose(table["q"], multipletests(expected.pvalue, method="fdr_bh")[1])


def test_t_and_p_are_smyths_formulae():
    """By a root search and the pooled variance of scipy's t, not by the code under test."""
    rng = np.random.default_rng(0)
    x, inside = noise(14) * np.sqrt(rng.chisquare(5, 500)), np.arange(14) < 6
    d = 12
    ordinary = ttest_ind(x[inside], x[~inside])
    difference = x[inside].mean(axis=0) - x[~inside].mean(axis=0)
    unscaled = np.sqrt(1 / 6 + 1 / 8)
    s2 = (difference / ordinary.statistic / unscaled) ** 2
    e = np.log(s2) - digamma(d / 2) + np.log(d / 2)
    excess = e.var(ddof=1) - polygamma(1, d / 2)
    d0 = 2 * brentq(lambda half: polygamma(1, half) - excess, 1e-2, 1e4)
    s0 = np.exp(e.mean() + digamma(d0 / 2) - np.log(d0 / 2))
    t = difference / np.sqrt((d0 * s0 + d * s2) / (d0 + d)) / unscaled
    table = moderated_t(x, inside)
    np.testing.assert_allclose(table["t"], t, rtol=1e-6)
    np.testing.assert_allclose(table["p"], 2 * student.sf(np.abs(t), d + d0), rtol=1e-5)


def test_noise_has_uniform_p_and_planted_features_come_first():
    x, inside = noise(40, 2000), np.arange(40) < 15
    assert kstest(moderated_t(x, inside)["p"], "uniform").pvalue > 0.01
    x[inside, :30] += 3
    table = moderated_t(pd.DataFrame(x).add_prefix("f"), inside)
    first = table.sort_values("p").head(30)
    assert set(first["feature"]) == {f"f{number}" for number in range(30)}
    assert (first["difference"] > 1).all() and (first["q"] < 1e-3).all()


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50), seed=st.integers(0, 99))
def test_scale_and_shift_change_no_p_and_the_other_group_the_sign(scale, shift, seed):
    x, inside = noise(20, 30, seed), np.arange(20) < 9
    table, other = moderated_t(x, inside), moderated_t(scale * x + shift, ~inside)
    np.testing.assert_allclose(table["p"], other["p"], rtol=1e-5)
    np.testing.assert_allclose(table["t"], -other["t"], rtol=1e-5)


def test_constant_features_are_no_difference():
    x = noise(20, 5)
    x[:, 2] = 7.3
    table = moderated_t(x, np.arange(20) < 9)
    assert table.loc[2, "t"] == pytest.approx(0, abs=1e-6)
    assert table.loc[2, "p"] == pytest.approx(1)
    assert np.isfinite(table.drop(columns="feature").astype(float)).all(axis=None)
    flat = moderated_t(np.ones((20, 3)), np.arange(20) < 9)
    assert (flat["t"] == 0).all() and (flat["p"] == 1).all()


def test_bad_groups_and_names_are_refused():
    x = noise(10, 3)
    with pytest.raises(ValueError, match="2 samples or more; got 1 members and 9 others"):
        moderated_t(x, np.arange(10) < 1)
    with pytest.raises(ValueError, match="10 samples, `is_member` has 9"):
        moderated_t(x, np.ones(9, bool))
    with pytest.raises(ValueError, match="`x` has 3, got 2 names"):
        moderated_t(x, np.arange(10) < 5, ["a", "b"])


# Clusters


def test_every_cluster_is_tested_and_q_is_over_the_whole_table():
    x, labels = noise(60, 50), np.repeat(["A", "B", "C"], [30, 26, 4])
    x[labels == "A", 0] += 3
    table = differential_by_cluster(x, labels, min_samples=5)
    assert table["cluster"].unique().tolist() == ["A", "B"]
    assert table.attrs["left_out"] == ["C"]
    np.testing.assert_allclose(table["q"], multipletests(table["p"], method="fdr_bh")[1])
    alone = moderated_t(x, labels == "B")
    np.testing.assert_allclose(table.loc[table["cluster"] == "B", "t"], alone["t"])


@pytest.mark.parametrize("labels", [np.zeros(60, int), np.arange(60) // 4, np.arange(60) < 59])
def test_without_a_cluster_that_can_be_tested_there_is_no_row(labels):
    x = pd.DataFrame(noise(60, 8)).add_prefix("g")
    table, held_out = differential_by_cluster(x, labels), held_out_differential(x, labels)
    assert table.empty and list(table) == list(held_out) == ["cluster", *COLUMNS]
    assert held_out.empty or len(set(labels)) > 1  # patients held out are shared out anew
    assert double_dipping(table, held_out).empty


def test_clusters_of_noise_differ_until_they_are_held_out():
    x = noise(200, 60)
    labels = KMeans(3, n_init=2, random_state=0).fit_predict(x)
    dipped, held_out = differential_by_cluster(x, labels), held_out_differential(x, labels)
    assert (dipped["p"] < 0.05).mean() > 0.2
    assert (held_out["p"] < 0.05).mean() < 0.1
    table = double_dipping(dipped, held_out)
    assert table["n_found"].sum() > 10 and table["n_both"].sum() == 0


def test_assigning_held_out_patients_by_the_tested_values_would_not_help():
    from helpers.evaluate.assignment import predict_held_out

    x = noise(200, 60)
    labels = KMeans(3, n_init=2, random_state=0).fit_predict(x)
    table = differential_by_cluster(x, predict_held_out(x, labels))
    assert (table["p"] < 0.05).mean() > 0.2


def test_real_clusters_are_found_held_out_as_well():
    labels = np.repeat([0, 1, 2], 50)
    x = noise(150, 80)
    x[:, :40] += 1.5 * noise(3, 40, seed=1)[labels]
    dipped, held_out = differential_by_cluster(x, labels), held_out_differential(x, labels)
    assert held_out.attrs["agreement"] > 0.95
    assert dipped["feature"].tolist() == held_out["feature"].tolist()
    table = double_dipping(dipped, held_out)
    assert (table["n_both"] > 0.8 * table["n_found"]).all()
    assert (table["spearman"] > 0.9).all()
    with pytest.raises(ValueError, match="2 features or more"):
        held_out_differential(x[:, :1], labels)


# The prior


@pytest.mark.parametrize("n_free", [4, 20])
def test_squeezing_recovers_a_planted_prior(n_free):
    """Variances drawn from a scaled inverse χ² with d₀ = 6, s₀² = 2, seen with `n_free`."""
    rng = np.random.default_rng(0)
    truth = 2 * 6 / rng.chisquare(6, 20_000)
    seen = truth * rng.chisquare(n_free, 20_000) / n_free
    np.testing.assert_allclose(variance_prior(seen, n_free), (6, 2), rtol=0.1)
    squeezed = squeeze_variances(seen, n_free)
    np.testing.assert_allclose(squeezed, (12 + n_free * seen) / (6 + n_free), rtol=0.1)
    error = [np.mean(np.log(guess / truth) ** 2) for guess in (squeezed, seen)]
    assert error[0] < error[1]


def test_variances_that_differ_by_chance_become_one():
    rng = np.random.default_rng(1)
    seen = 3 * rng.chisquare(5, 2_000) / 5
    squeezed = squeeze_variances(seen, 5)
    assert squeezed.std() < 0.1 * seen.std()
    np.testing.assert_allclose(squeezed, 3, rtol=0.1)


def test_two_variances_make_a_prior_one_and_zeros_do_not():
    freedom, scale = variance_prior(np.array([2.0, 2.0, 0.0]), 5)
    # Equal variances vary less than by chance; E log χ²₅/5 = ψ(5/2) − log(5/2).
    assert freedom == np.inf and np.log(scale) == pytest.approx(
        np.log(2) - digamma(2.5) + np.log(2.5)
    )
    assert variance_prior(np.array([2.0, 0.0, 0.0]), 5) == (0.0, 0.0)


@settings(max_examples=30, deadline=None)
@given(value=st.floats(1e-3, 1e3))
def test_inverse_trigamma_equals_a_root_search(value):
    expected = brentq(lambda x: float(polygamma(1, x)) - value, 1e-3, 1e4, xtol=1e-12)
    assert differential._inverse_trigamma(value) == pytest.approx(expected, rel=1e-5)


@pytest.mark.real
def test_pam50_basal_tumours_lack_gata3(real_data):
    """GATA3 marks luminal tumours; EGFR and CDK6 are high in basal-like ones."""
    from helpers.cohorts.registry import load_cohort

    cohort = load_cohort("tcga-brca")
    genes = np.flatnonzero(cohort.var["feature_type"] == "gene")
    z = np.asarray(cohort.X[:, genes], float)
    table = moderated_t(
        np.log(z - z.min(axis=0) + 0.1),
        (cohort.obs["subtype"] == "Basal").to_numpy(),
        cohort.var["symbol"].iloc[genes],
    ).set_index("feature")
    assert table.loc["GATA3", "t"] < -30
    assert (table.loc[["EGFR", "CDK6"], "t"] > 5).all()


@pytest.mark.parametrize("grows", ["samples", "features"])
def test_memory_grows_with_samples_and_features_and_not_with_their_pairs(grows):
    peaks = []
    for times in (1, 2, 4):
        shape = (1000 * times, 20) if grows == "samples" else (20, 1000 * times)
        x, labels = np.random.default_rng(0).normal(size=shape), np.arange(shape[0]) % 3
        if not peaks:
            differential_by_cluster(x[:, :20], labels)  # what is imported at the first call
        tracemalloc.start()
        differential_by_cluster(x, labels)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.5 * peaks[0] + 1e5 and peaks[2] < 2.5 * peaks[1] + 1e5, peaks


def test_memory_beyond_the_matrix_is_that_of_a_block(monkeypatch):
    """Before, four copies of the matrix in float64."""
    monkeypatch.setattr(differential, "_VALUES_AT_ONCE", 2**14)
    x, inside = noise(400, 8000).astype(np.float32), np.arange(400) < 170
    moderated_t(x[:, :20], inside)  # what is imported at the first call
    for run in (
        lambda: moderated_t(x, inside),
        lambda: moderated_t_between(x[:170], x[170:], range(8000)),
    ):
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 0.7 * x.nbytes  # of which the check for NaN has half


def test_blocks_change_nothing(monkeypatch):
    x, inside = noise(40, 103) + np.arange(103), np.arange(40) < 17
    x[:, 5] = 3.5  # constant
    whole = moderated_t(x, inside)
    monkeypatch.setattr(differential, "_VALUES_AT_ONCE", 280)  # 7 columns
    pd.testing.assert_frame_equal(moderated_t(x, inside), whole, rtol=1e-12)
    between = moderated_t_between(x[inside], x[~inside])
    pd.testing.assert_frame_equal(between, whole, rtol=1e-12)
    assert whole.loc[5, ["t", "p"]].tolist() == [0, 1]


def test_two_matrices_must_have_the_same_features():
    with pytest.raises(ValueError, match="the same features; got 500 and 499"):
        moderated_t_between(noise(), noise()[:, 1:])


def test_the_table_of_clusters_has_a_row_number_and_no_second_one():
    table = differential_by_cluster(noise(n_features=5), np.arange(60) % 3)
    assert table.index.tolist() == list(range(15)) and "index" not in table
    assert table["cluster"].tolist() == sorted([0, 1, 2] * 5)
