"""Features that differ between clusters: the tests of the ground floor, counted."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_ind
from sklearn.cluster import KMeans

from helpers.vqvae_subtyping.biology.cluster_features import differing_features


@pytest.fixture(scope="module")
def planted_findings(profiles):
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    return differing_features(profiles, planted, seed=0)


def test_differences_are_those_of_means_and_survive_the_control(planted_findings, profiles):
    of_a = planted_findings.of_cluster("A").set_index("feature")
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    gene = profiles.genes[0]
    inside, outside = profiles.table[gene][planted == "A"], profiles.table[gene][planted != "A"]
    assert of_a.loc[gene, "difference"] == pytest.approx(inside.mean() - outside.mean(), abs=1e-6)
    assert of_a.loc[gene, "t"] * ttest_ind(inside, outside).statistic > 0
    counts = planted_findings.metrics
    assert counts["differential.n_features.found"] == (planted_findings.differing["q"] < 0.05).sum()
    assert (
        counts["differential.n_features.held_out"] > 0.5 * counts["differential.n_features.found"]
    )


def test_the_first_cluster_that_is_large_enough_is_shown(profiles, planted_findings):
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    assert planted_findings.shown == "A"
    first = np.flatnonzero(planted == "A")[4:]  # four are left in A
    few = planted.copy()
    few[first] = "B"
    assert differing_features(profiles, few, seed=0).shown == "B"
    none = differing_features(profiles, np.where(np.arange(len(planted)) < 1, "B", "A"), seed=0)
    assert none.shown == "" and set(none.metrics.values()) == {0}


def test_clusters_of_noise_have_features_only_until_both_are_kept_apart(profiles):
    alone = np.random.default_rng(0).permuted(profiles.x[:, :30], axis=0)
    shuffled = replace(profiles, x=alone, feature_names=profiles.feature_names[:30])
    clusters = KMeans(3, n_init=5, random_state=0).fit_predict(shuffled.x)
    counts = differing_features(shuffled, clusters, seed=0).metrics
    assert counts["differential.n_features.found"] > 20
    assert counts["differential.n_features.held_out"] <= 5


def test_features_can_be_chosen(planted_findings, profiles):
    genes = planted_findings.of_features(profiles.genes)
    assert set(genes["feature"]) == set(profiles.genes)
    assert len(genes) == len(profiles.genes) * 5
