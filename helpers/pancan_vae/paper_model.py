"""The paper's own model beside the chapter's, on the same folds, and what differs between the two.

The paper: an encoder of two dense ReLU layers, 32 latent dimensions, a mirrored decoder, Adam at
0.001, reconstruction plus KL divergence. It gives no widths, minibatch, number of epochs or weight
of the KL term, which is 1 where none is named (Kingma & Welling 2014).
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from helpers.models.readout import posterior_mean
from helpers.pancan_vae.argument_groups import Recipe
from helpers.pancan_vae.folds import TrainedFold, for_epochs, train_vae

PAPER = "paper"  # the space's name in tables and metrics
AS_THE_PAPER_HAS_IT = "as the paper has it"
N_LATENT, LEARNING_RATE = 32, 1e-3

SETTINGS = "under *Was the VAE given a fair chance?*"
DIFFERENCES = {
    "n_hidden": (
        "widths of the ReLU layers",
        f"one trains faster; the other depth stands {SETTINGS}",
    ),
    "linear_skip": (
        "a linear path beside them",
        f"what a linear map can tell need not pass the ReLUs; the other choice stands {SETTINGS}",
    ),
    "n_latent": ("latent dimensions", "chosen in this run"),
    "kl_weight": (
        "weight of the KL term",
        "a larger one empties dimensions: see the published sweep",
    ),
    "kl_warmup": (
        "epochs until the KL term has its weight",
        f"dimensions fill before they are pulled to the prior; without it {SETTINGS}",
    ),
    "dropout": ("share of hidden units dropped", "chosen in this run"),
    "learning_rate": ("learning rate of Adam", "chosen in this run"),
}


def as_the_paper_has_it(recipe: Recipe) -> Recipe:
    """The paper's model, with the recipe's first width, minibatches and longest training."""
    return replace(
        recipe,
        n_hidden=recipe.n_hidden[:1] * 2,
        n_latent=N_LATENT,
        linear_skip=False,
        dropout=0.0,
        kl_weight=1.0,
        kl_warmup=0,
        training=replace(recipe.training, learning_rate=LEARNING_RATE),
    )


def model_differences(recipe: Recipe) -> pd.DataFrame:
    """What the two models differ in. Index: what. Columns: the paper's, this chapter's, why."""
    paper = as_the_paper_has_it(recipe)
    rows = {
        what: (_shown(paper, name), _shown(recipe, name), why)
        for name, (what, why) in DIFFERENCES.items()
        if _shown(paper, name) != _shown(recipe, name)
    }
    columns = [AS_THE_PAPER_HAS_IT, "this chapter", "why"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _shown(recipe: Recipe, name: str) -> str:
    value = getattr(recipe.training if name == "learning_rate" else recipe, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"


def add_paper_model(runs: Sequence[TrainedFold], recipe: Recipe) -> list[TrainedFold]:
    """The folds with the latents of `as_the_paper_has_it` beside theirs, as space "paper".

    The number of epochs is found once, on the watched patients of the first fold, which are none
    of the sealed ones; then a model is trained for so many on all training patients of each fold.
    """
    paper, first = as_the_paper_has_it(recipe), runs[0].fold
    _, history = train_vae(first.x["fitted"], first.x["watched"], paper, first.seed)
    paper = for_epochs(paper, history.best_epoch)
    return [replace(run, others=run.others | {PAPER: _latents(run, paper)}) for run in runs]


def _latents(run: TrainedFold, recipe: Recipe) -> dict:
    """Part → sample × latent, of a model trained on the training patients of the fold."""
    x = run.fold.x
    model, _ = train_vae(x["train"], x["watched"], recipe, run.seed)
    return x.parted(posterior_mean(model, x["all"]))
