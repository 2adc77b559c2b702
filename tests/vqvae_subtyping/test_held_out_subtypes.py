"""Clusters of held-out patients: found where planted, and blind to the patients they are given."""

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.models.training import Training
from helpers.vqvae_subtyping import held_out_subtypes as module
from helpers.vqvae_subtyping.argument_groups import Codebook, ExtractorSettings, Network, Weights
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.clustering_scores import ari
from helpers.vqvae_subtyping.held_out_subtypes import held_out_subtypes, hold_out
from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.profiles import prepare
from helpers.vqvae_subtyping.simulation import simulate_subtypes

SETTINGS = ExtractorSettings(
    Network((32,), n_latent=16, noise_sd=1.0, dropout=0.0),
    {"vqvae": Codebook(8, 1, 0.95)},
    Weights(commitment=1.0, kl=1.0),
    Training(5, minibatch_size=64, learning_rate=1e-3, keep="last", device="cpu"),
    starts_at_pca=True,
)
HOW = {"n_clusters": 5, "transform": "shifted_log", "settings": SETTINGS, "seed": 0}


@pytest.fixture(scope="module")
def patients():
    return select_subtyping(simulate_subtypes(0))


@pytest.fixture(scope="module")
def reference(patients):
    x = ExpressionTransform("shifted_log").fit_transform(patients)
    return np.array(list("ABCDE"))[cluster("kmeans", x, 5, 0)]


@pytest.mark.parametrize("extractor", ["raw", "vqvae"])
def test_planted_subtypes_are_found_in_patients_held_out(patients, reference, extractor):
    found = held_out_subtypes(patients, extractor, reference, n_folds=3, **HOW)
    assert ari(found, patients.obs["true_subtype"]) > 0.85
    assert np.mean(found == reference) > 0.85  # the same names, not only the same groups


def test_a_patient_changes_nothing_for_the_others_of_the_fold(patients, reference):
    changed = patients.copy()
    folds = module.patient_folds(patients.obs, 3, 0)
    one = folds[0][1][0]
    changed.X[one] = changed.X[one][::-1]
    before = held_out_subtypes(patients, "raw", reference, n_folds=3, **HOW)
    after = held_out_subtypes(changed, "raw", reference, n_folds=3, **HOW)
    others = np.setdiff1d(folds[0][1], [one])
    np.testing.assert_array_equal(before[others], after[others])


def test_every_part_is_fitted_on_the_other_folds_alone(patients, reference, monkeypatch):
    seen = []

    class Spy(ExpressionTransform):
        def fit(self, train):
            seen.append(set(train.obs_names))
            return super().fit(train)

    monkeypatch.setattr(module, "ExpressionTransform", Spy)
    held_out_subtypes(patients, "raw", reference, n_folds=4, **HOW)
    assert len(seen) == 4 and not set.intersection(*seen)
    assert all(len(names) == 300 for names in seen)


def test_every_space_and_seed_is_held_out_and_scored(profiles, clusterings, extractor_settings):
    held_out = hold_out(profiles, clusterings, extractor_settings, 5)
    assert held_out.table[["extractor", "seed"]].to_numpy().tolist() == [
        ["vqvae", 3], ["vqvae", 4], ["raw", 3], ["raw", 4],
    ]  # fmt: skip
    reference = clusterings.labels["raw", "kmeans", 4]
    how = {"n_clusters": 5, "transform": "shifted_log", "settings": extractor_settings}
    unseen = held_out_subtypes(profiles.patients, "raw", reference, n_folds=2, seed=4, **how)
    is_known = profiles.subtype != ""
    expected = ari(unseen[is_known], profiles.subtype[is_known])
    assert held_out.values("ari", "raw")[1] == expected
    followed = profiles.is_followed
    test = multivariate_logrank_test(profiles.days, unseen[followed], profiles.died)
    assert held_out.values("chi2", "raw")[1] == pytest.approx(test.test_statistic, rel=1e-6)
    metrics = held_out.metrics
    assert metrics["held_out.ari.raw"] == pytest.approx(np.mean(held_out.values("ari", "raw")))
    assert held_out.values("not there", "raw") == []


def test_spaces_of_a_seed_share_the_scaled_folds(
    profiles, clusterings, extractor_settings, monkeypatch
):
    fitted = []

    class Spy(ExpressionTransform):
        def fit(self, train):
            fitted.append(train.n_obs)
            return super().fit(train)

    monkeypatch.setattr(module, "ExpressionTransform", Spy)
    hold_out(profiles, clusterings, extractor_settings, 5)
    assert len(fitted) == module.N_FOLDS * len(clusterings.seeds)


def test_what_is_not_known_is_not_scored(profiles, clusterings, extractor_settings):
    bare = profiles.patients.copy()
    bare.obs["subtype"], bare.obs["os_time"] = "", np.nan
    held_out = hold_out(prepare(bare, "none", 0), clusterings, extractor_settings, 5)
    assert held_out.table.columns.tolist() == ["extractor", "seed", "ARI to seen"]
    assert held_out.metrics == {}
