"""Survival of every clustering: lifelines' test on the followed patients, counted by seed."""

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test
from statsmodels.duration.hazard_regression import PHReg

from helpers.evaluate.survival import stage_number
from helpers.vqvae_subtyping.clusters.survival_comparison import compare_survival
from helpers.vqvae_subtyping.extractors.extractions import SPACES
from helpers.vqvae_subtyping.profiles import prepare


@pytest.fixture(scope="module")
def comparison(profiles, clusterings):
    return compare_survival(profiles, clusterings, 19)


def test_each_grouping_is_tested_on_the_followed_patients(comparison, profiles, clusterings):
    assert len(comparison.table) == 1 + len(SPACES) * 2
    labels = clusterings.labels["vae", "kmeans", 4][profiles.is_followed]
    expected = multivariate_logrank_test(profiles.days, labels, profiles.died)
    row = comparison.of("vae").set_index("seed").loc[4]
    assert row["chi2"] == pytest.approx(expected.test_statistic, rel=1e-6)
    assert row["logrank_p"] == pytest.approx(expected.p_value, rel=1e-6)
    subtypes = profiles.subtype[profiles.is_followed]
    expected = multivariate_logrank_test(profiles.days, subtypes, profiles.died)
    assert comparison.p["known subtype"] == pytest.approx(expected.p_value, rel=1e-6)
    assert comparison.of("pam50")["seed"].tolist() == [3]


def test_the_adjusted_test_is_statsmodels_beside_age_and_stage(comparison, profiles, clusterings):
    obs = profiles.patients.obs[profiles.is_followed]
    known = np.column_stack([obs["age"].to_numpy(float), stage_number(obs["stage"])])
    labels = clusterings.labels["vae", "kmeans", 4][profiles.is_followed]
    groups = (labels[:, None] == np.unique(labels)[1:]).astype(float)
    both = np.hstack([known, groups])
    fit = PHReg(profiles.days, known, status=profiles.died, ties="efron").fit()
    at = np.append(fit.params, np.zeros(groups.shape[1]))
    model = PHReg(profiles.days, both, status=profiles.died, ties="efron")
    score = model.score(at)
    expected = score @ np.linalg.solve(-model.hessian(at), score)
    row = comparison.of("vae").set_index("seed").loc[4]
    assert row["adjusted_chi2"] == pytest.approx(expected, rel=1e-4)
    assert comparison.adjusted_for == {"age": 0, "stage": 0}
    p = comparison.of("raw")["adjusted_p"]
    assert comparison.metrics["survival.adjusted_p.raw"] == pytest.approx(p.mean())
    assert comparison.differs_adjusted("raw").tolist() == (p < 0.05).astype(float).tolist()


def test_who_lacks_a_stage_is_counted_and_a_cohort_without_covariates_is_said(
    profiles, clusterings
):
    patients = profiles.patients.copy()
    patients.obs["stage"] = patients.obs["stage"].astype(object)
    patients.obs.loc[patients.obs_names[10:13], "stage"] = ["Stage X", None, np.nan]
    found = compare_survival(prepare(patients, "none", 0), clusterings, 1)
    assert found.adjusted_for == {"age": 0, "stage": 3}
    assert "stage (3 patients lack it)" in found.adjusted_in_words
    bare = patients.copy()
    del bare.obs["stage"], bare.obs["age"]
    found = compare_survival(prepare(bare, "none", 0), clusterings, 1)
    assert "adjusted_p" not in found.table and found.differs_adjusted("raw").size == 0
    assert "no p is adjusted" in found.adjusted_in_words
    assert not [key for key in found.metrics if "adjusted" in key]


def test_seeds_that_differ_are_counted(comparison):
    p = comparison.of("raw")["permutation_p"].to_numpy()
    np.testing.assert_array_equal(comparison.differs("raw"), (p < 0.05).astype(float))
    assert comparison.differs("not there").size == 0
    metrics = comparison.metrics
    assert metrics["survival.permutation_p.raw"] == pytest.approx(p.mean())
    assert "survival.logrank_p.pam50" in metrics and "survival.logrank_p.pam50_sd" not in metrics
    assert comparison.summary.loc["raw", ("permutation_p", "max")] == round(p.max(), 3)


def test_without_known_subtypes_only_clusters_are_tested(profiles, clusterings):
    patients = profiles.patients.copy()
    patients.obs["subtype"] = ""
    table = compare_survival(prepare(patients, "none", 0), clusterings, 9).table
    assert len(table) == len(SPACES) * 2 and "pam50" not in set(table["grouping"])
