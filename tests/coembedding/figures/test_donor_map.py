"""Held-out donors by both modalities."""

import numpy as np
import pytest

from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.coembedding.figures.donor_map import map_donors, plot_donor_map


@pytest.fixture(scope="module")
def donors(split, models):
    return map_donors(TrainedSeed(0, split, models))


def test_each_donor_stands_twice_with_what_is_known_of_it(donors, split):
    n = len(split.test_obs)
    assert donors["sample"].tolist() == [*split.test_obs.index] * 2
    assert donors["modality"].tolist() == ["RNA"] * n + ["ATAC"] * n
    assert donors["cancer type"][:n].tolist() == split.test_obs["cancer_type"].tolist()
    assert np.allclose(donors["days followed"][n:], split.test_obs["os_time"])


def test_places_are_the_components_of_both_modalities_together(donors, split, models):
    model = models["contrastive"]
    z = np.concatenate([model.embed_rna(split.test_rna), model.embed_atac(split.test_atac)])
    z = z - z.mean(0)
    scores = z @ np.linalg.svd(z, full_matrices=False)[2][:2].T
    shown = donors[["contrastive 1", "contrastive 2"]].to_numpy()
    assert np.allclose(np.abs(shown), np.abs(scores), atol=1e-3 * np.abs(scores).max())


def test_a_panel_a_space_and_a_line_a_donor(donors, split):
    figure = plot_donor_map(donors)
    assert [ax.get_title() for ax in figure.axes] == ["adversarial", "contrastive", "shuffled"]
    for ax in figure.axes:
        assert len(ax.lines) == len(split.test_obs)
        x, y = ax.lines[0].get_data()
        name = ax.get_title()
        assert x[1] == donors[f"{name} 1"][len(split.test_obs)]
        assert y[0] == donors[f"{name} 2"][0]
