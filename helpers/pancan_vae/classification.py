"""Cancer type from features: classifiers, held-out scores, and which errors are made."""

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
from helpers.pancan_vae.calibration import expected_calibration_error


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
) -> pd.DataFrame:
    """Held-out scores of each classifier on each set of features, with the controls beside them.

    `features`: name → (training samples × features, test samples × features). `classifiers`:
    name → unfitted model (default: the MLP and logistic regression). Rows with `labels` =
    "shuffled" were trained on permuted labels (of the features named in `shuffled`; default: the
    first, () for none) and must fall to chance; the row "majority" ignores the features.
    Columns: features, classifier, labels, the four scores, n_train, n_test, n_features, seed.
    """
    if classifiers is None:
        classifiers = {"mlp": mlp_classifier(seed), "logistic": logistic_classifier(seed)}
    first = next(iter(features))
    controls = (first,) if shuffled is None else shuffled
    jobs = [(name, model, "true") for name in features for model in classifiers]
    jobs += [(name, model, "shuffled") for name in controls for model in classifiers]
    jobs += [(first, "majority", "true")]
    known = {**classifiers, "majority": majority_classifier()}
    y = as_labels(y_train, "y_train")
    y_by_kind = {"true": y, "shuffled": np.random.default_rng(seed).permutation(y)}
    rows = []
    for name, kind, labels in jobs:
        train_x = as_matrix(features[name][0], name, len(y))
        model = clone(known[kind]).fit(train_x, y_by_kind[labels])
        rows.append(
            {"features": "none" if kind == "majority" else name, "classifier": kind}
            | {"labels": labels, **classifier_scores(model, features[name][1], y_test)}
            | {"n_train": len(y), "n_test": len(y_test), "n_features": train_x.shape[1]}
        )
    return pd.DataFrame(rows).assign(seed=seed)


def compare_spaces(
    spaces: Mapping[str, tuple[ArrayLike, ArrayLike]],
    raw: tuple[ArrayLike, ArrayLike],
    y_train: ArrayLike,
    y_test: ArrayLike,
    seed: int,
) -> pd.DataFrame:
    """`compare_features` of small spaces, with logistic regression on all features beside them.

    The column `variant` names each row: the space (MLP), space_logistic, "raw" (logistic), then
    "shuffled" and "shuffled_logistic" (the first space, permuted labels) and "majority".
    """
    small = compare_features(spaces, y_train, y_test, seed)
    logistic = {"logistic": logistic_classifier(seed)}
    whole = compare_features({"raw": raw}, y_train, y_test, seed, logistic, shuffled=())
    scores = pd.concat([small, whole[whole["features"] == "raw"]], ignore_index=True)
    name = scores["features"].where(scores["labels"] == "true", "shuffled")
    is_second = (scores["classifier"] == "logistic") & (scores["features"] != "raw")
    name = name.where(~is_second, name + "_logistic").replace("none", "majority")
    return scores.assign(variant=name)


def per_class_table(y_true: ArrayLike, y_pred: ArrayLike) -> pd.DataFrame:
    """Precision and recall of each class in [0, 1] with Wilson 95 % intervals.

    Index: the classes seen in either. Columns: n (true samples), n_predicted, then value, low and
    high of precision and of recall, and f1. Precision is NaN for a class never predicted, recall
    for one never true.
    """
    confusion = confusion_table(y_true, y_pred)
    n_right = np.diag(confusion)
    n_true, n_predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    table = pd.DataFrame({"n": n_true, "n_predicted": n_predicted})
    table = table.join(_proportion("precision", n_right, n_predicted))
    table = table.join(_proportion("recall", n_right, n_true))
    table["f1"] = 2 * n_right / (n_true + n_predicted)
    return table.rename_axis("cancer_type")


def _proportion(name: str, count: np.ndarray, n: pd.Series) -> pd.DataFrame:
    from statsmodels.stats.proportion import proportion_confint

    n_or_nan = n.where(n > 0).astype(float)
    low, high = proportion_confint(np.asarray(count, float), n_or_nan.to_numpy(), method="wilson")
    return pd.DataFrame(
        {name: count / n_or_nan, f"{name}_low": low, f"{name}_high": high}, index=n.index
    )


def confusion_table(
    y_true: ArrayLike, y_pred: ArrayLike, labels: list | None = None
) -> pd.DataFrame:
    """Counts of samples, true class in rows, predicted class in columns.

    `labels`: classes and their order (default: all seen in either, sorted).
    """
    true = as_labels(y_true, "y_true")
    predicted = as_labels(y_pred, "y_pred", len(true))
    order = np.unique(np.concatenate([true, predicted])) if labels is None else np.asarray(labels)
    unlisted = sorted((set(true.tolist()) | set(predicted.tolist())) - set(order.tolist()), key=str)
    if unlisted:
        raise ValueError(
            f"`labels` must list every class; {unlisted[:5]} are missing. Add them or drop "
            "their samples."
        )
    counts = pd.crosstab(true, predicted).reindex(index=order, columns=order, fill_value=0)
    return counts.rename_axis(index="true", columns="predicted")


def confused_pairs(confusion: pd.DataFrame) -> pd.DataFrame:
    """Every pair of classes by how often one is taken for the other, commonest first.

    `rate` = (n_ab + n_ba) / (n_a + n_b) in [0, 1]: the share of the pair's samples that went to
    the other member, whichever of the two is larger. Columns: a, b, n_errors, n, rate.
    """
    counts, classes = confusion.to_numpy(), confusion.index
    a, b = np.triu_indices(len(classes), k=1)
    n_true = counts.sum(axis=1)
    table = pd.DataFrame({"a": classes[a], "b": classes[b]})
    table["n_errors"] = counts[a, b] + counts[b, a]
    table["n"] = n_true[a] + n_true[b]
    table["rate"] = table["n_errors"] / table["n"].where(table["n"] > 0)
    return table.sort_values("rate", ascending=False, kind="stable", ignore_index=True)


def most_confused_pair(confusion: pd.DataFrame) -> tuple[str, str, float]:
    """The two classes most often taken for each other, and the rate of `confused_pairs`.

    Raises:
        ValueError: fewer than two classes.
    """
    if len(confusion) < 2:
        raise ValueError(f"A pair needs at least two classes; `confusion` has {len(confusion)}.")
    top = confused_pairs(confusion).iloc[0]
    return top["a"], top["b"], float(top["rate"])
