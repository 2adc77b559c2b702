import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.latent_space.neighbourhoods import knn_purity, one_vs_rest_silhouette
from helpers.pancan_vae.latent_space.type_geometry import (
    Geometry,
    measure_geometry,
    mutually_nearest,
    space_scores,
    type_geometry,
)


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


def test_three_spaces_are_scored_in_every_fold(runs):
    geometry = measure_geometry(runs, "BLOOD")
    assert geometry.spaces.groupby("space").size().to_dict() == {
        "pca": 2, "vae": 2, "vae_decoded": 2,
    }  # fmt: skip
    run = runs[1]
    types = run.fold.types["test"]
    expected = space_scores(run.decode(run.z["test"]), types, "BLOOD")
    assert geometry.score("vae_decoded", "silhouette")[1] == expected["silhouette"]
    metrics = geometry.metrics
    mean = np.mean(geometry.score("pca", "silhouette_apart"))
    assert metrics["latent.silhouette_apart.pca"] == pytest.approx(mean)
    assert len(metrics) == 2 * 3 * 3
    first = type_geometry(runs[0].z["test"], runs[0].fold.types["test"])
    pd.testing.assert_frame_equal(geometry.first_types, first)
    each = geometry.mutually_nearest("TWIN_A", "TWIN_B")
    assert each[0] == mutually_nearest(first, "TWIN_A", "TWIN_B") and len(each) == 2


def test_the_papers_own_model_is_named_in_the_summary(runs):
    geometry = measure_geometry(runs, "BLOOD")
    spaces = geometry.spaces.replace({"space": {"pca": "paper"}})
    summary = Geometry(spaces, geometry.types).summary
    assert list(summary.index) == ["vae", "vae_decoded", "as the paper has it"]


def test_a_type_that_is_absent_has_no_score(runs):
    geometry = measure_geometry(runs, "LAML")
    assert geometry.score("vae", "silhouette_apart") == []
    assert "latent.silhouette_apart.vae" not in geometry.metrics
    one_seed = Geometry(geometry.spaces.iloc[:3], geometry.types)
    assert "latent.silhouette.vae" in one_seed.metrics
    assert "latent.silhouette.vae_sd" not in one_seed.metrics
