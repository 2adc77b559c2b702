from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import r2_score

from helpers.evaluate.active_units import active_units
from helpers.models.readout import posterior_mean
from helpers.pancan_vae import folds
from helpers.pancan_vae.argument_groups import layer_widths
from helpers.pancan_vae.classifiers.classification import mlp_classifier
from helpers.pancan_vae.fold_rows import FoldRows
from helpers.pancan_vae.folds import for_epochs, prepare_fold, report_training, train_fold
from helpers.pancan_vae.sealed_folds import sealed_folds


def test_each_fold_has_its_seed_and_its_patients(runs, small_pancan):
    assert [run.seed for run in runs] == [7, 8]
    tested = [set(run.fold.parts["test"].obs["patient"]) for run in runs]
    assert not tested[0] & tested[1]
    for run in runs:
        patients = {name: set(part.obs["patient"]) for name, part in run.fold.parts.items()}
        assert patients["fitted"] | patients["watched"] == patients["train"]
        assert not patients["fitted"] & patients["watched"]
        assert not patients["train"] & patients["test"]
        assert patients["all"] == set(small_pancan.obs["patient"])


def test_the_input_is_standardised_on_training_patients_only(runs):
    x = runs[0].fold.x
    np.testing.assert_allclose(x["train"].mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(x["train"].std(axis=0), 1, atol=1e-4)
    assert np.abs(x["test"].mean(axis=0)).max() > 0.05
    assert len(runs[0].fold.features) == x["test"].shape[1] == 400


def test_spaces_are_what_the_models_make_of_the_parts(runs):
    run = runs[0]
    for part, z in run.z.items():
        expected = posterior_mean(run.model, run.fold.x[part])
        np.testing.assert_allclose(z, expected, atol=1e-5)
    assert run.components["test"].shape == run.z["test"].shape == (len(run.fold.x["test"]), 6)
    assert r2_score(run.fold.x["train"], run.decode(run.z["train"])) > 0.05
    # Directions are an invertible affine map of the latents, uncorrelated on training patients.
    covariance = np.cov(run.directions["train"].T, bias=True)
    np.testing.assert_allclose(covariance, np.eye(len(covariance)), atol=1e-3)


def test_the_classifier_is_the_papers_on_training_latents(runs):
    run = runs[0]
    expected = mlp_classifier(run.seed).fit(run.z["train"], run.fold.types["train"])
    assert (run.classifier.predict(run.z["test"]) == expected.predict(run.z["test"])).all()


def test_the_same_seed_trains_the_same_vae_and_another_does_not(small_pancan, inputs, recipe, runs):
    split = sealed_folds(small_pancan, 0.2, 1)[0]
    again, other = (
        train_fold(prepare_fold(small_pancan, split, inputs, seed), recipe) for seed in (7, 8)
    )
    np.testing.assert_array_equal(again.z["test"], runs[0].z["test"])
    assert np.abs(other.z["test"] - runs[0].z["test"]).max() > 0.1


def test_no_value_of_held_out_patients_reaches_the_models(runs, recipe):
    fold = runs[0].fold
    is_in = {name: np.isin(fold.parts["all"].obs_names, part.obs_names)
             for name, part in fold.parts.items()}  # fmt: skip
    far = np.where(is_in["test"][:, None], 50, fold.x["all"]).astype(np.float32)
    again = train_fold(replace(fold, x=FoldRows(far, is_in)), recipe)
    np.testing.assert_array_equal(again.z["train"], runs[0].z["train"])
    np.testing.assert_array_equal(again.components["train"], runs[0].components["train"])
    assert not np.array_equal(again.z["test"], runs[0].z["test"])


def test_the_kl_is_warmed_up(runs, recipe, monkeypatch):
    given = {}

    def remember(*_, weights, **__):
        given.update(weights)

    monkeypatch.setattr(folds, "fit", remember)
    folds.train_vae(*[runs[0].fold.x["watched"]] * 2, replace(recipe, kl_warmup=4), 0)
    steps = [given["kl"](epoch) for epoch in range(6)]
    assert given["reconstruction"] == 1
    assert steps[0] < steps[1] < steps[2] < recipe.kl_weight == steps[4] == steps[5]


def test_without_the_correction_the_input_differs(small_pancan, inputs):
    split = sealed_folds(small_pancan, 0.2, 1)[0]
    plain = prepare_fold(small_pancan, split, replace(inputs, correct_batch=False), 0)
    fold = prepare_fold(small_pancan, split, inputs, 0)
    assert not np.array_equal(plain.x["test"], fold.x["test"])
    assert (plain.types["test"] == fold.types["test"]).all()


def test_a_known_number_of_epochs_is_not_cut_short(recipe):
    exact = for_epochs(recipe, 3)
    assert (exact.training.n_epochs, exact.training.patience) == (3, 15)
    assert replace(exact, training=recipe.training) == recipe


def test_the_report_holds_one_row_a_seed_and_their_mean(runs):
    report = report_training(runs)
    assert report.collapse["seed"].tolist() == [7, 8]
    units = [active_units(run.z["test"]) for run in runs]
    assert report.metrics["latent.active_units"] == np.mean(units)
    assert report.metrics["latent.kl_sd"] == pytest.approx(np.std(report.collapse["KL"], ddof=1))
    assert (report.collapse["with shuffled z"] > report.collapse["reconstruction"]).all()
    assert report.best_epoch == runs[0].history.best_epoch
    assert set(report.tables) == {"history", "collapse"}


def test_dimensions_that_say_nothing_are_not_called_active(runs):
    silent = np.zeros_like(runs[0].z["test"])
    silent[:, 0] = runs[0].z["test"][:, 0]
    run = replace(runs[0], z=dict(runs[0].z) | {"test": silent})
    assert report_training([run]).collapse["active units"].tolist() == [1]


def test_a_width_of_0_is_no_layer():
    assert layer_widths(256, 0) == (256,)
    assert layer_widths(256, 64) == (256, 64)
