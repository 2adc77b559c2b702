"""Slides to expression: both rivals, on patients that they have not seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from helpers.coembedding.argument_groups import Network, SlideNetwork, Steps, Weights
from helpers.coembedding.histology.slide_benchmark import (
    embed_imputed,
    groups_of,
    rebuilt_scores,
    slide_changes,
    slide_measures,
    slide_metrics,
    slide_outcomes,
)
from helpers.coembedding.histology.slide_expression import predict_slides, score_folds
from helpers.coembedding.simulation import simulate_histology
from helpers.cohorts.splits import patient_folds

SETTINGS = {
    "network": SlideNetwork(n_hidden=32, n_rank=16, dropout=0.3, max_regions=16, n_models=1),
    "steps": Steps(150, 64, learning_rate=2e-3, weight_decay=1e-3, device="cpu"),
    "seed": 0,
}


@pytest.fixture(scope="module")
def slides():
    return simulate_histology(0)


@pytest.fixture(scope="module")
def folds(slides):
    parts = patient_folds(slides.obs, 5, 0)[:2]
    return [predict_slides(slides, *rows, **SETTINGS) for rows in parts]


@pytest.fixture(scope="module")
def scores(folds):
    return score_folds(folds, "held-out patients", "gene")


def test_both_beat_the_mean_profile(scores):
    mean = scores.groupby("method")[["gene_median", "sample_mean"]].mean()
    for name in ("ridge", "regions"):
        assert mean.loc[name, "gene_median"] > 0.3
        assert mean.loc[name, "sample_mean"] > mean.loc["mean profile", "sample_mean"]
    assert mean.loc["mean profile", "gene_median"] == 0


def test_values_are_in_the_cohorts_unit(slides, folds):
    rows = slides.obs_names.get_indexer(folds[0].obs.index)
    x = np.asarray(slides[:, folds[0].feature_names].X)[rows]
    assert np.allclose(folds[0].truth, x, atol=1e-3)


def test_held_out_expression_is_not_looked_at(slides, folds):
    train, test = patient_folds(slides.obs, 5, 0)[0]
    changed = slides.copy()
    changed.X[test] = np.random.default_rng(0).permutation(changed.X[test])
    again = predict_slides(changed, train, test, **SETTINGS)
    for name, predicted in folds[0].predicted.items():
        assert np.allclose(again.predicted[name], predicted, atol=1e-4)


def test_the_region_model_is_the_mean_of_its_initialisations(slides):
    rows = patient_folds(slides.obs, 5, 0)[0]
    few = SETTINGS | {"steps": replace(SETTINGS["steps"], n_steps=8)}

    def regions(n_models, seed):
        # No region left out by chance and none dropped: the seed is the networks' alone.
        all_regions = {"n_models": n_models, "max_regions": 32, "dropout": 0.0}
        network = replace(SETTINGS["network"], **all_regions)
        found = predict_slides(slides, *rows, **few | {"network": network, "seed": seed})
        return found.predicted["regions"]

    assert np.bincount(slides.uns["region_slide"]).max() <= 32
    each = [regions(1, seed) for seed in (4, 5)]
    assert np.abs(each[0] - each[1]).mean() > 0.1
    np.testing.assert_allclose(regions(2, 4), np.mean(each, axis=0), atol=1e-3)


def test_shuffled_slides_predict_nothing(slides):
    changed = slides.copy()
    order = np.random.default_rng(0).permutation(slides.n_obs)
    changed.uns["region_slide"] = order[np.asarray(slides.uns["region_slide"])]
    changed.obsm["slide"] = np.asarray(slides.obsm["slide"])[np.argsort(order)]
    rows = patient_folds(slides.obs, 5, 0)[0]
    found = predict_slides(changed, *rows, **SETTINGS).scores()
    assert found["gene_median"].abs().max() < 0.2


def test_metrics_are_named_for_method_split_and_features(scores):
    more = pd.concat([scores, scores.assign(split="held-out sites"), scores.assign(features="b")])
    found = slide_metrics(more)
    assert len(found["histology.spearman_gene_median.ridge"]) == 2
    assert "histology.spearman_sample_mean.mean_profile_sites" in found
    assert "histology.spearman_gene_median.regions_b" in found


def test_imputed_profiles_are_embedded_and_judged(folds, scores):
    options = {
        "network": Network(n_hidden=32, n_latent=8),
        "weights": Weights(kl=0.1, cycle=0, match=0, pair=0, discriminator=0, triplet=0),
        "steps": Steps(200, 64, learning_rate=1e-3, device="cpu"),
        "seed": 0,
    }
    made = [embed_imputed(fold, **options) for fold in folds]
    latents, rebuilt = ([pair[number] for pair in made] for number in (0, 1))
    assert all(z.shape == (len(fold.obs), 8) for z, fold in zip(latents, folds, strict=True))
    told = slide_outcomes(folds, latents, 0, 4).join(rebuilt_scores(folds, rebuilt))
    assert (told["group_accuracy"] > told["majority"]).all()
    assert told["uno_c_clinical"].between(0.2, 0.8).all()
    changes = [slide_changes(fold) for fold in folds]
    found = slide_measures(scores, changes, told)
    assert set(found) >= {"slide_gene", "slide_profile", "slide_genes"}
    assert all(len(values) == 2 for values in found.values())
    first = zip(rebuilt[0], folds[0].truth, strict=True)
    expected = np.mean([spearmanr(own, truth).statistic for own, truth in first])
    assert found["slide_rebuilt"][0] == pytest.approx(expected)
    # Rebuilt profiles are nearer to what was imputed than to what was observed.
    assert (told["rebuilt_spearman_input"] > told["rebuilt_spearman"]).all()
    profile = scores.set_index("method").loc["mean profile", "sample_mean"].to_numpy()
    assert found["slide_rebuilt_profile"] == pytest.approx(found["slide_rebuilt"] - profile)


def test_one_cancer_is_grouped_by_subtype():
    obs = pd.DataFrame({"cancer_type": "BRCA", "subtype": ["LumA", "", None]})
    assert groups_of(obs).tolist() == ["LumA", "unknown", "unknown"]
    assert groups_of(obs.assign(cancer_type=["A", "B", "A"])).tolist() == ["A", "B", "A"]
