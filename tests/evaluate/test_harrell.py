"""Harrell's C against lifelines, and without a matrix of pairs."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from helpers.evaluate.harrell import harrell_c

PATIENT = st.tuples(st.integers(1, 6), st.booleans(), st.integers(-3, 3))


def followed(time, event):
    return pd.DataFrame({"os_time": time, "os_event": event})


@given(st.lists(PATIENT, min_size=1, max_size=40))
def test_ties_of_any_kind_count_as_in_lifelines(patients):
    time, event, risk = np.array(patients).T
    try:
        expected = concordance_index(time, -risk, event)
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError, match="No death is comparable"):
            harrell_c(risk, followed(time, event))
    else:
        assert harrell_c(risk, followed(time, event)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [50, 1000])
def test_real_numbers_too(n):
    rng = np.random.default_rng(n)
    time, event, risk = rng.integers(1, 2000, n), rng.random(n) < 0.4, rng.normal(size=n)
    expected = concordance_index(time, -risk, event)
    assert harrell_c(risk, followed(time, event)) == pytest.approx(expected, abs=1e-12)
    assert harrell_c(-risk, followed(time, event)) == pytest.approx(1 - expected, abs=1e-12)


def test_a_risk_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        harrell_c(np.array([1.0, np.nan]), followed([1, 2], [1, 0]))


def test_memory_grows_with_patients_not_with_their_pairs():
    peaks = []
    for n in (4000, 8000, 16_000):
        rng = np.random.default_rng(0)
        obs, risk = followed(rng.integers(1, 2000, n), rng.random(n) < 0.5), rng.normal(size=n)
        tracemalloc.start()
        harrell_c(risk, obs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[-1] < 16_000 * 400  # a matrix of bools alone would have 16,000 a patient
    assert peaks[2] < 2.5 * peaks[1] < 6.25 * peaks[0]
