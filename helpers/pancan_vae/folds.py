"""One fold prepared, one VAE and one PCA trained on it, and what the two make of its patients.

Everything that is fitted (features, the machine's shift, scaling, VAE, PCA, classifier) is fitted
on the training patients of the fold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import torch
from sklearn.pipeline import Pipeline

from helpers.cohorts.preprocess import Preprocessor
from helpers.cohorts.splits import split_by_patient
from helpers.evaluate.active_units import active_units
from helpers.evaluate.results import spread_metrics
from helpers.models.history import History
from helpers.models.readout import collapse_report, decoded_mean, posterior_mean
from helpers.models.schedules import linear_warmup
from helpers.models.training import fit
from helpers.models.vae import VAE
from helpers.pancan_vae.argument_groups import Inputs, Recipe
from helpers.pancan_vae.classifiers.classification import logistic_classifier, mlp_classifier
from helpers.pancan_vae.fold_rows import (
    FoldRows,
    Samples,
    as_trained_on,
    samples_components,
    samples_pca,
)
from helpers.pancan_vae.latent_space.varimax import varimax_directions
from helpers.pancan_vae.sealed_folds import samples_of

WATCHED = 0.1  # share of the training patients that tells when to stop
Split = tuple[anndata.AnnData, anndata.AnnData]


@dataclass(frozen=True)
class Fold:
    """One fold as a model sees it; each mapping goes from part to value.

    Parts: "train" and "test"; "fitted" and "watched", the training patients divided again; "all".

    seed: of the fold's initial weights and minibatches.
    parts: the samples, views of one cohort. x: sample × feature, preprocessed, of a cohort on disk
    on disk too. types: cancer type of each sample.
    features: names of the features.
    """

    seed: int
    parts: dict[str, anndata.AnnData]
    x: FoldRows
    types: dict[str, np.ndarray]
    features: list[str]


@dataclass(frozen=True)
class TrainedFold:
    """A fold with its models, and each part (see `Fold`) in the spaces they make.

    model: the VAE. history: of the training in which the number of epochs was found.
    z: sample × latent, posterior means. components: sample × principal component.
    others: further models' latents by name, each as `z`, such as "paper", see `paper_model`.
    """

    fold: Fold
    model: VAE
    history: History
    z: dict[str, np.ndarray]
    components: dict[str, np.ndarray]
    others: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    @property
    def spaces(self) -> dict[str, dict[str, np.ndarray]]:
        """Space → part → sample × dimension: "vae", then the others, then "pca"."""
        return {"vae": self.z, **self.others, "pca": self.components}

    @property
    def seed(self) -> int:
        """The fold's seed."""
        return self.fold.seed

    @cached_property
    def directions(self) -> dict[str, np.ndarray]:
        """Each part in the varimax directions of the latent space, sample × direction."""
        turned = varimax_directions(self.z["train"], self.fold.x["train"])
        return {part: turned.transform(z) for part, z in self.z.items()}

    @property
    def classifier(self) -> Pipeline:
        """The paper's classifier of cancer type, trained on the latents of training patients."""
        return self.classifiers["vae", "mlp"]

    @cached_property
    def classifiers(self) -> dict[tuple[str, str], Pipeline]:
        """(Space, classifier) → the classifier of cancer type, trained on training patients.

        Spaces: those of `spaces`. Classifiers: "mlp", the paper's, and "logistic".
        """
        types = self.fold.types["train"]
        return {
            (space, name): make(self.seed).fit(values["train"], types)
            for space, values in self.spaces.items()
            for name, make in {"mlp": mlp_classifier, "logistic": logistic_classifier}.items()
        }

    def decode(self, z: np.ndarray) -> np.ndarray:
        """What the decoder makes of `z`, sample × feature."""
        return decoded_mean(self.model, z)


def prepare_fold(cohort: anndata.AnnData, split: Split, inputs: Inputs, seed: int) -> Fold:
    """A fold preprocessed by what its training patients say; a tenth of them is watched.

    `split`: its training and its test samples, both of `cohort`.
    """
    train, test = split
    # Only who is who matters here: without X, no value is copied.
    fitted, watched = split_by_patient(anndata.AnnData(obs=train.obs), WATCHED, seed)
    named = {"train": train, "fitted": fitted, "watched": watched, "test": test, "all": cohort}
    is_in = {name: cohort.obs_names.isin(part.obs_names) for name, part in named.items()}
    parts = {name: samples_of(cohort, mask) for name, mask in is_in.items()}
    scaling = Preprocessor(
        inputs.min_mean, n_features=inputs.n_features, batch_correction=inputs.correct_batch
    ).fit(train)
    x = FoldRows(scaling.transform(cohort), is_in)
    types = {name: part.obs["cancer_type"].to_numpy(str) for name, part in parts.items()}
    return Fold(seed, parts, x, types, list(scaling.feature_names))


def train_vae(
    x: Samples,
    watched: Samples,
    recipe: Recipe,
    seed: int,
    checkpoint: Path | None = None,
) -> tuple[VAE, History]:
    """A VAE trained on the rows of `x`, and its history; the rows `watched` tell when to stop.

    `checkpoint`: see `models.training.fit`.
    """
    torch.manual_seed(seed)
    model = VAE(
        x.shape[1],
        recipe.n_hidden,
        recipe.n_latent,
        noise_sd=1.0,
        dropout=recipe.dropout,
        linear_skip=recipe.linear_skip,
    )
    weights = {
        "reconstruction": 1.0,
        "kl": linear_warmup(recipe.kl_weight, recipe.kl_warmup),
    }
    rows = as_trained_on(x), as_trained_on(watched)
    training = recipe.training
    history = fit(
        model, *rows, weights=weights, training=training, seed=seed, checkpoint=checkpoint
    )
    return model, history


def for_epochs(recipe: Recipe, n_epochs: int) -> Recipe:
    """The same recipe for a number of epochs that is known, without stopping early."""
    training = replace(recipe.training, n_epochs=n_epochs, patience=recipe.training.n_epochs)
    return replace(recipe, training=training)


def train_fold(fold: Fold, recipe: Recipe) -> TrainedFold:
    """One VAE and one PCA of as many dimensions on all training patients of the fold.

    The VAE is trained twice: with the watched tenth put aside, to find the number of epochs, then
    for so many on everyone.
    """
    _, history = train_vae(fold.x["fitted"], fold.x["watched"], recipe, fold.seed)
    recipe = for_epochs(recipe, history.best_epoch)
    model, _ = train_vae(fold.x["train"], fold.x["watched"], recipe, fold.seed)
    pca = samples_pca(fold.x["train"], recipe.n_latent, fold.seed)
    z = fold.x.parted(posterior_mean(model, fold.x["all"]))
    components = fold.x.parted(samples_components(pca, fold.x["all"]))
    return TrainedFold(fold, model, history, z, components)


def train_folds(
    cohort: anndata.AnnData, splits: Sequence[Split], inputs: Inputs, recipe: Recipe, seed: int
) -> list[TrainedFold]:
    """`train_fold` of each split, seeded `seed`, `seed` + 1, …"""
    folds = (
        prepare_fold(cohort, split, inputs, seed + number) for number, split in enumerate(splits)
    )
    return [train_fold(fold, recipe) for fold in folds]


@dataclass(frozen=True)
class TrainingReport:
    """How training went: the first fold's history, and signs of collapse of every fold.

    collapse: one row a seed; best epoch, active units, and `readout.collapse_report` of held-out
    patients, in nats per tumour.
    """

    history: pd.DataFrame
    best_epoch: int
    collapse: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`history` and `collapse`."""
        return {"history": self.history, "collapse": self.collapse}

    @property
    def metrics(self) -> dict[str, float]:
        """Active units and KL, mean and SD over seeds."""
        units = spread_metrics("latent.active_units", self.collapse["active units"])
        return units | spread_metrics("latent.kl", self.collapse["KL"])


def report_training(runs: Sequence[TrainedFold]) -> TrainingReport:
    """Histories and signs of posterior collapse of trained folds."""
    collapse = pd.DataFrame(
        {
            "seed": run.seed,
            "best epoch": run.history.best_epoch,
            "active units": active_units(run.z["test"]),
            **collapse_report(run.model, run.fold.x["test"], run.seed),
        }
        for run in runs
    )
    first = runs[0].history
    return TrainingReport(pd.DataFrame(first.rows), first.best_epoch, collapse)
