"""Known truth found again: the chapter's model, with its own parameters, on its demo cohort."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.splits import split_by_patient
from helpers.models.readout import posterior_mean
from helpers.models.training import Training
from helpers.pancan_vae.argument_groups import Inputs, Recipe, layer_widths
from helpers.pancan_vae.enrichment.camera import camera
from helpers.pancan_vae.enrichment.latent_genes import random_sets
from helpers.pancan_vae.folds import prepare_fold, train_vae
from helpers.pancan_vae.latent_space.neighbourhoods import nearest_class, one_vs_rest_silhouette
from helpers.pancan_vae.latent_space.varimax import varimax_directions
from helpers.pancan_vae.planted_truth import program_recovery
from helpers.pancan_vae.simulation import simulate_pancan
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook

pytestmark = pytest.mark.slow


def chapter_settings():
    """The notebook's defaults."""
    p = {x.name: x.default for x in notebook_parameters(find_notebook("01_pancan_vae"))}
    training = Training(
        p["n_epochs"], p["minibatch_size"], p["learning_rate"], patience=p["patience"], device="cpu"
    )
    names = ("n_latent", "linear_skip", "dropout", "kl_weight", "kl_warmup")
    widths = layer_widths(p["n_hidden_1"], p["n_hidden_2"])
    recipe = Recipe(widths, **{name: p[name] for name in names}, training=training)
    return Inputs(p["min_mean"], p["n_features"], p["correct_batch"]), recipe


@pytest.fixture(scope="module")
def demo():
    inputs, recipe = chapter_settings()
    cohort = simulate_pancan(0)
    fold = prepare_fold(cohort, split_by_patient(cohort, 0.2, 0), inputs, 0)
    model, _ = train_vae(fold.x["fitted"], fold.x["watched"], recipe, 0)
    z = {name: posterior_mean(model, fold.x[name]) for name in ("train", "test")}
    turn = varimax_directions(z["train"], fold.x["train"])
    return {
        "test": fold.parts["test"],
        "z": z["test"],
        "x": pd.DataFrame(fold.x["test"], columns=fold.features),
        "directions": pd.DataFrame(turn.transform(z["test"])),
        "truth": cohort.uns["truth"],
    }


def test_planted_programs_are_recovered(demo):
    activity = pd.DataFrame(demo["test"].obsm["program_activity"])
    found = program_recovery(demo["directions"], activity)
    assert (found["r"] >= 0.8).mean() >= 0.8
    assert (found["direction_r"] >= 0.8).all()


def test_planted_sets_enrich_and_random_ones_do_not(demo):
    sets = demo["truth"]["gene_sets"]
    found = camera(demo["directions"], demo["x"], sets)
    assert found.query("fdr < 0.05")["set"].nunique() == len(sets)
    sizes = [len(genes) for genes in sets.values()]
    random = random_sets(list(demo["x"]), sizes, 1000, seed=1)
    tests = camera(demo["directions"], demo["x"], random)
    assert tests.query("fdr < 0.05")["set"].nunique() <= 50


def test_noise_finds_no_planted_set(demo):
    noise = np.random.default_rng(0).permutation(demo["z"])
    found = camera(noise, demo["x"], demo["truth"]["gene_sets"])
    assert (found["fdr"] < 0.05).mean() <= 0.01


def test_twins_are_neighbours_and_blood_stands_apart(demo):
    kind = demo["test"].obs["cancer_type"].to_numpy(str)
    nearest = nearest_class(demo["z"], kind)["nearest"]
    a, b = demo["truth"]["twin_types"]
    assert (nearest[a], nearest[b]) == (b, a)
    separate = [one_vs_rest_silhouette(demo["z"], kind == t) for t in nearest.index]
    assert nearest.index[int(np.argmax(separate))] == demo["truth"]["separate_type"]
