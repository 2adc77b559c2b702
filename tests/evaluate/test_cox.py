"""Ridge Cox models against lifelines, whatever the ties; what cannot be fitted says so."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import multivariate_logrank_test
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

from helpers.evaluate.cox import cox_score_test, fit_cox

EXACT = {"precision": 1e-14, "r_precision": 1e-16}  # lifelines stops at a decrement of 1e-7


def cohort(n, n_covariates, days_apart=1, seed=0):
    """Covariates of different scales, some correlated; times in whole steps of `days_apart`."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, n_covariates)) @ rng.standard_normal((n_covariates, n_covariates))
    x = x * rng.uniform(0.1, 10, n_covariates) + rng.normal(0, 5, n_covariates)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    died, left = rng.exponential(900 * np.exp(-0.6 * z[:, 0])), rng.exponential(1500, n)
    return x, np.ceil(np.minimum(died, left) / days_apart) * days_apart, died < left


def by_lifelines(x, time, is_death, penalizer, **options):
    frame = pd.DataFrame(x).assign(time=time, death=is_death)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CoxPHFitter(penalizer=penalizer).fit(frame, "time", "death", **options)


@pytest.mark.parametrize("days_apart", [1, 90], ids=["few ties", "many ties"])
@pytest.mark.parametrize("penalizer", [0.01, 0.1, 2.0])
def test_coefficients_and_risks_are_those_of_lifelines(days_apart, penalizer):
    for n, n_covariates in [(60, 3), (150, 32), (400, 12)]:
        x, time, is_death = cohort(n, n_covariates, days_apart, seed=n)
        model = fit_cox(x, time, is_death, penalizer)
        expected = by_lifelines(x, time, is_death, penalizer, fit_options=EXACT)
        scale = x.std(axis=0)
        ours, theirs = model.coefficients * scale, expected.params_.to_numpy() * scale
        np.testing.assert_allclose(ours, theirs, atol=2e-6)
        unseen = cohort(50, n_covariates, seed=1)[0]
        risk = expected.predict_log_partial_hazard(pd.DataFrame(unseen)).to_numpy()
        np.testing.assert_allclose(model.log_risk(unseen), risk, atol=1e-5 * np.ptp(risk))
        assert model.log_risk(x.mean(axis=0)) == pytest.approx(0)


def test_without_a_penalty_it_is_the_plain_model():
    x, time, is_death = cohort(300, 4, 60)
    expected = by_lifelines(x, time, is_death, 0.0, fit_options=EXACT).params_
    np.testing.assert_allclose(fit_cox(x, time, is_death, 0.0).coefficients, expected, rtol=1e-6)


def test_the_order_of_patients_and_the_unit_of_time_do_not_matter():
    x, time, is_death = cohort(120, 6, 45)
    model = fit_cox(x, time, is_death, 0.1)
    order = np.random.default_rng(0).permutation(120)
    again = fit_cox(x[order], time[order] / 365.25, is_death[order], 0.1)
    np.testing.assert_allclose(again.coefficients, model.coefficients, rtol=1e-9)


def test_what_cannot_be_fitted_says_so():
    x, time, is_death = cohort(80, 3)
    with pytest.raises(ValueError, match="Nobody dies"):
        fit_cox(x, time, np.zeros(80, bool), 0.1)
    with pytest.raises(ValueError, match="1 covariates do not vary"):
        fit_cox(np.column_stack([x, np.ones(80)]), time, is_death, 0.1)
    with pytest.raises(ValueError, match="finite"):
        fit_cox(np.where(x == x[0, 0], np.nan, x), time, is_death, 0.1)
    # Who dies first has the larger value, without exception: no finite maximum, but with a ridge.
    apart = -time[:, None]
    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        fit_cox(apart, time, np.ones(80, bool), 0.0)
    assert fit_cox(apart, time, np.ones(80, bool), 0.1).coefficients[0] > 0
    twice = np.column_stack([x, x[:, 0]])
    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        fit_cox(twice, time, is_death, 0.0)
    ridged = fit_cox(twice, time, is_death, 0.1).coefficients
    assert ridged[0] == pytest.approx(ridged[3])


def test_memory_grows_with_patients_times_covariates():
    """No matrix of patients × patients, nor one of covariates² a patient."""
    peaks = []
    for n in (500, 1000, 2000):
        data = cohort(n, 20, 30)
        tracemalloc.start()
        fit_cox(*data, 0.1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[-1] < 20 * (2000 * 20 * 8)
    assert peaks[2] < 2.5 * peaks[1] < 6.25 * peaks[0]


# The score test of covariates beside known ones


def groups_of(n, seed=1):
    return np.eye(4)[np.random.default_rng(seed).integers(0, 4, n)][:, 1:]


def test_without_known_covariates_and_ties_the_score_test_is_the_log_rank_test():
    _, time, is_death = cohort(200, 2)
    time = time + np.random.default_rng(0).uniform(0, 0.5, 200)
    groups = groups_of(200)
    found = cox_score_test(groups, np.empty((200, 0)), time, is_death)
    expected = multivariate_logrank_test(time, groups @ [1, 2, 3], is_death)
    assert found[0] == pytest.approx(expected.test_statistic, rel=1e-8) and found[1] == 3
    assert found[2] == pytest.approx(expected.p_value, rel=1e-6)


@pytest.mark.parametrize("days_apart", [1, 90], ids=["few ties", "many ties"])
def test_the_score_test_is_near_lifelines_likelihood_ratio_and_statsmodels_own(days_apart):
    x, time, is_death = cohort(400, 2, days_apart)
    groups = groups_of(400)
    groups[:, 0] = np.where(x[:, 1] > np.median(x[:, 1]), 1, groups[:, 0])
    statistic, df, p = cox_score_test(groups, x, time, is_death)
    small = by_lifelines(x, time, is_death, 0.0, fit_options=EXACT)
    large = by_lifelines(np.hstack([x, groups]), time, is_death, 0.0, fit_options=EXACT)
    ratio = 2 * (large.log_likelihood_ - small.log_likelihood_)
    assert statistic == pytest.approx(ratio, rel=0.1, abs=0.2) and df == 3
    model = PHReg(time, np.hstack([x, groups]), status=is_death, ties="efron")
    at = np.append(small.params_.to_numpy(), np.zeros(3))
    score, information = model.score(at), -model.hessian(at)
    exact = score @ np.linalg.solve(information, score)
    assert statistic == pytest.approx(exact, rel=1e-4)
    assert p == pytest.approx(chi2.sf(statistic, 3))


def test_what_the_known_covariates_say_already_is_not_found_again():
    x, time, is_death = cohort(400, 2)
    copies = np.column_stack([x[:, 0] > np.median(x[:, 0]), x[:, 0]]).astype(float)
    alone = cox_score_test(copies, np.empty((400, 0)), time, is_death)
    beside = cox_score_test(copies[:, :1], x, time, is_death)
    assert alone[2] < 1e-6 < 0.01 < beside[2]
    assert cox_score_test(copies[:, 1:], x, time, is_death)[1] == 0
    assert np.isnan(cox_score_test(np.empty((400, 0)), x, time, is_death)[2])


def test_a_group_without_a_death_is_tested():
    x, time, is_death = cohort(300, 2)
    group = np.zeros((300, 1))
    group[np.flatnonzero(~is_death)[:40]] = 1
    statistic, df, p = cox_score_test(group, x, time, is_death)
    assert np.isfinite(statistic) and df == 1 and p < 0.01
