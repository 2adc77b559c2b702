import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist

from helpers.rnalign.metrics.delta_d import (
    alignment_scores,
    delta_d,
    median_over_types,
    spread_table,
)
from helpers.rnalign.metrics.kbet import kbet, kbet_by_type
from helpers.rnalign.metrics.line_match import match_lines
from helpers.rnalign.metrics.pvca import pvca


def test_delta_d_equals_medians_of_all_pairs(paired):
    x, is_line, cancer_type = paired(shift=1)
    table = delta_d(x, is_line, cancer_type)
    for name, row in table.iterrows():
        tumours = x[(cancer_type == name) & ~is_line].astype(float)
        lines = x[(cancer_type == name) & is_line].astype(float)
        assert row["d_tumour"] == pytest.approx(np.median(pdist(tumours)))
        assert row["d_line"] == pytest.approx(np.median(pdist(lines)))
        assert row["d_inter"] == pytest.approx(np.median(cdist(tumours, lines)))
        intra = (np.median(pdist(tumours)) + np.median(pdist(lines))) / 2
        assert row["delta_d"] == pytest.approx(row["d_inter"] - intra)
        assert row["relative"] == pytest.approx(row["delta_d"] / intra)
        assert (row["n_tumours"], row["n_lines"]) == (len(tumours), len(lines))


def test_delta_d_is_positive_apart_and_zero_mixed(paired):
    apart, mixed = (delta_d(*paired(shift))["delta_d"] for shift in (2, 0))
    assert (apart > 2).all()
    assert mixed.abs().max() < 0.1


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.01, 100), offset=st.floats(-5, 5), seed=st.integers(0, 99))
def test_shrinking_lowers_delta_d_but_not_the_relative(scale, offset, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, 5))
    is_line, names = np.arange(12) % 2 == 0, np.repeat(["a", "b"], 6)
    before, after = (delta_d(values, is_line, names) for values in (x, scale * x + offset))
    np.testing.assert_allclose(after["delta_d"], scale * before["delta_d"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(after["relative"], before["relative"], rtol=1e-6, atol=1e-6)


def test_a_collapsed_matrix_has_no_relative_value(paired):
    x, is_line, cancer_type = paired()
    table = delta_d(np.zeros_like(x), is_line, cancer_type)
    assert (table["delta_d"] == 0).all() and table["relative"].isna().all()
    assert np.isnan(median_over_types(table, "relative"))
    assert median_over_types(table, "delta_d") == 0


def test_the_median_leaves_out_missing_types():
    table = pd.DataFrame({"delta_d": [1.0, np.nan, 3.0, 4.0]})
    assert median_over_types(table, "delta_d") == 3


def test_scores_are_those_of_the_metrics(paired):
    x, is_line, cancer_type = paired(shift=1)
    samples, types = (x, is_line, cancer_type), ["brain", "kidney"]
    scores = alignment_scores({"input": x}, is_line, cancer_type, types, seed=3)
    row = scores.loc["input"]
    distance = delta_d(*samples, types)
    assert row["delta_d"] == pytest.approx(distance["delta_d"].median())
    assert row["delta_d_relative"] == pytest.approx(distance["relative"].median())
    assert row["pvca"] == pytest.approx(pvca(*samples, types)["origin"].median())
    mixing = kbet_by_type(kbet(*samples, types=types, seed=3))
    assert row["delta_kbet"] == pytest.approx(mixing["delta"].median())
    matches = match_lines(*samples, types=types)
    assert row["match"] == pytest.approx(matches["matched"].mean())
    by_type = matches.groupby("cancer_type")["matched"].mean()
    assert row["match_mean"] == pytest.approx(by_type.mean())
    assert row["match_median"] == pytest.approx(by_type.median())
    long = scores.attrs["per_type"]
    assert list(long) == ["method", "cancer_type", "metric", "value", "n_lines"]
    assert set(long["cancer_type"]) == set(types)
    found = long.set_index(["metric", "cancer_type"])["value"]
    assert found["delta_d", "kidney"] == pytest.approx(distance.loc["kidney", "delta_d"])
    assert found["match", "brain"] == pytest.approx(by_type["brain"])


def test_removing_the_shift_wins_everywhere(paired):
    (x, is_line, cancer_type), mixed = paired(shift=2), paired(shift=0)[0]
    scores = alignment_scores({"input": x, "oracle": mixed}, is_line, cancer_type)
    assert list(scores.index) == ["input", "oracle"]
    gain = scores.loc["input"] - scores.loc["oracle"]
    assert (gain[["delta_d", "delta_d_relative", "pvca", "delta_kbet"]] > 0.1).all()
    assert (gain[["match_mean", "match_median", "match_balanced"]] <= 0).all()
    again = alignment_scores({"oracle": mixed}, is_line, cancer_type)
    pd.testing.assert_series_equal(again.loc["oracle"], scores.loc["oracle"])


def test_no_method_is_refused(paired):
    with pytest.raises(ValueError, match="at least one method"):
        alignment_scores({}, *paired()[1:])


@pytest.mark.real
def test_the_plain_values_match_half_and_centring_more(real_data):
    from helpers.cohorts.registry import load_cohort
    from helpers.rnalign.samples import select_alignment

    cohort = select_alignment(load_cohort("ccle-tcga"))
    is_line, x = cohort.obs["is_line"].to_numpy(), np.asarray(cohort.X, float)
    names = cohort.obs["cancer_type"].astype(str).to_numpy()
    centred = x - np.where(is_line[:, None], x[is_line].mean(0), x[~is_line].mean(0))
    aligned = {"input": x, "centred": centred}
    scores = alignment_scores(aligned, is_line, names, cohort.uns["scored_types"])
    assert scores["match"].tolist() == pytest.approx([0.54, 0.69], abs=0.02)
    # The paper's 22.56 is on other genes, but the scale is the same: log2, median over types.
    assert 15 < scores.loc["input", "delta_d"] < 35
    assert scores.loc["centred", "delta_d"] < scores.loc["input", "delta_d"] / 2


def test_spread_table_is_mean_and_sd_in_the_order_of_methods():
    rows = [("b", 1.0, 0.5), ("a", 2.0, 0.1), ("b", 3.0, 0.5)]
    table = spread_table(pd.DataFrame(rows, columns=["method", "delta_d", "match"]), ["delta_d"])
    assert table["delta_d"].to_dict() == {"b": "2.00\u00a0±\u00a01.41", "a": "2.00"}
    assert [*table.index] == ["b", "a"]
