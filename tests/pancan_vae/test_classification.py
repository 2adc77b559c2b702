import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, log_loss, precision_recall_fscore_support

from helpers.pancan_vae.classification import (
    classifier_scores,
    compare_features,
    compare_spaces,
    confused_pairs,
    confusion_table,
    logistic_classifier,
    majority_classifier,
    mlp_classifier,
    most_confused_pair,
    per_class_table,
)

CLASSES = np.array(["BRCA", "COAD", "LAML", "READ"])


def blobs(seed, n=600, spread=1.0):
    rng = np.random.default_rng(seed)
    y = rng.choice(CLASSES, n, p=[0.55, 0.2, 0.15, 0.1])
    centre = np.random.default_rng(99).normal(size=(4, 8)) * 2
    return centre[np.searchsorted(CLASSES, y)] + spread * rng.normal(size=(n, 8)), y


@pytest.mark.parametrize("model", [mlp_classifier(0), logistic_classifier(0)])
def test_classifiers_learn_and_repeat_themselves(model):
    (train_x, train_y), (test_x, test_y) = blobs(0), blobs(1)
    first = classifier_scores(model.fit(train_x, train_y), test_x, test_y)
    again = classifier_scores(model.fit(train_x, train_y), test_x, test_y)
    assert first == again
    assert first["accuracy"] > 0.95
    assert first["balanced_accuracy"] > 0.9


def test_scores_equal_those_of_sklearn():
    (train_x, train_y), (test_x, test_y) = blobs(0, spread=4), blobs(1, spread=4)
    model = logistic_classifier(0).fit(train_x, train_y)
    scores = classifier_scores(model, test_x, test_y)
    assert scores["accuracy"] == model.score(test_x, test_y)
    expected = balanced_accuracy_score(test_y, model.predict(test_x))
    assert scores["balanced_accuracy"] == pytest.approx(expected)
    expected = log_loss(test_y, model.predict_proba(test_x))
    assert scores["log_loss"] == pytest.approx(expected)


def test_the_mlp_is_two_hidden_relu_layers_with_softmax():
    x, y = blobs(0)
    mlp = mlp_classifier(0).fit(x, y)[-1]
    assert (mlp.n_layers_, mlp.activation, mlp.out_activation_) == (4, "relu", "softmax")


def test_comparison_holds_the_controls():
    (train_x, train_y), (test_x, test_y) = blobs(0), blobs(1)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=train_x.shape), rng.normal(size=test_x.shape)
    features = {"vae": (train_x, test_x), "noise": noise}
    table = compare_features(features, train_y, test_y, seed=0)
    scores = table.set_index(["features", "classifier", "labels"])["balanced_accuracy"]
    assert scores["vae", "mlp", "true"] > 0.9
    assert scores["none", "majority", "true"] == 0.25
    for chance in [("vae", "logistic", "shuffled"), ("vae", "mlp", "shuffled")]:
        assert abs(scores[chance] - 0.25) < 0.1
    assert abs(scores["noise", "logistic", "true"] - 0.25) < 0.1
    assert len(table) == 7
    pd.testing.assert_frame_equal(table, compare_features(features, train_y, test_y, seed=0))


def test_a_shuffled_control_can_be_asked_for_every_feature():
    x, y = blobs(0)
    models = {"logistic": logistic_classifier(0)}
    features = {"a": (x, x), "b": (x, x)}
    table = compare_features(features, y, y, 0, classifiers=models, shuffled=("a", "b"))
    assert (table["labels"] == "shuffled").sum() == 2


def test_spaces_stand_beside_raw_shuffled_and_majority():
    (train_x, train_y), (test_x, test_y) = blobs(0), blobs(1)
    spaces = {"vae": (train_x[:, :4], test_x[:, :4]), "pca": (train_x[:, 4:], test_x[:, 4:])}
    table = compare_spaces(spaces, (train_x, test_x), train_y, test_y, seed=3)
    pairs = [(name, f"{name}_logistic") for name in ("vae", "pca", "shuffled")]
    assert set(table["variant"]) == {"raw", "majority", *sum(pairs, ())}
    assert len(table) == 8
    by = table.set_index("variant")
    expected = logistic_classifier(3).fit(train_x, train_y).score(test_x, test_y)
    assert by.loc["raw", "accuracy"] == expected
    assert by.loc["vae_logistic", "features"] == "vae"
    assert (by.loc[["vae", "pca", "shuffled"], "classifier"] == "mlp").all()


def test_test_labels_unseen_in_training_are_refused():
    x, y = blobs(0)
    model = logistic_classifier(0).fit(x[y != "LAML"], y[y != "LAML"])
    with pytest.raises(ValueError, match=r"no class of the classifier: \['LAML'\]"):
        classifier_scores(model, x, y)


def test_one_class_and_the_majority():
    x, y = blobs(0)
    one = classifier_scores(majority_classifier().fit(x[:3], ["BRCA"] * 3), x[:3], ["BRCA"] * 3)
    assert one == {"accuracy": 1.0, "balanced_accuracy": 1.0, "log_loss": 0.0, "ece": 0.0}
    assert classifier_scores(majority_classifier().fit(x, y), x, y)["ece"] == pytest.approx(0)


def test_nan_features_are_refused():
    x, y = blobs(0)
    model = logistic_classifier(0).fit(x, y)
    with pytest.raises(ValueError, match="finite"):
        classifier_scores(model, np.full_like(x, np.nan), y)


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
    assert most_confused_pair(confusion) == ("COAD", "READ", pytest.approx(6 / 100))
    pairs = confused_pairs(confusion)
    assert pairs["rate"].is_monotonic_decreasing
    assert pairs["n_errors"].sum() == sum(t != p for t, p in zip(true, predicted, strict=True))


def test_confusion_keeps_the_order_asked_for_and_refuses_a_missing_class():
    table = confusion_table(["a", "b"], ["a", "a"], labels=["c", "b", "a"])
    assert list(table.index) == ["c", "b", "a"]
    assert table.loc["b", "a"] == 1
    with pytest.raises(ValueError, match=r"\['b'\] are missing"):
        confusion_table(["a", "b"], ["a", "a"], labels=["a"])
    with pytest.raises(ValueError, match="at least two classes"):
        most_confused_pair(confusion_table(["a"], ["a"]))
