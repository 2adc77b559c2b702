from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from helpers.pancan_vae.latent_space.tumour_clusters import cluster_tumours


@pytest.fixture(scope="module")
def found(runs):
    return cluster_tumours(runs)


def pair_counting(a, b):
    """The adjusted Rand index from pairs of samples, as Hubert & Arabie define it."""
    upper = np.triu_indices(len(a), 1)
    same_a, same_b = ((v[:, None] == v[None])[upper] for v in (np.asarray(a), np.asarray(b)))
    expected = same_a.sum() * same_b.sum() / len(same_a)
    return ((same_a & same_b).sum() - expected) / ((same_a.sum() + same_b.sum()) / 2 - expected)


def test_clusters_are_of_training_tumours_and_scored_on_held_out_ones(runs, found):
    run = runs[1]
    types = run.fold.types["test"]
    means = KMeans(8, n_init=5, random_state=run.seed).fit(run.z["train"])
    cluster = means.predict(run.z["test"])
    assert found.n_clusters == 8
    assert found.values("vae")[1] == pytest.approx(pair_counting(types, cluster))
    assert adjusted_rand_score(cluster, found.held_out[run.seed]) == 1
    assert found.values("paper") == []


def test_shuffled_types_agree_as_chance_does(found):
    assert found.scores["ari_shuffled"].abs().max() < 0.1
    assert found.metrics["clusters.ari.pca"] == np.mean(found.values("pca"))


def test_types_that_lie_apart_are_found_whole(runs):
    run = runs[0]
    types = run.fold.types
    place = {name: 50.0 * number for number, name in enumerate(sorted(set(types["all"])))}
    z = {
        part: np.array([[place[name], 0.0] for name in names])
        + np.random.default_rng(0).normal(size=(len(names), 2))
        for part, names in types.items()
    }
    assert cluster_tumours([replace(run, others={"paper": z})]).values("paper") == [1.0]
