import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from scipy.stats import kstest
from statsmodels.duration.survfunc import survdiff

from helpers.vqvae_subtyping.clusters.cluster_survival import (
    AT_ONCE,
    _Table,
    adjust_over_cancers,
    check_survival,
    logrank,
    logrank_table,
    permutation_logrank,
)


def patients(seed=0, n=150, hazards=(1, 1, 1), longest=400):
    """Whole days, so that there are ties; a third or so censored."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(hazards), size=n)
    time = rng.exponential(200 / np.array(hazards)[labels])
    censored = rng.uniform(20, longest, n)
    return np.ceil(np.minimum(time, censored)), time < censored, labels


# Log-rank


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(6, 120))
def test_it_is_lifelines_log_rank(seed, n):
    time, event, labels = patients(seed, n)
    if len(np.unique(labels)) < 2 or not event.any():
        return
    found, expected = logrank(time, event, labels), multivariate_logrank_test(time, labels, event)
    assert found.chi2 == pytest.approx(expected.test_statistic, rel=1e-6, abs=1e-9)
    assert found.p == pytest.approx(expected.p_value, rel=1e-6)


def test_it_is_statsmodels_log_rank_and_does_not_depend_on_the_order():
    time, event, labels = patients(hazards=(1, 2))
    found = logrank(time, event, labels)
    chi2, p = survdiff(time, event, labels)
    assert (found.chi2, found.p) == pytest.approx((chi2, p))
    assert found.df == 1
    order = np.random.default_rng(0).permutation(len(time))
    assert logrank(time[order], event[order], labels[order]).p == pytest.approx(p)
    assert logrank(365.25 * time, event, np.array(["a", "b"])[labels]).p == pytest.approx(p)


def test_one_group_or_no_death_has_no_p():
    time, event, labels = patients()
    assert np.isnan(logrank(time, event, np.zeros(150)).p)
    assert np.isnan(logrank(time, np.zeros(150), labels).p)
    assert np.isnan(permutation_logrank(time, event, np.zeros(150)))


def test_permutation_p_agrees_with_the_distribution_and_has_its_bounds():
    time, event, labels = patients(3, hazards=(1, 1.3, 1.6))
    p = permutation_logrank(time, event, labels, n_permutations=2000)
    assert p == pytest.approx(logrank(time, event, labels).p, abs=0.03)
    assert p == permutation_logrank(time, event, labels, n_permutations=2000)
    far = patients(hazards=(1, 9, 30))
    assert permutation_logrank(*far, n_permutations=99) == 1 / 100
    same = np.full(30, 5.0), np.ones(30), np.arange(30) % 3
    assert permutation_logrank(*same, n_permutations=50) == 1


def test_permutations_side_by_side_are_lifelines_one_by_one():
    """Also where a group dies out, is never at risk at a death, or is one patient."""
    time, event, labels = patients(1, 80, (1, 2, 3))
    labels[:2], time[:2], event[:2] = (3, 4), (1, 500), (False, True)
    rng = np.random.default_rng(0)
    drawn = np.stack([rng.permutation(labels) for _ in range(20)])
    found = _Table(time, event).chi2(drawn)
    expected = [multivariate_logrank_test(time, row, event).test_statistic for row in drawn]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    again = np.random.default_rng(7)
    everything = np.stack([again.permutation(labels) for _ in range(300)])  # in several products
    observed = multivariate_logrank_test(time, labels, event).test_statistic
    n_above = (_Table(time, event).chi2(everything) >= observed * (1 - 1e-9)).sum()
    assert permutation_logrank(time, event, labels, 300, seed=7) == (1 + n_above) / 301


def test_memory_does_not_grow_with_the_permutations():
    def peak(n, n_permutations):
        drawn = patients(0, n)
        tracemalloc.start()
        permutation_logrank(*drawn, n_permutations=n_permutations)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(100, 4 * AT_ONCE) < 1.5 * peak(100, AT_ONCE)
    assert peak(800, AT_ONCE) < 6 * peak(200, AT_ONCE)  # patients: 4 if linear


def test_permutation_p_is_uniform_under_the_null():
    p = [permutation_logrank(*patients(seed, 40), n_permutations=99) for seed in range(150)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_small_groups_fool_the_distribution_but_not_the_permutations():
    """One of 60 patients dies first and is a cluster of its own: χ² says p ≈ 0."""
    time, event = np.arange(1, 61), np.ones(60)
    labels = np.arange(60) == 0
    assert logrank(time, event, labels).p < 1e-8
    assert 0.005 < permutation_logrank(time, event, labels) < 0.05


# Held out


# Tables


def test_groupings_are_tested_one_by_one_each_with_its_own_permutations():
    time, event, labels = patients(0, 120, (1, 4, 9))
    shuffled = np.random.default_rng(0).permutation(labels)
    table = logrank_table(time, event, {("true", 0): labels, ("noise", 3): shuffled}, 99)
    assert table[["grouping", "seed"]].to_numpy().tolist() == [["true", 0], ["noise", 3]]
    assert table["chi2"].tolist() == [logrank(time, event, g).chi2 for g in (labels, shuffled)]
    assert table["df"].tolist() == [2, 2] and table["logrank_p"][0] < 1e-6
    expected = permutation_logrank(time, event, shuffled, 99, seed=3)
    assert table["permutation_p"].tolist() == [0.01, expected]


def test_cancers_are_adjusted_together_and_a_missing_p_stays_missing():
    table = adjust_over_cancers({"BRCA": 0.01, "LGG": 0.02, "OV": np.nan, "KIRC": 0.5})
    assert table["q"].drop("OV").tolist() == pytest.approx([0.03, 0.03, 0.5])
    assert np.isnan(table.loc["OV", "q"])
    assert adjust_over_cancers({"OV": np.nan})["q"].isna().all()


# Input


def test_unusable_survival_names_the_patient():
    time = pd.Series([10, 0, -3], index=["TCGA-01", "TCGA-02", "TCGA-03"])
    with pytest.raises(ValueError, match="above 0 days; 2 of 3 are not, such as 0 of patient TCGA"):
        check_survival(time, [1, 0, 1])
    with pytest.raises(ValueError, match="nan of patient b"):
        logrank(pd.Series([5.0, np.nan], index=["a", "b"]), [1, 0], [0, 1])
    with pytest.raises(
        ValueError, match=r"0 \(censored\) or 1 \(died\); 1 of 2 .* 2 of patient p1"
    ):
        check_survival([1, 2], [2, 0], ["p1", "p2"])
    with pytest.raises(ValueError, match="one value per patient: 3, 2 and 3"):
        check_survival(time, [1, 0])
    with pytest.raises(ValueError, match="3 samples, `labels` has 2"):
        logrank([1, 2, 3], [1, 1, 0], [0, 1])


@pytest.mark.real
def test_pam50_and_survival_in_tcga(real_data):
    """929 patients, 126 deaths with PAM50; log-rank p ≈ 0.045."""
    from helpers.cohorts.registry import load_cohort

    obs = load_cohort("tcga-brca").obs
    known = obs[obs["subtype"].astype(str) != ""]
    found = logrank(known["os_time"], known["os_event"], known["subtype"].astype(str))
    assert len(known) == 929 and found.df == 4
    assert found.p == pytest.approx(0.0454, abs=1e-3)
    p = permutation_logrank(known["os_time"], known["os_event"], known["subtype"].astype(str))
    assert p == pytest.approx(0.048, abs=0.02)
