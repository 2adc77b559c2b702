"""Every extractor from every seed, and the two starts."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.models.readout import decoded_mean
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.extractors.extractions import compare_starts
from helpers.vqvae_subtyping.extractors.extractor import EXTRACTORS, extract


def test_every_space_is_there_for_every_seed(extractions, profiles, extractor_settings):
    spaces = extractions.spaces
    assert set(spaces) == {(name, seed) for name in (*EXTRACTORS, "raw") for seed in (3, 4)}
    assert spaces["raw", 4] is profiles.x
    alone = extract("vae", profiles.x, profiles.x, extractor_settings, 4)
    np.testing.assert_array_equal(spaces["vae", 4], alone.latent)
    assert list(extractions.first) == ["raw", *EXTRACTORS]
    np.testing.assert_array_equal(extractions.first["ae"], spaces["ae", 3])


def test_usage_and_its_metrics_are_those_of_the_codes(extractions):
    usage = extractions.usage.set_index(["extractor", "seed"])
    assert usage["codes"].to_dict() == {
        ("vqvae", 3): 4, ("vqvae", 4): 4, ("vqvae_single", 3): 8, ("vqvae_single", 4): 8,
    }  # fmt: skip
    used = [len(np.unique(extractions.trained["vqvae_single", seed].codes)) for seed in (3, 4)]
    assert usage.loc["vqvae_single", "used"].tolist() == used
    metrics = extractions.metrics
    assert metrics["codebook.used.single"] == np.mean(used)
    assert metrics["codebook.used.single_sd"] == pytest.approx(np.std(used, ddof=1))
    assert set(extractions.tables) == {"history", "codebook"}
    assert set(extractions.history["term"]) == {"reconstruction", "commitment", "total"}


def test_both_starts_are_scored_and_the_own_one_is_not_trained_again(
    profiles, extractions, extractor_settings
):
    table = compare_starts(profiles, extractions, extractor_settings, 5).table
    assert table["starts at PCA"].tolist() == [False, False, True, True]
    one = extractions.trained["vqvae", 4]
    left = ((profiles.x - decoded_mean(one.model, one.latent)) ** 2).sum()
    assert table["explained"][1] == pytest.approx(1 - left / (profiles.x**2).sum(), rel=1e-5)
    groups = [cluster("kmeans", extractions.spaces["vqvae", seed], 5, seed) for seed in (3, 4)]
    assert table["stability"][0] == table["stability"][1] == adjusted_rand_score(*groups)
    assert table["explained"][2] > table["explained"][0]  # PCA is far ahead of three epochs


def test_one_start_alone_and_one_seed_alone(profiles, extractions, extractor_settings):
    own = compare_starts(profiles, extractions, extractor_settings, 5, both=False)
    assert own.table["starts at PCA"].tolist() == [False, False]
    assert own.tables["starts"] is own.table and own.metrics == {}
    assert own.summary.shape[0] == 1
