"""Groups of latents of a trained VQ-VAE: the parts fit each other, and no subtype gives no AUC."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.vqvae_subtyping.latents.group_findings import BASAL, GroupFindings, study_groups
from helpers.vqvae_subtyping.profiles import prepare


@pytest.fixture(scope="module")
def findings(profiles, extractions):
    return study_groups(profiles, extractions.vqvae, n_latent=8, n_draws=3, seed=3)


def test_levels_groups_and_aucs_fit_each_other(findings, profiles):
    assert findings.levels.shape == (200, 8)
    np.testing.assert_allclose(findings.levels.mean(axis=0), 0, atol=1e-12)
    assert set(findings.auc["space"]) >= {"all latents", "group 1"}
    in_groups = findings.auc[findings.auc["space"] != "all latents"]
    best = in_groups.groupby("subtype")["auc"].max()
    assert findings.control["best"].to_dict() == best.to_dict()
    assert findings.random_auc.shape == (3, len(best))
    sizes = findings.groups["group"].value_counts()
    assert f"1: {sizes[1]}" in findings.sizes


def test_metrics_are_the_mean_best_and_its_control(findings):
    metrics = findings.metrics
    drawn = findings.random_auc.to_numpy()
    assert metrics["latent_groups.auc"] == findings.control["best"].mean()
    assert metrics["latent_groups.auc.random"] == pytest.approx(drawn.mean())
    spread = drawn.mean(axis=1).std(ddof=1)
    assert metrics["latent_groups.auc.random_sd"] == pytest.approx(spread)
    assert not [key for key in metrics if BASAL in key]
    named = {"A": BASAL}
    basal = replace(
        findings,
        control=findings.control.rename(index=named),
        random_auc=findings.random_auc.rename(columns=named),
    )
    assert basal.metrics[f"latent_groups.auc.{BASAL}"] == findings.control.loc["A", "best"]


def test_without_subtypes_there_are_groups_and_nothing_to_tell(profiles, extractions):
    patients = profiles.patients.copy()
    patients.obs["subtype"] = ""
    blind = study_groups(prepare(patients, "none", 0), extractions.vqvae, 8, 2, 3)
    assert isinstance(blind, GroupFindings) and blind.metrics == {} and blind.control.empty
    assert len(blind.groups) == 8 and blind.summary.empty


def test_two_latents_that_vary_are_two_groups(profiles, extractions):
    """A small codebook can leave fewer than three; the training is not lost for it."""
    levels = np.array(extractions.vqvae.levels, float)
    levels[:, 2:] = 0
    few = study_groups(profiles, replace(extractions.vqvae, levels=levels), 8, 2, 3)
    assert sorted(set(few.groups["group"])) == [0, 1, 2]
