"""Known truth found again: the chapter's model, with its own parameters, on its demo cohort."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.cohorts.preprocess import Preprocessor
from helpers.cohorts.splits import split_by_patient
from helpers.evaluate.representation import nearest_class, one_vs_rest_silhouette
from helpers.models.readout import posterior_mean
from helpers.models.training import Training, fit, linear_warmup
from helpers.models.vae import VAE
from helpers.pancan_vae.camera import camera
from helpers.pancan_vae.latent_genes import random_sets
from helpers.pancan_vae.seed_stability import program_recovery
from helpers.pancan_vae.simulation import simulate_pancan
from helpers.pancan_vae.varimax import varimax_directions
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook


@pytest.fixture(scope="module")
def demo():
    p = {x.name: x.default for x in notebook_parameters(find_notebook("01_pancan_vae"))}
    cohort = simulate_pancan(0)
    train, test = split_by_patient(cohort, 0.2, 0)
    fitted, watched = split_by_patient(train, 0.1, 0)
    scaling = Preprocessor(p["min_mean"], n_features=p["n_features"]).fit(train)
    x = {n: scaling.transform(a) for n, a in {"train": train, "test": test}.items()}
    torch.manual_seed(0)
    widths = [p[name] for name in ("n_hidden_1", "n_hidden_2") if p[name]]
    model = VAE(
        x["train"].shape[1], widths, p["n_latent"], noise_sd=1.0, dropout=p["dropout"],
        linear_skip=p["linear_skip"],
    )  # fmt: skip
    fit(
        model,
        *(torch.from_numpy(scaling.transform(part)) for part in (fitted, watched)),
        weights={"reconstruction": 1.0, "kl": linear_warmup(p["kl_weight"], p["kl_warmup"])},
        seed=0,
        training=Training(
            n_epochs=p["n_epochs"],
            minibatch_size=p["minibatch_size"],
            patience=p["patience"],
            learning_rate=p["learning_rate"],
            device="cpu",
        ),
    )
    z = {n: posterior_mean(model, values) for n, values in x.items()}
    turn = varimax_directions(z["train"], x["train"])
    names = scaling.feature_names
    return {
        "test": test,
        "z": z["test"],
        "x": pd.DataFrame(x["test"], columns=names),
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
