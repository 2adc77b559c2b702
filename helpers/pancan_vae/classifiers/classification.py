"""Cancer type from features: the classifiers, their held-out scores, and controls."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, recall_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_labels, as_matrix
from helpers.pancan_vae.classifiers.calibration import expected_calibration_error


def mlp_classifier(
    seed: int, hidden: tuple[int, int] = (128, 64), weight_decay: float = 1e-3, n_epochs: int = 200
) -> Pipeline:
    """The paper's classifier: two hidden ReLU layers, softmax, cross-entropy (unfitted).

    Features are standardised on the training samples; Adam stops early on a stratified tenth of
    them that is put aside, so each class needs at least two training samples.
    """
    mlp = MLPClassifier(
        hidden_layer_sizes=hidden,
        activation="relu",
        alpha=weight_decay,
        learning_rate_init=1e-3,
        max_iter=n_epochs,
        early_stopping=True,
        validation_fraction=0.1,
        n_iter_no_change=15,
        random_state=seed,
    )
    return make_pipeline(StandardScaler(), mlp)


def logistic_classifier(seed: int, c: float = 1.0) -> Pipeline:
    """Multinomial logistic regression on standardised features (unfitted).

    `c`: inverse ridge strength, smaller is stronger.
    """
    logistic = LogisticRegression(C=c, max_iter=5000, random_state=seed)
    return make_pipeline(StandardScaler(), logistic)


def majority_classifier() -> DummyClassifier:
    """Always the commonest training class, with the training frequencies as probabilities."""
    return DummyClassifier(strategy="prior")


def classifier_scores(model: ClassifierMixin, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
    """Scores of a fitted classifier on samples it has not seen.

    accuracy and balanced_accuracy (mean recall of the classes in `y`) in [0, 1], higher is better;
    log_loss (nats per sample) and ece (top label, 15 equal-mass bins), lower is better.

    Raises:
        ValueError: `y` holds a class that the classifier was not trained on.
    """
    features = as_matrix(x, "x")
    labels = as_labels(y, "y", len(features))
    probability = model.predict_proba(features)
    ece = expected_calibration_error(probability, labels, model.classes_)
    predicted = model.predict(features)
    present = np.unique(labels)
    return {
        "accuracy": float(accuracy_score(labels, predicted)),
        "balanced_accuracy": float(
            recall_score(labels, predicted, labels=present, average="macro", zero_division=0)
        ),
        "log_loss": _log_loss(labels, probability, model.classes_),
        "ece": ece,
    }


def _log_loss(labels: np.ndarray, probability: np.ndarray, classes: np.ndarray) -> float:
    if len(classes) == 1:  # a certain prediction of the only class
        return 0.0
    return float(log_loss(labels, probability, labels=classes))


def compare_features(
    features: Mapping[str, tuple[ArrayLike, ArrayLike]],
    y_train: ArrayLike,
    y_test: ArrayLike,
    seed: int,
    classifiers: Mapping[str, ClassifierMixin] | None = None,
    shuffled: tuple[str, ...] | None = None,
    fitted: Mapping[tuple[str, str], ClassifierMixin] | None = None,
) -> pd.DataFrame:
    """Held-out scores of each classifier on each set of features, with the controls beside them.

    `features`: name → (training samples × features, test samples × features). `classifiers`:
    name → unfitted model (default: the MLP and logistic regression). Rows with `labels` =
    "shuffled" were trained on permuted labels (of the features named in `shuffled`; default: the
    first, () for none) and must fall to chance; the row "majority" ignores the features. `fitted`:
    (features, classifier) → a model that was trained on them and `y_train` already.
    Columns: features, classifier, labels, the four scores, n_train, n_test, n_features, seed.
    """
    if classifiers is None:
        classifiers = {"mlp": mlp_classifier(seed), "logistic": logistic_classifier(seed)}
    first = next(iter(features))
    controls = (first,) if shuffled is None else shuffled
    jobs = [(name, classifier, "true") for name in features for classifier in classifiers]
    jobs += [(name, classifier, "shuffled") for name in controls for classifier in classifiers]
    jobs += [(first, "majority", "true")]
    models = {**classifiers, "majority": majority_classifier()}
    y = as_labels(y_train, "y_train")
    y_by_labels = {"true": y, "shuffled": np.random.default_rng(seed).permutation(y)}
    rows = []
    for name, classifier, labels in jobs:
        train_x = as_matrix(features[name][0], name, len(y))
        model = (fitted or {}).get((name, classifier)) if labels == "true" else None
        if model is None:
            model = clone(models[classifier]).fit(train_x, y_by_labels[labels])
        rows.append(
            {"features": "none" if classifier == "majority" else name, "classifier": classifier}
            | {"labels": labels, **classifier_scores(model, features[name][1], y_test)}
            | {"n_train": len(y), "n_test": len(y_test), "n_features": train_x.shape[1]}
        )
    return pd.DataFrame(rows).assign(seed=seed)
