import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from helpers.pancan_vae.classifiers.mistakes import (
    Mistakes,
    confused_pairs,
    confusion_table,
    find_mistakes,
    per_class_table,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60))
def test_per_class_table_equals_sklearn(pairs):
    true, predicted = map(list, zip(*pairs, strict=True))
    table = per_class_table(true, predicted)
    precision, recall, f1, n = precision_recall_fscore_support(
        true, predicted, labels=table.index, zero_division=np.nan
    )
    np.testing.assert_allclose(table["precision"], precision)
    np.testing.assert_allclose(table["recall"], recall)
    np.testing.assert_array_equal(table["n"], n)
    np.testing.assert_allclose(table["f1"], f1)
    known = table.dropna()
    assert (known["recall_low"] <= known["recall"] + 1e-12).all()
    assert (known["recall"] <= known["recall_high"] + 1e-12).all()


def test_wilson_interval_by_hand():
    n, p, z = 10, 0.8, 1.959963984540054
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    table = per_class_table(["a"] * 10 + ["b"], ["a"] * 8 + ["b"] * 3)
    assert table.loc["a", "recall_low"] == pytest.approx(centre - half)
    assert table.loc["a", "recall_high"] == pytest.approx(centre + half)


def test_the_confused_pair_weighs_both_sizes():
    true = ["COAD"] * 90 + ["READ"] * 10 + ["BRCA"] * 1000
    predicted = ["COAD"] * 90 + ["COAD"] * 6 + ["READ"] * 4 + ["BRCA"] * 980 + ["COAD"] * 20
    confusion = confusion_table(true, predicted)
    pairs = confused_pairs(confusion)
    assert pairs.loc[0, ["a", "b"]].tolist() == ["COAD", "READ"]
    assert pairs.loc[0, "rate"] == pytest.approx(6 / 100)
    assert pairs["rate"].is_monotonic_decreasing
    assert pairs["n_errors"].sum() == sum(t != p for t, p in zip(true, predicted, strict=True))


def test_confusion_keeps_the_order_asked_for_and_refuses_a_missing_class():
    table = confusion_table(["a", "b"], ["a", "a"], labels=["c", "b", "a"])
    assert list(table.index) == ["c", "b", "a"]
    assert table.loc["b", "a"] == 1
    with pytest.raises(ValueError, match=r"\['b'\] are missing"):
        confusion_table(["a", "b"], ["a", "a"], labels=["a"])
    assert confused_pairs(confusion_table(["a"], ["a"])).empty


def test_mistakes_of_all_folds_are_counted_together(runs, small_pancan):
    mistakes = find_mistakes(runs)
    true = np.concatenate([run.fold.types["test"] for run in runs])
    predicted = np.concatenate([run.classifier.predict(run.z["test"]) for run in runs])
    types = sorted(set(small_pancan.obs["cancer_type"]))
    expected = confusion_matrix(true, predicted, labels=types)
    np.testing.assert_array_equal(mistakes.confusion, expected)
    assert mistakes.n_patients == len(true)  # two folds of one round share nobody
    first = runs[0].fold.types["test"]
    assert mistakes.per_class["n"].sum() == mistakes.reliability["n"].sum() == len(first)
    assert set(mistakes.tables) == {"confusion", "confused_pairs", "per_class", "reliability"}


def test_the_rank_of_a_pair():
    confusion = confusion_table(list("aabbccc"), list("abbbccb"))
    mistakes = Mistakes(confusion, 7, confusion, confusion)
    assert mistakes.rank("a", "b") == mistakes.rank("b", "a") == 1
    assert mistakes.rank("c", "b") == 2
    assert mistakes.rank("a", "z") is None
