"""Every extractor from every seed, and the two starts."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.models.readout import decoded_mean
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.extractors.extractions import (
    SPACES,
    compare_starts,
    principal_components,
)
from helpers.vqvae_subtyping.extractors.extractor import EXTRACTORS, extract


def test_every_space_is_there_for_every_seed(extractions, profiles, extractor_settings):
    spaces = extractions.spaces
    assert set(spaces) == {(name, seed) for name in SPACES for seed in (3, 4)}
    assert spaces["raw", 4] is profiles.x
    alone = extract("vae", profiles.x, profiles.x, extractor_settings, 4)
    np.testing.assert_array_equal(spaces["vae", 4], alone.latent)
    assert list(extractions.first) == ["raw", *EXTRACTORS]
    np.testing.assert_array_equal(extractions.first["ae"], spaces["ae", 3])


def test_usage_and_its_metrics_are_those_of_the_codes(extractions):
    usage = extractions.usage.set_index(["extractor", "seed"])
    assert usage["codes"].to_dict() == {
        ("vqvae", 3): 4, ("vqvae", 4): 4, ("vqvae_single", 3): 8, ("vqvae_single", 4): 8,
        ("vqvae_vector", 3): 6, ("vqvae_vector", 4): 6,
    }  # fmt: skip
    used = [len(np.unique(extractions.trained["vqvae_single", seed].codes)) for seed in (3, 4)]
    assert usage.loc["vqvae_single", "used"].tolist() == used
    metrics = extractions.metrics
    ends = ("", ".single", ".vector")
    assert {f"codebook.perplexity{end}" for end in ends} <= set(metrics)
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


def test_components_are_the_svds_and_whitened_ones_have_unit_variance():
    x = np.random.default_rng(0).normal(size=(50, 40)) * np.linspace(3, 0.1, 40)
    found = principal_components(x, 20, 0)
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    assert found["pca"].shape == (50, 20) and found["pca_white"].shape == (50, 16)
    np.testing.assert_allclose(np.abs(found["pca"]), np.abs(u * s)[:, :20], atol=1e-4)
    np.testing.assert_allclose(found["pca_white"].std(axis=0), 1, rtol=1e-4)
    few = principal_components(x[:, :5], 20, 0)
    assert few["pca"].shape == few["pca_white"].shape == (50, 5)


def test_few_patients_have_as_many_components_as_they_can(recwarn):
    x = np.random.default_rng(0).normal(size=(6, 20))
    found = principal_components(x, 32, 0)
    assert found["pca"].shape == (6, 5)
    assert [str(one.message) for one in recwarn] == [], "what they cannot have is not asked for"
