"""Slides over folds: patients, then sites, and what the predicted profiles are good for."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from helpers.coembedding.argument_groups import Network, SlideNetwork, Steps, Weights
from helpers.coembedding.figures.chapter_figures import plot_slide_features
from helpers.coembedding.histology.slide_benchmark import embed_imputed, groups_of
from helpers.coembedding.histology.slide_folds import (
    PATIENTS,
    SITES,
    change_slides,
    embed_slides,
    predict_slide_folds,
)
from helpers.coembedding.simulation import simulate_histology

NETWORK = SlideNetwork(n_hidden=16, n_rank=8, dropout=0.3, max_regions=8, n_models=1)
STEPS = Steps(60, 64, learning_rate=2e-3, device="cpu")
VAE = {
    "network": Network(n_hidden=16, n_latent=4),
    "weights": Weights(kl=0.1, cycle=0, match=0, pair=0, discriminator=0, triplet=0),
    "steps": STEPS,
    "n_components": 4,
    "seed": 0,
}


@pytest.fixture(scope="module")
def folds():
    slides = simulate_histology(0)
    return predict_slide_folds(slides, 2, 0, network=NETWORK, steps=STEPS, all_features=False)


@pytest.fixture(scope="module")
def changes(folds):
    return change_slides(folds, n_permutations=2, seed=0)


def test_patients_then_whole_sites_are_held_out(folds):
    assert list(folds.folds) == [("gene", PATIENTS), ("gene", SITES)]
    for (_, held_out), parts in folds.folds.items():
        column = {"held-out patients": "patient", "held-out sites": "site"}[held_out]
        first, second = (set(fold.obs[column]) for fold in parts)
        assert not first & second
    assert len(folds.scores) == 2 * 2 * 3


def test_metrics_are_means_over_folds(folds):
    rows = folds.scores.query("method == 'ridge' and split == @SITES")
    mean = folds.metrics["histology.spearman_gene_median.ridge_sites"]
    assert mean == pytest.approx(rows["gene_median"].mean())
    assert folds.values("gene_median", "ridge", SITES).tolist() == rows["gene_median"].tolist()
    assert folds.summary.loc[("gene", SITES, "ridge"), "gene_median"] == round(mean, 3)


def test_changes_are_of_patients_held_out(folds, changes):
    assert len(changes.changes) == 2 and changes.n_slides == len(folds.of_patients[0].obs)
    counts = [table["is_differential"].sum() for table in changes.changes]
    assert changes.metrics["histology.n_differential"] == np.mean(counts)
    assert {"feature", "difference", "q"} <= set(changes.volcano)
    histogram, volcano = plot_slide_features(changes).axes[:2]
    assert f"{changes.n_slides} samples" in histogram.get_title()
    assert volcano.get_title().startswith("Predicted from slides")


def test_outcomes_are_of_each_fold_and_unknown_ones_are_no_metric(folds, changes):
    found = embed_slides(folds, changes, **VAE)
    assert len(found.tables["histology_outcomes"]) == 2
    assert len(found.groups) == changes.n_slides
    key = "histology.group_accuracy"
    assert found.metrics[key] == pytest.approx(found.outcomes["group_accuracy"].mean())
    assert {"slide_gene", "slide_rebuilt", "slide_genes"} <= set(found.observed)
    assert found.observed["slide_cohort"].tolist() == found.outcomes["group_accuracy"].tolist()
    rebuilt = found.outcomes["rebuilt_spearman"]
    assert found.observed["slide_rebuilt"].tolist() == rebuilt.tolist()
    assert found.metrics["histology.rebuilt_spearman"] == pytest.approx(rebuilt.mean())
    unknown = [name for name, values in found.outcomes.items() if values.isna().all()]
    assert not [name for name in unknown if f"histology.{name}" in found.metrics]


def test_the_pictures_are_of_the_first_fold_before_and_after(folds, changes):
    found = embed_slides(folds, changes, **VAE)
    first = folds.of_patients[0]
    how = {name: VAE[name] for name in ("network", "weights", "steps", "seed")}
    spaces = first.truth, embed_imputed(first, **how)[0]
    for xy, space in zip(found.xy, spaces, strict=True):
        expected = PCA(2).fit_transform(space)
        np.testing.assert_allclose(np.abs(xy), np.abs(expected), atol=1e-3)
    assert found.groups.tolist() == groups_of(first.obs).tolist()


def test_without_slides_there_is_nothing_and_it_is_said():
    folds = predict_slide_folds(None, 2, 0, network=NETWORK, steps=STEPS, all_features=True)
    changes = change_slides(folds, 2, 0)
    outcomes = embed_slides(folds, changes, **VAE)
    for result in (folds, changes, outcomes):
        assert result.tables == {} and result.metrics == {}
    assert list(folds.summary) == list(outcomes.summary) == ["no slides in this run"]
    assert outcomes.observed == {}
