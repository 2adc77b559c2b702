"""Cancer type from latents, principal components and whole profiles, under the same classifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin

from helpers.evaluate.results import mean_and_sd, spread_metrics, table_metrics
from helpers.pancan_vae.classifiers.classification import (
    compare_features,
    logistic_classifier,
)
from helpers.pancan_vae.classifiers.paired_predictions import paired_scores
from helpers.pancan_vae.fold_rows import some_in_memory
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER

SCORES = ("accuracy", "balanced_accuracy", "log_loss", "ece")
MOST_RAW = 10_000  # training patients of a cohort on disk whose whole profiles are classified
SPACES = ["vae", "paper", "pca"]
SHOWN = [*SPACES, *(f"{space}_logistic" for space in SPACES), "raw", "shuffled", "majority"]
LABELS = {PAPER: AS_THE_PAPER_HAS_IT, f"{PAPER}_logistic": f"{AS_THE_PAPER_HAS_IT}, logistic"}


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
            | self._margins("vae")
            | self._margins(PAPER)
        )

    def _margins(self, space: str) -> dict[str, float]:
        """The space's margins over PCA; none where it was not scored."""
        names = {"margin": "accuracy", "balanced_margin": "balanced_accuracy"}
        return {
            key: value
            for name, score in names.items()
            for key, value in spread_metrics(
                f"classifier.{name}.{space}_over_pca", self.margin(score, space)
            ).items()
        }

    @property
    def shown(self) -> pd.DataFrame:
        """The rows worth a look, in the order to show; the paper's model by its full name."""
        by_variant = self.scores.set_index("variant")
        shown = [name for name in SHOWN if name in by_variant.index]
        return by_variant.loc[shown].rename(index=LABELS).reset_index()

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, one row a variant."""
        by_variant = self.shown.groupby("variant", sort=False)
        return by_variant[list(SCORES)].agg(["mean", "std"])

    @property
    def reading(self) -> str:
        """The margin over PCA of the VAE and of the paper's, in a sentence."""
        said = []
        for space, who in {"vae": "this chapter's VAE", PAPER: AS_THE_PAPER_HAS_IT}.items():
            margins = [
                f"{name.replace('_', ' ')} {mean_and_sd(self.margin(name, space))}"
                for name in SCORES[:2]
                if self.margin(name, space)
            ]
            said += [f"{who}: {', '.join(margins)}"] if margins else []
        return f"VAE minus PCA, same patients and classifier. {'; '.join(said)}."

    def values(self, score: str, variant: str) -> list[float]:
        """One score of a variant, a value a seed in the order of the seeds."""
        rows = self.scores[self.scores["variant"] == variant].sort_values("seed")
        return rows[score].tolist()

    def margin(self, score: str, space: str = "vae") -> list[float]:
        """A VAE's score minus PCA's, both with the paper's classifier, a value a seed.

        [] where the space was not scored.
        """
        values = self.values(score, space)
        pairs = zip(values, self.values(score, "pca") if values else [], strict=True)
        return [vae - pca for vae, pca in pairs]


def compare_classifiers(runs: Sequence[TrainedFold]) -> SpaceComparison:
    """Scores of every space and control on each fold's held-out patients."""
    tables = []
    for run in runs:
        x, types = run.fold.x, run.fold.types
        spaces = {name: (z["train"], z["test"]) for name, z in run.spaces.items()}
        train_x, rows = some_in_memory(x["train"], MOST_RAW, run.seed)
        raw = train_x, x["test"], types["train"][rows]
        labels = types["train"], types["test"]
        tables.append(compare_spaces(spaces, raw, *labels, run.seed, run.classifiers))
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
    def shown(self) -> pd.DataFrame:
        """The scores, the paper's model by its full name."""
        return self.scores.rename(index=LABELS)

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
    predicted = {
        space + {"mlp": "", "logistic": "_logistic"}[name]: model.predict(run.spaces[space]["test"])
        for (space, name), model in run.classifiers.items()
    }
    scores = paired_scores(run.fold.types["test"], predicted, "pca")
    return SealedScores(scores.drop(columns="fdr"))


def compare_spaces(
    spaces: Mapping[str, tuple[ArrayLike, ArrayLike]],
    raw: tuple[ArrayLike, ArrayLike, ArrayLike],
    y_train: ArrayLike,
    y_test: ArrayLike,
    seed: int,
    fitted: Mapping[tuple[str, str], ClassifierMixin] | None = None,
) -> pd.DataFrame:
    """`compare_features` of small spaces, with logistic regression on all features beside them.

    The column `variant` names each row: the space (MLP), space_logistic, "raw" (logistic), then
    "shuffled" and "shuffled_logistic" (the first space, permuted labels) and "majority".
    `raw`: all features of some training samples and of the test samples, and the former's classes.
    `fitted`: as of `compare_features`, of the small spaces.
    """
    small = compare_features(spaces, y_train, y_test, seed, fitted=fitted)
    logistic = {"logistic": logistic_classifier(seed)}
    whole = compare_features({"raw": raw[:2]}, raw[2], y_test, seed, logistic, shuffled=())
    scores = pd.concat([small, whole[whole["features"] == "raw"]], ignore_index=True)
    name = scores["features"].where(scores["labels"] == "true", "shuffled")
    is_second = (scores["classifier"] == "logistic") & (scores["features"] != "raw")
    name = name.where(~is_second, name + "_logistic").replace("none", "majority")
    return scores.assign(variant=name)
