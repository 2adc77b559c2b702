"""Every extractor with every clusterer: each clustering is the clusterer's own, scored once."""

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from helpers.vqvae_subtyping.clusterers.cluster import Draws, cluster
from helpers.vqvae_subtyping.clusters import clusterings as module
from helpers.vqvae_subtyping.clusters.clusterings import cluster_all
from helpers.vqvae_subtyping.clusters.label_matching import letter_labels
from helpers.vqvae_subtyping.extractors.extractions import SPACES


def test_each_clustering_is_the_clusterers_own(clusterings, extractions, profiles):
    assert len(clusterings.labels) == len(SPACES) * 2 * 2
    latent = extractions.spaces["ae", 4]
    expected = cluster("snf", latent, 5, 4)
    np.testing.assert_array_equal(clusterings.labels["ae", "snf", 4], expected)
    fused = cluster("snf", profiles.x, 5, 3, profiles.views)
    np.testing.assert_array_equal(clusterings.labels["raw", "snf", 3], fused)


def test_views_come_with_what_is_the_same_for_every_seed(profiles, extractions, monkeypatch):
    asked, few = [], Draws(n_runs=3)

    def spy(clusterer, space, n_clusters, seed, views, draws):
        asked.append((views, space))
        assert draws is few
        return np.arange(len(space)) % n_clusters

    monkeypatch.setattr(module, "cluster", spy)
    cluster_all(profiles, extractions, ("kmeans",), 3, few)
    of = dict(zip(np.repeat(SPACES, 2), asked, strict=True))
    assert {name for name, (views, _) in of.items() if views} == {"pca", "pca_white", "raw"}
    assert set(of["raw"][0]) == {"gene", "microRNA"}
    views, space = of["pca"]
    assert list(views) == ["space"] and views["space"] is space
    assert asked[-1][0] is asked[-2][0]  # one for all seeds, so that it is fused once


def test_scores_and_metrics_are_sklearns(clusterings, profiles):
    is_known = profiles.subtype != ""
    nmi = [
        normalized_mutual_info_score(profiles.subtype[is_known], labels[is_known])
        for labels in clusterings.of_seed("vae", "snf").values()
    ]
    assert clusterings.values("nmi", "vae", "snf") == pytest.approx(nmi)
    metrics = clusterings.metrics
    assert metrics["clustering.nmi.vae.snf"] == pytest.approx(np.mean(nmi))
    assert metrics["clustering.nmi.vae.snf_sd"] == pytest.approx(np.std(nmi, ddof=1))
    assert not [key for key in metrics if key.endswith("_mean")]
    assert clusterings.metric == "nmi"


def test_stability_and_agreement_compare_seeds_and_clusterers(clusterings):
    labels = clusterings.labels
    expected = adjusted_rand_score(labels["ae", "kmeans", 3], labels["ae", "kmeans", 4])
    assert clusterings.between_seeds.loc["ae", "kmeans"] == pytest.approx(expected, abs=0.005)
    expected = adjusted_rand_score(labels["raw", "kmeans", 3], labels["raw", "snf", 3])
    agreement = clusterings.agreement.set_index(["extractor", "seed"])["ari"]
    assert agreement["raw", 3] == pytest.approx(expected)
    assert set(clusterings.tables) == {
        "clustering", "clustering_summary", "seed_stability", "clusterer_agreement",
    }  # fmt: skip


def test_the_clusters_that_are_read_are_the_first_clusterers(clusterings, profiles):
    letters = clusterings.letters
    assert adjusted_rand_score(letters, clusterings.labels["vqvae", "kmeans", 3]) == 1
    sizes = [np.sum(letters == name) for name in sorted(set(letters))]
    assert sizes[1:] == sorted(sizes[1:], reverse=True)
    names = profiles.subtype
    np.testing.assert_array_equal(letters, letter_labels(letters, names))
    mixed = {
        name: entropy(np.unique(names[letters == name], return_counts=True)[1])
        for name in set(letters)
        if np.sum(letters == name) > 30
    }
    assert max(mixed, key=mixed.get) == "A"


def test_without_known_subtypes_separation_is_looked_at(clusterings):
    scores = clusterings.scores.assign(nmi=np.nan)
    blind = module.Clusterings(clusterings.labels, scores, ("kmeans",), (3, 4))
    assert blind.metric == "silhouette_common"
    assert blind.values("nmi", "vqvae") == []
