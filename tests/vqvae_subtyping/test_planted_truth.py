"""What of a simulation is found, counted by other means than the chapter's."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score

from helpers.vqvae_subtyping.annotations import supported_targets
from helpers.vqvae_subtyping.planted_truth import recover_truth


@pytest.fixture(scope="module")
def perfect(clusterings, profiles):
    """Clusterings in which every space finds the planted subtypes."""
    planted = np.unique(profiles.patients.obs["true_subtype"], return_inverse=True)[1]
    return replace(clusterings, labels=dict.fromkeys(clusterings.labels, planted))


def test_planted_subtypes_hazards_and_pairs(perfect, profiles):
    supported = supported_targets(profiles.patients)
    truth = recover_truth(profiles, perfect, supported)
    assert truth.pairs_in_words.endswith(f"{truth.pairs_first:.0%}")
    assert truth.ari["vqvae"] == [1.0, 1.0] and truth.pairs_first > 0.8
    obs = profiles.patients.obs[profiles.is_followed]
    of_a = obs[obs["true_subtype"] == "A"]
    rate = of_a["os_event"].sum() / (of_a["os_time"].sum() / 365.25)
    assert truth.hazards.loc["A", "deaths a patient year"] == pytest.approx(rate)
    expected = spearmanr(*truth.hazards.to_numpy().T).statistic
    assert truth.metrics["truth.hazard_rank"] == pytest.approx(expected)


def test_clusters_as_they_are_and_no_pairs(clusterings, profiles):
    truth = recover_truth(profiles, clusterings, {})
    planted = profiles.patients.obs["true_subtype"]
    labels = clusterings.labels["ae", "kmeans", 4]
    assert truth.ari["ae"][1] == adjusted_rand_score(planted, labels)
    assert truth.pairs_in_words == "no microRNA–gene pairs were ranked"
    assert np.isnan(truth.pairs_first) and "truth.pairs_ranked_first" not in truth.metrics
