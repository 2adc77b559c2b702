"""The neighbourhood of a VAE's settings: one change each, so that a weak model had its chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.cohorts.splits import patient_folds
from helpers.evaluate.active_units import active_units
from helpers.models.readout import posterior_mean
from helpers.pancan_vae.argument_groups import Recipe
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.classifiers.paired_predictions import paired_scores
from helpers.pancan_vae.folds import Fold, train_vae
from helpers.pancan_vae.latent_space.type_geometry import space_scores

AS_IT_IS = "this chapter"
MANY = 2000  # training patients from which one inner fold watches enough of them


def neighbouring_settings(recipe: Recipe, at_most: int | None = None) -> dict[str, Recipe]:
    """Name → the recipe with one change; the first, "this chapter", has none.

    Latent size, KL weight and its warm-up, width, depth, linear path, dropout and training length
    are varied: what Tybalt and BioBombe varied, and what the paper leaves open. `at_most`: so many
    of them, from the front; None for all.
    """
    changes = _changes(recipe)
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
    and best epoch (means over inner folds).
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
    """Train each recipe on inner folds of the fold's training patients; the test ones stay out.

    Cancer types of the watched patients are predicted from the latents by logistic regression.
    `apart`: the type set against all others, see `space_scores`. `n_folds`: inner folds watched,
    of five; one where there are more than 2,000 patients, as a fold of 400 is enough.
    """
    x, types = fold.x["train"], fold.types["train"]
    n_folds = 1 if len(types) > MANY else n_folds
    inner = patient_folds(fold.parts["train"].obs, 5, seed)[:n_folds]
    predicted, rows = {name: [] for name in recipes}, []
    for fitted, watched in inner:
        for name, recipe in recipes.items():
            model, history = train_vae(x[fitted], x[watched], recipe, seed)
            z = posterior_mean(model, x)
            probe = logistic_classifier(seed).fit(z[fitted], types[fitted])
            predicted[name].extend(probe.predict(z[watched]))
            row = {"setting": name, "active units": active_units(z[watched])}
            row = row | space_scores(z[watched], types[watched], apart)
            rows.append(row | {"best epoch": history.best_epoch})
    return SettingsComparison(_side_by_side(predicted, rows, types, [w for _, w in inner]))


def _side_by_side(
    predicted: Mapping[str, list], rows: list[dict], types: np.ndarray, watched: Sequence
) -> pd.DataFrame:
    true = np.concatenate([types[each] for each in watched])
    table = paired_scores(true, predicted, AS_IT_IS)
    return table.join(pd.DataFrame(rows).groupby("setting").mean()).rename_axis("setting")
