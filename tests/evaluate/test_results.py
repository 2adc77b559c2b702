import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evaluate.results import Found, mean_and_sd, spread_metrics, table_metrics

VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=8)


@given(VALUES)
def test_a_metric_is_the_mean_and_the_sample_sd_of_what_is_known(values):
    found = spread_metrics("a.b", values)
    known = [value for value in values if not math.isnan(value)]
    if not known:
        assert found == {}
        return
    assert list(found) == ["a.b", "a.b_sd"][: len(known)]
    assert found["a.b"] == pytest.approx(np.mean(known), abs=1e-6)
    if len(known) > 1:
        assert found["a.b_sd"] == pytest.approx(np.std(known, ddof=1), rel=1e-6, abs=1e-6)
    assert all(type(value) is float for value in found.values())


def test_a_single_seed_has_no_spread():
    assert spread_metrics("k", (value for value in [0.5])) == {"k": 0.5}


def test_a_table_becomes_a_metric_a_column_and_value():
    table = pd.DataFrame(
        {
            "method": ["vae", "pca", "vae", "pca"],
            "seed": [0, 0, 1, 1],
            "purity": [0.5, 0.25, 1.0, 0.25],
            "kl": [2.0, 3.0, 4.0, math.nan],
        }
    )
    found = table_metrics(table, "space", ["purity", "kl", "absent"], by="method")
    assert found == {
        "space.purity.vae": 0.75,
        "space.purity.vae_sd": pytest.approx(np.sqrt(0.125)),
        "space.purity.pca": 0.25,
        "space.purity.pca_sd": 0.0,
        "space.kl.vae": 3.0,
        "space.kl.vae_sd": pytest.approx(np.sqrt(2)),
        "space.kl.pca": 3.0,
    }
    assert next(iter(found)) == "space.purity.vae", "in the order of the table"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "–"),
        ([math.nan], "–"),
        ([0.12345], "0.123"),
        ([0.12345, math.nan], "0.123"),
        ([0.9, 1.0], "0.95 ± 0.071"),
        ([2.0, 2.0], "2 ± 0"),
        ([0.0505] * 5, "0.0505 ± 0"),
        ([0.0505] * 3, "0.0505 ± 0"),
        ([1.0, 1.0 + 1e-9], "1 ± 7.1e-10"),
    ],
)
def test_mean_and_sd_in_words(values, text):
    assert mean_and_sd(values) == text


@given(st.floats(-1e6, 1e6), st.integers(2, 8))
def test_equal_values_have_no_spread(value, n):
    """An SD that is only the rounding of the mean is not printed."""
    assert mean_and_sd([value] * n).endswith(" ± 0")


def test_digits_are_of_the_mean():
    assert mean_and_sd([1234.5], digits=5) == "1234.5"


def test_a_result_is_empty_unless_it_says_more():
    assert Found() == Found({}, {})
    assert Found(metrics={"a": 1.0}).tables == {}
