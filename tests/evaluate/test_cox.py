"""Ridge Cox models against lifelines, whatever the ties; what cannot be fitted says so."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from helpers.evaluate.cox import fit_cox

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
