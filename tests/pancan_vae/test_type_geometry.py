import numpy as np
import pytest

from helpers.evaluate.representation import knn_purity, one_vs_rest_silhouette
from helpers.pancan_vae.type_geometry import mutually_nearest, space_scores, type_geometry


@pytest.fixture(scope="module")
def space():
    """a and b are neighbours, c is far away."""
    rng = np.random.default_rng(0)
    labels = np.repeat(list("abc"), 20)
    centres = {"a": 0, "b": 3, "c": 20}
    return rng.normal(size=(60, 4)) + [[centres[name]] for name in labels], labels


def test_scores_are_those_of_their_parts(space):
    z, labels = space
    scores = space_scores(z, labels, "c", k=10)
    assert scores["knn_purity"] == knn_purity(z, labels, 10)["balanced_purity"]
    assert scores["silhouette_apart"] == one_vs_rest_silhouette(z, labels == "c") > 0.7
    assert "silhouette_apart" not in space_scores(z, labels, "d")


def test_few_samples_lower_k(space):
    z, labels = space[0][15:25], space[1][15:25]
    assert space_scores(z, labels)["knn_purity"] == knn_purity(z, labels, 2)["balanced_purity"]


def test_neighbours(space):
    table = type_geometry(*space)
    assert list(table) == ["n", "purity", "chance", "silhouette", "nearest"]
    assert mutually_nearest(table, "a", "b")
    assert not mutually_nearest(table, "b", "c")
