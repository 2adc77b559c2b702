"""Two small folds of the simulated cohort, trained for a moment: what every analysis takes."""

import pytest

from helpers.cohorts.splits import split_by_patient
from helpers.models.training import Training
from helpers.pancan_vae.argument_groups import Inputs, Recipe
from helpers.pancan_vae.folds import train_folds
from helpers.pancan_vae.sealed_folds import sealed_folds
from helpers.pancan_vae.simulation import simulate_pancan

INPUTS = Inputs(min_mean=0.5, n_features=400, correct_batch=True)
RECIPE = Recipe(
    n_hidden=(24,),
    n_latent=6,
    linear_skip=True,
    dropout=0.0,
    kl_weight=0.25,
    kl_warmup=1,
    training=Training(15, 16, 3e-3, patience=3, device="cpu"),
)


@pytest.fixture(scope="session")
def inputs():
    return INPUTS


@pytest.fixture(scope="session")
def recipe():
    return RECIPE


@pytest.fixture(scope="session")
def small_pancan():
    """400 simulated tumours of eight types."""
    return split_by_patient(simulate_pancan(0), 0.25, 0)[1]


@pytest.fixture(scope="session")
def runs(small_pancan):
    return train_folds(small_pancan, sealed_folds(small_pancan, 0.2, 2), INPUTS, RECIPE, 7)
