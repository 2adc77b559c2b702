import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from helpers.coembedding.benchmarks.imputation import (
    feature_spearman,
    imputation_scores,
    imputation_summary,
    row_spearman,
)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 15), levels=st.integers(2, 50))
def test_it_equals_scipys_with_ties(seed, n, levels):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, levels, (6, n)).astype(float), rng.normal(size=(6, n))
    found = row_spearman(a, b)
    for i in range(6):
        expected = np.nan if np.ptp(a[i]) == 0 else spearmanr(a[i], b[i]).statistic
        assert found[i] == pytest.approx(expected, nan_ok=True)


def typed(seed=0, n=200, within=0.0):
    """Truth with a type and an own part; the prediction knows the type, and `within` of the own."""
    rng = np.random.default_rng(seed)
    types = rng.choice([*"abcd"], n)
    centre = {name: 2 * rng.normal(size=30) for name in "abcd"}
    base = np.stack([centre[name] for name in types])
    own = rng.normal(size=base.shape)
    return base + own, base + within * own + 0.3 * rng.normal(size=base.shape), types


def test_a_prediction_of_the_type_alone_gains_nothing_within_types():
    table = imputation_scores(*typed())
    median = table.median()
    assert median["spearman"] > 0.6
    assert abs(median["shuffled"]) < 0.03
    assert median["shuffled_within_type"] == pytest.approx(median["spearman"], abs=0.03)
    assert abs(median["within_type"]) < 0.05


def test_a_prediction_of_the_sample_does():
    median = imputation_scores(*typed(within=0.8)).median()
    assert median["within_type"] > 0.7
    assert median["spearman"] > median["shuffled_within_type"] + 0.1


def test_constant_predictions_have_no_correlation_and_are_counted():
    truth, predicted, types = typed()
    predicted[:, :3] = 7
    table = imputation_scores(truth, predicted, types)
    assert table["spearman"].isna().sum() == 3
    summary = imputation_summary({"ridge": table, "shift": imputation_scores(truth, truth)})
    assert summary.loc["ridge", ["n_features", "n_constant"]].tolist() == [30, 3]
    assert summary.loc["shift", "spearman"] == pytest.approx(1)
    assert summary.loc["shift", "share_positive"] == 1


def test_the_type_mean_itself_is_flat_within_types():
    truth, _, types = typed()
    means = pd.DataFrame(truth).groupby(types).transform("mean")
    table = imputation_scores(truth, means.to_numpy().astype(np.float32), types)
    assert table["within_type"].isna().all(), "rounding errors are not ranked"
    assert table["spearman"].median() > 0.6


def test_only_what_is_constant_within_every_type_is_flat():
    types = ["a"] * 3 + ["b"] * 3
    # Of the first gene a sample of each type is exactly its type's mean; of the second, which is
    # large in one type and 0 in the other, only rounding is left.
    varies = [-1.0, 0.0, 1.0, 4.0, 5.0, 6.0]
    rounded = [1e4 + 1e-3, 1e4, 1e4 - 1e-3, 0.0, 0.0, 0.0]
    x = np.column_stack([varies, rounded])
    assert imputation_scores(x, x, types)["within_type"].tolist() == pytest.approx(
        [1.0, np.nan], nan_ok=True
    )


def test_names_are_kept_and_types_of_one_sample_are_left_out():
    truth, predicted, types = typed()
    types = types.astype(object)
    types[0] = "alone"
    frame = pd.DataFrame(truth).add_prefix("gene")
    table = imputation_scores(frame, predicted, types)
    assert table.index[3] == "gene3" and table.index.name == "feature"
    without = imputation_scores(truth[1:], predicted[1:], types[1:])["within_type"]
    np.testing.assert_allclose(table["within_type"], without)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="the same columns; got 3 and 2"):
        row_spearman(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="4 samples, `predicted` has 3 rows"):
        imputation_scores(np.eye(4), np.eye(4)[:3])
    with pytest.raises(ValueError, match="NaN or infinite"):
        feature_spearman(np.eye(3), np.full((3, 3), np.nan))
