import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss

from helpers.pancan_vae.classifiers.classification import (
    classifier_scores,
    compare_features,
    logistic_classifier,
    majority_classifier,
    mlp_classifier,
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
