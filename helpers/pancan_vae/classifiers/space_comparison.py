"""Cancer type from latents, principal components and whole profiles, under the same classifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.results import mean_and_sd, spread_metrics, table_metrics
from helpers.pancan_vae.classifiers.classification import (
    compare_features,
    logistic_classifier,
    mlp_classifier,
)
from helpers.pancan_vae.classifiers.paired_predictions import paired_scores
from helpers.pancan_vae.folds import TrainedFold

SCORES = ("accuracy", "balanced_accuracy", "log_loss", "ece")
SHOWN = ["vae", "pca", "vae_logistic", "pca_logistic", "raw", "shuffled", "majority"]


@dataclass(frozen=True)
class SpaceComparison:
    """Held-out scores of each variant, one row a variant × seed (see `compare_spaces`)."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`classifier_scores`."""
        return {"classifier_scores": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """`classifier.<score>.<variant>`, and the VAE's margin over PCA, both with the MLP."""
        return (
            table_metrics(self.scores, "classifier", SCORES, "variant")
            | spread_metrics("classifier.margin.vae_over_pca", self.margin("accuracy"))
            | spread_metrics(
                "classifier.balanced_margin.vae_over_pca", self.margin("balanced_accuracy")
            )
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The rows worth a look, in the order to show."""
        return self.scores.set_index("variant").loc[SHOWN].reset_index()

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, one row a variant."""
        by_variant = self.shown.groupby("variant", sort=False)
        return by_variant[list(SCORES)].agg(["mean", "std"])

    @property
    def reading(self) -> str:
        """The margin of the VAE over PCA, in a sentence."""
        margins = (
            f"{name.replace('_', ' ')} {mean_and_sd(self.margin(name))}" for name in SCORES[:2]
        )
        return f"VAE minus PCA, same patients and classifier: {', '.join(margins)}."

    def values(self, score: str, variant: str) -> list[float]:
        """One score of a variant, a value a seed in the order of the seeds."""
        rows = self.scores[self.scores["variant"] == variant].sort_values("seed")
        return rows[score].tolist()

    def margin(self, score: str) -> list[float]:
        """The VAE's score minus PCA's, both with the paper's classifier, a value a seed."""
        pairs = zip(self.values(score, "vae"), self.values(score, "pca"), strict=True)
        return [vae - pca for vae, pca in pairs]


def compare_classifiers(runs: Sequence[TrainedFold]) -> SpaceComparison:
    """Scores of every space and control on each fold's held-out patients."""
    tables = []
    for run in runs:
        x, types = run.fold.x, run.fold.types
        spaces = {
            "vae": (run.z["train"], run.z["test"]),
            "pca": (run.components["train"], run.components["test"]),
        }
        raw = x["train"], x["test"]
        tables.append(compare_spaces(spaces, raw, types["train"], types["test"], run.seed))
    return SpaceComparison(pd.concat(tables))


@dataclass(frozen=True)
class SealedScores:
    """`paired_scores` of the sealed fold against PCA's MLP, one row a space and classifier."""

    scores: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`sealed`."""
        return {"sealed": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """`sealed.<score>.<variant>`."""
        return {
            f"sealed.{score}.{name}": value
            for score in SCORES[:2]
            for name, value in self.scores[score].items()
        }


def score_sealed_fold(run: TrainedFold) -> SealedScores:
    """Predictions of the fold's held-out patients from latents and from principal components."""
    types, predicted = run.fold.types, {}
    for name, space in {"vae": run.z, "pca": run.components}.items():
        for suffix, make in {"": mlp_classifier, "_logistic": logistic_classifier}.items():
            model = make(run.seed).fit(space["train"], types["train"])
            predicted[name + suffix] = model.predict(space["test"])
    return SealedScores(paired_scores(types["test"], predicted, "pca").drop(columns="fdr"))


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
