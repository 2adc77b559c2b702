"""Clusters of held-out patients: found where planted, and blind to the patients they are given."""

import numpy as np
import pytest

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.vqvae_subtyping import held_out_subtypes as module
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.agreement import ari
from helpers.vqvae_subtyping.held_out_subtypes import held_out_subtypes
from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.simulation import simulate_subtypes

SETTINGS = {
    "n_hidden": [32], "n_latent": 16, "n_codes": 8, "code_dim": 1, "ema_decay": 0.95,
    "kl_weight": 1.0, "commitment_weight": 1.0, "noise_sd": 1.0, "dropout": 0.0,
    "starts_at_pca": True, "n_epochs": 5, "minibatch_size": 64, "learning_rate": 1e-4,
    "patience": 5, "device": "cpu",
}  # fmt: skip
HOW = {"n_clusters": 5, "transform": "shifted_log", "settings": SETTINGS}


@pytest.fixture(scope="module")
def patients():
    return select_subtyping(simulate_subtypes(0))


@pytest.fixture(scope="module")
def reference(patients):
    x = ExpressionTransform("shifted_log").fit_transform(patients)
    return np.array(list("ABCDE"))[cluster("kmeans", x, 5, 0)]


@pytest.mark.parametrize("extractor", ["raw", "vqvae"])
def test_planted_subtypes_are_found_in_patients_held_out(patients, reference, extractor):
    found = held_out_subtypes(patients, extractor, reference, **HOW)
    assert ari(found, patients.obs["true_subtype"]) > 0.85
    assert np.mean(found == reference) > 0.85  # the same names, not only the same groups


def test_a_patient_changes_nothing_for_the_others_of_the_fold(patients, reference):
    changed = patients.copy()
    folds = module.patient_folds(patients.obs, 3, 0)
    one = folds[0][1][0]
    changed.X[one] = changed.X[one][::-1]
    before = held_out_subtypes(patients, "raw", reference, **HOW)
    after = held_out_subtypes(changed, "raw", reference, **HOW)
    others = np.setdiff1d(folds[0][1], [one])
    np.testing.assert_array_equal(before[others], after[others])


def test_every_part_is_fitted_on_the_other_folds_alone(patients, reference, monkeypatch):
    seen = []

    class Spy(ExpressionTransform):
        def fit(self, train):
            seen.append(set(train.obs_names))
            return super().fit(train)

    monkeypatch.setattr(module, "ExpressionTransform", Spy)
    held_out_subtypes(patients, "raw", reference, **HOW, n_folds=4)
    assert len(seen) == 4 and not set.intersection(*seen)
    assert all(len(names) == 300 for names in seen)
