"""A small cohort of two modalities, one split of it, and every model of chapter 2 trained on it."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import Network, Preparation, Weights
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings.every_embedding import fit_embeddings
from helpers.models.training import Training

PREPARATION = Preparation(0.3, min_mean=0.5, quantile=False, matching="paper", batch=None)
TRAINING = Training(40, minibatch_size=32, learning_rate=3e-3, device="cpu")
SETTINGS = {
    "network": Network(n_hidden=32, n_latent=6),
    "weights": Weights(kl=0.1, cycle=1, match=1, pair=1, discriminator=1, triplet=10),
    "training": TRAINING,
    "seed": 0,
}


@pytest.fixture(scope="session")
def cohort():
    """240 donors of three types, two linear views of four hidden numbers, components as ATAC."""
    rng = np.random.default_rng(0)
    kind = np.arange(240) % 3
    hidden = rng.normal(size=(240, 4)) + 3 * np.eye(4)[kind]
    rna = hidden @ rng.normal(size=(4, 40)) + 0.3 * rng.normal(size=(240, 40)) + 6
    atac = hidden @ rng.normal(size=(4, 12)) + 0.3 * rng.normal(size=(240, 12))
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(240)]})
    obs["cancer_type"] = np.array(["A", "B", "C"])[kind]
    obs["has_rna"], obs["has_atac"] = np.arange(240) < 180, np.arange(240) >= 60
    obs["os_time"], obs["os_event"] = rng.exponential(np.exp(-hidden[:, 0])) * 500 + 1, 1
    obs.index = obs["patient"].to_numpy()
    rna[~obs["has_rna"]], atac[~obs["has_atac"]] = np.nan, np.nan
    made = anndata.AnnData(rna.astype(np.float32), obs)
    made.obsm["atac"] = atac.astype(np.float32)
    made.uns = {
        "name": "small",
        "atac_feature": "component",
        "atac_var": pd.DataFrame(index=range(12)),
    }
    return made


@pytest.fixture(scope="session")
def split(cohort):
    return split_multiomics(cohort, PREPARATION, 0)


@pytest.fixture(scope="session")
def models(split):
    return fit_embeddings(split, **SETTINGS)
