"""A setting is chosen by donors that do not judge it; its discriminator is the one asked for."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.coembedding.argument_groups import Weights
from helpers.coembedding.benchmarks.validation_trial import deal_donors, shortfall, try_setting
from helpers.coembedding.donors.split import paired_split
from tests.coembedding.conftest import PREPARATION, SETTINGS

FEW = {name: SETTINGS[name] for name in ("network", "weights", "training")} | {"n_permutations": 2}


@pytest.fixture(scope="module")
def parts(cohort):
    return deal_donors(cohort, PREPARATION, 0.25, seed=1)


def test_no_donor_is_in_two_groups_and_the_test_donors_are_the_same_for_every_seed(cohort, parts):
    validation, test = (set(part.test_obs["patient"]) for part in parts)
    trained = set(parts[0].rna_obs["patient"]) | set(parts[0].atac_obs["patient"])
    assert not validation & test and not trained & (validation | test)
    first = paired_split(cohort, PREPARATION.test_fraction, 0)[1]
    assert test == set(first.obs["patient"])
    again = deal_donors(cohort, PREPARATION, 0.25, seed=2)
    assert set(again[1].test_obs["patient"]) == test
    assert set(again[0].test_obs["patient"]) != validation
    assert abs(parts[0].rna.mean()) < 1e-5, "scaled by the training donors"


def test_both_groups_are_scored_by_one_model(parts):
    found = try_setting(parts, ["adversarial"], **FEW, seed=0)
    assert found.scores["group"].tolist() == ["validation", "test"]
    assert found.scores["n_donors"].tolist() == [len(part.test_obs) for part in parts]
    assert found.metrics["test.foscttm.adversarial"] < 0.2
    assert found.metrics["validation.shortfall.adversarial"] == pytest.approx(
        shortfall(found.scores).iloc[0]
    )
    with pytest.raises(ValueError, match=r"got \['nobody'\]"):
        try_setting(parts, ["pca", "nobody"], **FEW, seed=0)


def test_shortfall_runs_from_perfect_to_nothing():
    rows = pd.DataFrame(
        {"foscttm": [0, 0.5, 0], "modality_accuracy": [0.4, 1, 1], "label_accuracy": [1, 0, 1]}
    )
    assert shortfall(rows).tolist() == pytest.approx([0, 1, 1 / 3])


ALONE = Weights(kl=0.1, cycle=1, match=0, pair=0, discriminator=30, triplet=0)


def tried(parts, weights, n_epochs, **changed):
    """Metrics of the adversarial model without matches, its network changed."""
    training = replace(SETTINGS["training"], n_epochs=n_epochs)
    network = replace(SETTINGS["network"], **changed)
    settings = {"network": network, "weights": weights, "training": training}
    return try_setting(parts, ["adversarial"], **settings, n_permutations=2, seed=0).metrics


def test_a_discriminator_that_is_told_the_type_brings_donors_together_without_matches(parts):
    alone = tried(parts, replace(ALONE, discriminator=0), 25)
    told = tried(parts, ALONE, 25, n_discriminator_steps=5, tell_label=True)
    assert told["test.foscttm.adversarial"] < 0.3 < 0.4 < alone["test.foscttm.adversarial"]
    apart = [found["test.modality_accuracy.adversarial"] for found in (told, alone)]
    assert apart[0] < apart[1]


def test_the_number_of_its_steps_reaches_the_model(parts):
    one, five = (tried(parts, ALONE, 2, n_discriminator_steps=n) for n in (1, 5))
    assert one != five
