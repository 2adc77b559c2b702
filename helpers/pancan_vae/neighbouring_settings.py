"""The neighbourhood of a VAE's settings: one change each, so that a weak model had its chance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from helpers.cohorts.splits import patient_folds
from helpers.evaluate.active_units import active_units
from helpers.models.history import History
from helpers.models.readout import posterior_mean
from helpers.models.vae import VAE
from helpers.pancan_vae.argument_groups import Recipe
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.classifiers.paired_predictions import paired_scores
from helpers.pancan_vae.fold_rows import Samples, rows_of
from helpers.pancan_vae.folds import Fold, train_vae
from helpers.pancan_vae.latent_space.type_geometry import space_scores

AS_IT_IS = "this chapter"
MANY = 2000  # training patients of whom one inner fold is enough to be watched
SWEPT = {"n_latent", "kl_weight"}  # in notebooks/sweeps/pancan_latent.yaml
MOST_WATCHED = 2000  # patients; silhouettes take time by the square of their number


def neighbouring_settings(
    recipe: Recipe, at_most: int | None = None, n_train: int = 0
) -> dict[str, Recipe]:
    """Name → the recipe with one change; the first, "this chapter", has none.

    Latent size, KL weight and its warm-up, width, depth, linear path, dropout and training length
    are varied: what Tybalt and BioBombe varied, and what the paper leaves open. `at_most`: so many
    of them, from the front; None for all. Where more than 2,000 patients train (`n_train`), latent
    sizes and KL weights are left out: each takes long there, and the published sweep varies them.
    """
    changes = _changes(recipe)
    if n_train > MANY:
        changes = {name: change for name, change in changes.items() if not SWEPT & set(change)}
    return {name: replace(recipe, **changes[name]) for name in list(changes)[:at_most]}


def _changes(recipe: Recipe) -> dict[str, dict]:
    widths, training = tuple(recipe.n_hidden), recipe.training
    if len(widths) == 1:
        depth = {"two layers instead of one": {"n_hidden": widths * 2}}
    else:
        depth = {"one layer instead of two": {"n_hidden": widths[:1]}}
    path = "no linear path" if recipe.linear_skip else "with a linear path"
    longer = replace(training, patience=3 * training.patience)
    return {
        AS_IT_IS: {},
        "8 latent dimensions": {"n_latent": 8},
        "64 latent dimensions": {"n_latent": 64},
        "KL weight × 16": {"kl_weight": 16 * recipe.kl_weight},
        "KL weight ÷ 4": {"kl_weight": recipe.kl_weight / 4},
        "no warm-up": {"kl_warmup": 0},
        "a quarter as wide": {"n_hidden": tuple(max(1, width // 4) for width in widths)},
        "twice as wide": {"n_hidden": tuple(2 * width for width in widths)},
        **depth,
        path: {"linear_skip": not recipe.linear_skip},
        "three times the patience": {"training": longer},
        "dropout 0.1": {"dropout": 0.1},
    }


@dataclass(frozen=True)
class SettingsComparison:
    """Settings side by side on the same watched patients, one row a setting.

    table: columns of `paired_scores` against the first row, active units, those of `space_scores`
    and best epoch.
    """

    table: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`fair_chance`."""
        return {"fair_chance": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """None: settings were compared here, not scored."""
        return {}

    @property
    def reading(self) -> str:
        """How many settings can be told from the first row, in a sentence."""
        others = len(self.table) - 1
        n_told, n = int((self.table["fdr"] < 0.05).sum()), self.table["n"].iloc[0]
        sentence = (
            f"{n_told} of {others} settings differ in accuracy from the first row at FDR < 0.05 "
            f"({n:,} watched patients)."
        )
        return sentence + (" The others cannot be told apart by so many." * (n_told < others))


def compare_settings(
    fold: Fold, recipes: Mapping[str, Recipe], apart: str, n_folds: int, seed: int
) -> SettingsComparison:
    """Train each recipe on a part of the fold's training patients and watch the rest of them.

    Cancer types of the watched patients are predicted from the latents by logistic regression; the
    fold's test patients stay out. One model a recipe watches `n_folds` of five inner folds at once:
    a model for each would ask the same patients at that many times the cost. A recipe that differs
    from the first by its patience alone goes on where that one's training stood.
    `apart`: the type set against all others, see `space_scores`. `n_folds`: 1 where there are more
    than 2,000 patients, as a fold of 400 is enough. At most 2,000 are watched.
    """
    x, types = fold.x["train"], fold.types["train"]
    fitted, watched = _inner_split(fold, 1 if len(types) > MANY else n_folds, seed)
    predicted, rows = {}, []
    for name, (model, history) in _trained(recipes, rows_of(x, fitted), rows_of(x, watched), seed):
        z = posterior_mean(model, x)
        probe = logistic_classifier(seed).fit(z[fitted], types[fitted])
        predicted[name] = probe.predict(z[watched])
        row = {"setting": name, "active units": active_units(z[watched])}
        row = row | space_scores(z[watched], types[watched], apart)
        rows.append(row | {"best epoch": history.best_epoch})
    table = paired_scores(types[watched], predicted, AS_IT_IS)
    table = table.join(pd.DataFrame(rows).set_index("setting"))
    return SettingsComparison(table.rename_axis("setting"))


def _trained(
    recipes: Mapping[str, Recipe], x: Samples, watched: Samples, seed: int
) -> Iterator[tuple[str, tuple[VAE, History]]]:
    """(Name, (model, history)) of each recipe in turn."""
    first = _but_for_patience(next(iter(recipes.values())))
    with TemporaryDirectory() as folder:
        for name, recipe in recipes.items():
            is_alike = _but_for_patience(recipe) == first
            checkpoint = Path(folder) / "first.pt" if is_alike else None
            yield name, train_vae(x, watched, recipe, seed, checkpoint)


def _but_for_patience(recipe: Recipe) -> Recipe:
    return replace(recipe, training=replace(recipe.training, patience=None))


def _inner_split(fold: Fold, n_folds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(fitted, watched) rows of the fold's training patients, in ascending order."""
    inner = patient_folds(fold.parts["train"].obs, 5, seed)[:n_folds]
    watched = np.concatenate([rows for _, rows in inner])
    fitted = np.setdiff1d(np.arange(len(fold.types["train"])), watched)
    if len(watched) > MOST_WATCHED:
        watched = np.random.default_rng(seed).permutation(watched)[:MOST_WATCHED]
    return fitted, np.sort(watched)
