"""A few simulated patients taken through the first steps of the chapter, once a session."""

import numpy as np
import pytest

from helpers.models.training import Training
from helpers.vqvae_subtyping.argument_groups import Codebook, ExtractorSettings, Network, Weights
from helpers.vqvae_subtyping.clusters.clusterings import cluster_all
from helpers.vqvae_subtyping.extractors.extractions import extract_all
from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.profiles import prepare
from helpers.vqvae_subtyping.simulation import simulate_subtypes


@pytest.fixture(scope="session")
def profiles():
    """200 of the demo cohort's patients, four of them without a follow-up."""
    patients = select_subtyping(simulate_subtypes(0)[:200].copy())
    patients.obs.loc[patients.obs_names[:4], ["os_time", "os_event"]] = np.nan
    return prepare(patients, "default", 0)


@pytest.fixture(scope="session")
def extractor_settings():
    return ExtractorSettings(
        Network((16,), n_latent=8, noise_sd=1.0, dropout=0.0),
        {
            "vqvae": Codebook(4, 1, 0.95),
            "vqvae_single": Codebook(8, 8, 0.95),
            "vqvae_vector": Codebook(6, 4, 0.95),
        },
        Weights(commitment=1.0, kl=1.0),
        Training(3, minibatch_size=64, learning_rate=3e-3, keep="last", device="cpu"),
        starts_at_pca=False,
    )


@pytest.fixture(scope="session")
def extractions(profiles, extractor_settings):
    return extract_all(profiles, extractor_settings, (3, 4))


@pytest.fixture(scope="session")
def clusterings(profiles, extractions):
    return cluster_all(profiles, extractions, ("kmeans", "snf"), 5)
