from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from helpers.models.readout import posterior_mean
from helpers.models.vae import VAE
from helpers.pancan_vae.claims import Expected, pancan_claims
from helpers.pancan_vae.classifiers.space_comparison import compare_classifiers, score_sealed_fold
from helpers.pancan_vae.folds import for_epochs, train_vae
from helpers.pancan_vae.latent_space.type_geometry import measure_geometry
from helpers.pancan_vae.paper_model import (
    PAPER,
    add_paper_model,
    as_the_paper_has_it,
    model_differences,
)


@pytest.fixture(scope="module")
def both(runs, recipe):
    return add_paper_model(runs, recipe)


def test_it_is_what_the_paper_writes(recipe):
    paper = as_the_paper_has_it(replace(recipe, kl_weight=0.25, kl_warmup=5, dropout=0.2))
    assert (paper.n_latent, paper.kl_weight, paper.kl_warmup) == (32, 1.0, 0)
    assert (paper.n_hidden, paper.linear_skip, paper.dropout) == ((24, 24), False, 0.0)
    assert paper.training.learning_rate == 0.001
    model = VAE(
        50, paper.n_hidden, paper.n_latent, noise_sd=1.0, dropout=0.0, linear_skip=paper.linear_skip
    )
    assert sum(isinstance(part, nn.ReLU) for part in model.modules()) == 4  # two each way


def test_every_difference_is_shown_with_a_reason_and_nothing_else(recipe):
    shown = model_differences(recipe)
    assert shown.loc["a linear path beside them"].tolist()[:2] == ["no", "yes"]
    assert shown.loc["weight of the KL term"].tolist()[:2] == ["1", "0.25"]
    assert shown.loc["learning rate of Adam"].tolist()[:2] == ["0.001", "0.003"]
    assert "share of hidden units dropped" not in shown.index and (shown["why"] != "").all()
    assert model_differences(as_the_paper_has_it(recipe)).empty


def test_it_is_trained_on_each_folds_training_patients(runs, both, recipe):
    assert [set(run.spaces) for run in runs] == [{"vae", "pca"}] * 2
    assert [list(run.spaces) for run in both] == [["vae", "paper", "pca"]] * 2
    first, second = both
    paper = as_the_paper_has_it(recipe)
    x = first.fold.x
    _, history = train_vae(x["fitted"], x["watched"], paper, first.seed)
    x = second.fold.x
    model, _ = train_vae(
        x["train"], x["watched"], for_epochs(paper, history.best_epoch), second.seed
    )
    np.testing.assert_allclose(
        second.spaces[PAPER]["test"], posterior_mean(model, x["test"]), atol=1e-5
    )
    assert second.spaces[PAPER]["train"].shape == (len(x["train"]), 32)


def test_it_is_a_row_beside_the_chapters_model_and_pca(both):
    comparison = compare_classifiers(both)
    names = list(comparison.summary.index)
    assert names[:3] == ["vae", "as the paper has it", "pca"]
    assert names[4] == "as the paper has it, logistic"
    margin = np.subtract(
        comparison.values("accuracy", "paper"), comparison.values("accuracy", "pca")
    )
    metrics = comparison.metrics
    assert metrics["classifier.margin.paper_over_pca"] == pytest.approx(margin.mean())
    assert "as the paper has it: accuracy" in comparison.reading
    sealed = score_sealed_fold(both[0])
    assert {"paper", "paper_logistic"} <= set(sealed.scores.index)
    assert "as the paper has it" in sealed.shown.index
    space = measure_geometry(both, "BLOOD").score("paper", "knn_purity")
    assert len(space) == 2


def test_its_claims_have_the_same_tolerances():
    claims = pancan_claims(Expected(("A", "B"), "C", ("A", "B"), ("A", "B", "C"), "paper"))
    for name in ("tissue", "apart", "accuracy", "hallmarks", "pca"):
        assert claims[f"paper_{name}"].tolerance == claims[name].tolerance
        assert claims[f"paper_{name}"].claim.endswith("model as the paper has it")
    assert claims["paper_apart"].reason == claims["apart"].reason, "the type may be absent"
    assert "not trained" in claims["paper_accuracy"].reason
