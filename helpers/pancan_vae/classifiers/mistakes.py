"""Which cancer types are taken for which, and whether the classifier knows when it is unsure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels
from helpers.pancan_vae.classifiers.calibration import reliability_table
from helpers.pancan_vae.folds import TrainedFold


@dataclass(frozen=True)
class Mistakes:
    """Predictions of the paper's classifier on VAE latents, each by a fold that held it out.

    confusion: true × predicted type, all folds together. n_patients: how many they are.
    per_class: precision and recall, first fold. reliability: confidence against accuracy, first
    fold.
    """

    confusion: pd.DataFrame
    n_patients: int
    per_class: pd.DataFrame
    reliability: pd.DataFrame
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def pairs(self) -> pd.DataFrame:
        """Pairs of types, the most confused first."""
        return confused_pairs(self.confusion)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`confusion`, `confused_pairs`, `per_class` and `reliability`."""
        return {
            "confusion": self.confusion,
            "confused_pairs": self.pairs,
            "per_class": self.per_class,
            "reliability": self.reliability,
        }

    def rank(self, a: str, b: str) -> int | None:
        """Place of a pair of types among confused pairs, from 1; None where one is absent."""
        is_pair = self.pairs["a"].isin((a, b)) & self.pairs["b"].isin((a, b))
        return int(is_pair.to_numpy().argmax()) + 1 if is_pair.any() else None


def find_mistakes(runs: Sequence[TrainedFold]) -> Mistakes:
    """Held-out predictions of every fold, compared with the truth."""
    true = [run.fold.types["test"] for run in runs]
    predicted = [run.classifier.predict(run.z["test"]) for run in runs]
    first = runs[0]
    types = sorted(set(first.fold.types["all"].tolist()))
    probability = first.classifier.predict_proba(first.z["test"])
    return Mistakes(
        confusion_table(np.concatenate(true), np.concatenate(predicted), types),
        len(set().union(*(run.fold.parts["test"].obs["patient"] for run in runs))),
        per_class_table(true[0], predicted[0]),
        reliability_table(probability, true[0], first.classifier.classes_),
    )


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
