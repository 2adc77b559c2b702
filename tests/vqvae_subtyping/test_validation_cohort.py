"""Clusters carried over to another cohort: planted subtypes are found there under their names."""

import numpy as np
import pytest

from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.simulation import simulate_subtypes
from helpers.vqvae_subtyping.validation_cohort import carry_over


def test_patients_of_the_same_cancer_get_the_names_of_the_planted_subtypes(
    profiles, extractor_settings
):
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    other = select_subtyping(simulate_subtypes(0)[200:].copy())
    at_pca = extractor_settings.starting(True)
    carried = carry_over(profiles, other, planted, at_pca, 5, seed=0)
    assert np.mean(carried.clusters == other.obs["true_subtype"]) > 0.7
    assert carried.metrics["validation.nmi"] == carried.scores["nmi"]
    assert carried.sizes.loc["patients"].sum() == 200 and carried.tables == {}


def test_scores_that_are_not_defined_are_no_metrics(profiles, extractor_settings):
    other = select_subtyping(simulate_subtypes(1)[:60].copy())
    other.obs["subtype"] = ""
    planted = profiles.patients.obs["true_subtype"].to_numpy(str)
    carried = carry_over(profiles, other, planted, extractor_settings, 5, seed=0)
    assert "validation.nmi" not in carried.metrics
    assert "validation.silhouette_common" in carried.metrics


def test_another_table_of_other_features_is_refused(profiles, extractor_settings):
    other = profiles.patients[:, :100].copy()
    with pytest.raises(ValueError, match="the validation cohort must have 80% or more"):
        carry_over(profiles, other, np.zeros(200), extractor_settings, 5, seed=0)
