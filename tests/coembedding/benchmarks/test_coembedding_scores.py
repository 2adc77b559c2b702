import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.benchmarks.coembedding_scores import (
    embedding_scores,
    pair_scores,
)
from helpers.coembedding.benchmarks.cohort_accuracy import cohort_accuracy
from helpers.coembedding.benchmarks.foscttm import foscttm
from helpers.coembedding.benchmarks.grassmann import grassmann_distance


def donors(n=120, n_types=4, noise=0.3, seed=0):
    rng = np.random.default_rng(seed)
    types = np.arange(n) % n_types
    z = 4 * np.eye(n_types, 6)[types] + rng.normal(size=(n, 6))
    obs = pd.DataFrame({"patient": [f"p{seed}-{i}" for i in range(n)]})
    obs["cancer_type"] = np.array([*"abcdefgh"])[types]
    return z, z + noise * rng.normal(size=z.shape), obs


def test_scores_are_those_of_the_metrics():
    z, _, obs = donors()
    obs.loc[0, "cancer_type"] = "rare"
    found = embedding_scores(z, obs)
    accuracy = cohort_accuracy(z, obs["cancer_type"], obs["patient"])["accuracy"]
    assert found["cohort_accuracy"] == pytest.approx(accuracy.mean())
    assert found["cohort_accuracy_se"] == pytest.approx(accuracy.std(ddof=1) / 5**0.5)
    without = grassmann_distance(z[1:], obs["cancer_type"][1:])
    assert found["grassmann"] == pytest.approx(without["distance"]), "the rare type takes no part"
    assert found["grassmann"] < found["grassmann_chance"] < found["grassmann_worst"]


def test_few_donors_with_many_dimensions_have_a_distance_that_says_something():
    """32 dimensions span 26 samples, and whatever spans them all contains the labels."""
    obs = donors(26, 3)[2]
    noise = np.random.default_rng(0).normal(size=(26, 32))
    assert grassmann_distance(noise, obs["cancer_type"], 32)["distance"] < 1e-6
    found = embedding_scores(noise, obs, 32)
    assert found["grassmann"] > 0.5 and found["grassmann_chance"] > 0.5


def test_paired_donors_are_found_and_mixing_that_forgets_is_seen():
    rna, atac, obs = donors()
    good = pair_scores(rna, atac, obs)
    assert good["foscttm"] == pytest.approx(foscttm(rna, atac)["mean"])
    assert good["foscttm"] < 0.02 < good["foscttm_within_type"]
    assert 1 >= good["nearest_type"] > 0.9 and good["nearest_type_chance"] == pytest.approx(0.25)
    assert good["label_accuracy"] > 0.9 and abs(good["modality_accuracy"] - 0.5) < 0.15
    rng = np.random.default_rng(0)
    forgetful = pair_scores(rng.normal(size=rna.shape), rng.normal(size=rna.shape), obs)
    assert abs(forgetful["modality_accuracy"] - 0.5) < 0.15
    assert forgetful["label_accuracy"] < 0.45 and abs(forgetful["foscttm"] - 0.5) < 0.05
    apart = pair_scores(rna, atac + 20, obs)
    assert apart["modality_accuracy"] > 0.95 and apart["label_accuracy"] > 0.9


def test_no_shared_donors_is_one_clear_error():
    rna, atac, obs = donors()
    with pytest.raises(ValueError, match="two or more shared donors"):
        pair_scores(rna[:0], atac[:0], obs)
