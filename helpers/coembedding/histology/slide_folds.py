"""Slides to expression over folds: how good it is, what changes, and what it is good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.argument_groups import Network, SlideNetwork, Steps, Weights
from helpers.coembedding.benchmarks.imputation import imputation_scores
from helpers.coembedding.histology.slide_benchmark import (
    embed_imputed,
    groups_of,
    rebuilt_scores,
    slide_changes,
    slide_measures,
    slide_metrics,
    slide_outcomes,
)
from helpers.coembedding.histology.slide_expression import SlideFold, predict_slides, score_folds
from helpers.coembedding.histology.slide_scores import site_folds
from helpers.coembedding.histology.slides import with_expression
from helpers.cohorts.splits import patient_folds
from helpers.evaluate.results import spread_metrics
from helpers.models.pca import fit_pca

PATIENTS, SITES = "held-out patients", "held-out sites"
_NO_SLIDES = "no slides in this run"
_N_PARTS = 5  # of patients, and of sites
_LISTED = ["gene_median", "sample_mean", "sample_centred_mean"]


@dataclass(frozen=True)
class SlideFolds:
    """Expression predicted from slides; nothing where a run has none.

    folds: (features, who is held out) → a fold each. scores: a row a method × fold.
    """

    folds: Mapping[tuple[str, str], Sequence[SlideFold]]
    scores: pd.DataFrame

    @property
    def features(self) -> str:
        """What the figures are of: the first kind of features."""
        return next(iter(self.folds))[0]

    @property
    def of_features(self) -> pd.DataFrame:
        """Scores of that kind."""
        return self.scores[self.scores["features"] == self.features]

    @property
    def of_patients(self) -> Sequence[SlideFold]:
        """Folds of that kind with patients held out."""
        return self.folds[self.features, PATIENTS]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table histology."""
        return {"histology": self.scores} if self.folds else {}

    @property
    def metrics(self) -> dict[str, float]:
        """histology.spearman_….<method>, see `slide_metrics`, and their SD."""
        metrics = {}
        for key, values in slide_metrics(self.scores).items() if self.folds else ():
            metrics |= spread_metrics(key, values)
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Means over folds."""
        if not self.folds:
            return pd.DataFrame(columns=[_NO_SLIDES])
        by_method = self.scores.groupby(["features", "split", "method"], sort=False)
        return by_method[_LISTED].mean().round(3)

    def values(self, column: str, method: str, split: str = PATIENTS) -> pd.Series:
        """One score of one method on the first kind of features, a value a fold."""
        rows = self.of_features
        return rows.loc[(rows["split"] == split) & (rows["method"] == method), column]


def predict_slide_folds(
    slides: anndata.AnnData | None,
    n_folds: int,
    seed: int,
    *,
    network: SlideNetwork,
    steps: Steps,
    all_features: bool,
) -> SlideFolds:
    """`n_folds` of five folds, patients held out and then whole sites, by both rivals.

    With `all_features` every kind of features the slides have, microRNAs and genes; else the first.
    """
    if slides is None:
        return SlideFolds({}, pd.DataFrame())
    kinds = sorted(set(slides.var["feature_type"]), reverse=True)
    folds, scores = {}, []
    for kind in kinds if all_features else kinds[:1]:
        part = with_expression(slides, kind)
        by_patient = patient_folds(part.obs, _N_PARTS, seed)
        by_site = site_folds(part.obs["site"], part.obs["patient"], _N_PARTS)
        for held_out, parts in ((PATIENTS, by_patient), (SITES, by_site)):
            folds[kind, held_out] = [
                predict_slides(part, *rows, network=network, steps=steps, seed=seed)
                for rows in parts[:n_folds]
            ]
            scores.append(score_folds(folds[kind, held_out], held_out, kind))
    return SlideFolds(folds, pd.concat(scores, ignore_index=True))


@dataclass(frozen=True)
class SlideChanges:
    """What predicted profiles keep of single features, patients held out.

    of_feature: `imputation_scores` of the first fold, a row a feature. changes: `slide_changes` of
    each fold. n_slides: of the first fold.
    """

    of_feature: pd.DataFrame
    changes: Sequence[pd.DataFrame]
    n_slides: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """None."""
        return {}

    @property
    def metrics(self) -> dict[str, float]:
        """histology.n_differential."""
        counts = [table["is_differential"].sum() for table in self.changes]
        return spread_metrics("histology.n_differential", counts)

    @property
    def volcano(self) -> pd.DataFrame:
        """The first fold's changes as `plot_volcano` reads them."""
        columns = {"log2_fold_change": "difference", "fdr": "q"}
        return self.changes[0].rename(columns=columns).reset_index(names="feature")


def change_slides(folds: SlideFolds, n_permutations: int, seed: int) -> SlideChanges:
    """Spearman of each feature beside exchanged slides, and features whose mean differs.

    Nothing where there are no slides.
    """
    if not folds.folds:
        return SlideChanges(pd.DataFrame(), (), 0)
    held = folds.of_patients
    scores = imputation_scores(
        held[0].truth, held[0].predicted["regions"], None, n_permutations, seed
    )
    return SlideChanges(scores, [slide_changes(fold) for fold in held], len(held[0].obs))


@dataclass(frozen=True)
class SlideOutcomes:
    """What the embedding of imputed profiles tells of patients.

    outcomes: a row a fold, see `slide_outcomes` and `rebuilt_scores`. xy: first two components of
    the first fold's observed profiles, and of its embedding. groups: of the same slides. observed:
    claim → values, one a fold.
    """

    outcomes: pd.DataFrame
    xy: tuple[np.ndarray, np.ndarray]
    groups: np.ndarray
    observed: Mapping[str, np.ndarray]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table histology_outcomes."""
        return {} if self.outcomes.empty else {"histology_outcomes": self.outcomes}

    @property
    def metrics(self) -> dict[str, float]:
        """histology.<outcome>; those that are not known are left out."""
        metrics = {}
        for name, values in self.outcomes.items():
            metrics |= spread_metrics(f"histology.{name}", values)
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """The outcomes, a row a fold."""
        return pd.DataFrame(columns=[_NO_SLIDES]) if self.outcomes.empty else self.outcomes.round(3)


def embed_slides(
    folds: SlideFolds,
    changes: SlideChanges,
    *,
    network: Network,
    weights: Weights,
    steps: Steps,
    n_components: int | Sequence[int],
    seed: int,
) -> SlideOutcomes:
    """The RNA VAE retrained on imputed profiles, and what its embedding tells.

    Args:
        folds: expression predicted from slides.
        changes: what those profiles keep of features; a claim is about it.
        network: hidden layer and latent dimensions of the VAE.
        weights: of its KL.
        steps: of its training.
        n_components: principal components of the embedding in the Cox models; of several, the
            number is chosen inside the training folds.
        seed: of all of it.
    """
    if not folds.folds:
        nothing = np.empty((0, 2))
        return SlideOutcomes(pd.DataFrame(), (nothing, nothing), np.empty(0, str), {})
    held = folds.of_patients
    settings = {"network": network, "weights": weights, "steps": steps, "seed": seed}
    made = [embed_imputed(fold, **settings) for fold in held]
    embedded, rebuilt = ([pair[number] for pair in made] for number in (0, 1))
    xy = tuple(fit_pca(x, 2, seed).transform(x) for x in (held[0].truth, embedded[0]))
    outcomes = slide_outcomes(held, embedded, seed, n_components)
    outcomes = outcomes.join(rebuilt_scores(held, rebuilt))
    observed = slide_measures(folds.scores, changes.changes, outcomes)
    if len(set(held[0].obs["cancer_type"])) > 1:
        observed["slide_cohort"] = outcomes["group_accuracy"].to_numpy()
    return SlideOutcomes(outcomes, xy, groups_of(held[0].obs), observed)
