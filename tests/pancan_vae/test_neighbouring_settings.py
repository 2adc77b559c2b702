from dataclasses import fields, replace

import numpy as np
import pytest

from helpers.cohorts.splits import patient_folds
from helpers.models.readout import posterior_mean
from helpers.models.training import Trainer
from helpers.pancan_vae import neighbouring_settings as neighbouring
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.folds import train_vae
from helpers.pancan_vae.neighbouring_settings import (
    SettingsComparison,
    compare_settings,
    neighbouring_settings,
)
from helpers.runs.published import published_table


@pytest.mark.parametrize("n_hidden", [(512, 2), (512,)])
@pytest.mark.parametrize("linear_skip", [False, True])
def test_each_neighbour_changes_one_setting_and_the_first_none(recipe, n_hidden, linear_skip):
    recipe = replace(recipe, n_hidden=n_hidden, linear_skip=linear_skip, kl_weight=0.5)
    neighbours = neighbouring_settings(recipe)
    assert next(iter(neighbours)) == "this chapter" and neighbours["this chapter"] == recipe
    for name, other in list(neighbours.items())[1:]:
        names = [field.name for field in fields(recipe)]
        changed = [each for each in names if getattr(other, each) != getattr(recipe, each)]
        assert len(changed) == 1, name
    assert neighbours["a quarter as wide"].n_hidden == (128, 1)[: len(n_hidden)]
    depth = "one layer instead of two" if len(n_hidden) == 2 else "two layers instead of one"
    assert neighbours[depth].n_hidden == ((512,) if len(n_hidden) == 2 else (512, 512))
    assert neighbours["KL weight × 16"].kl_weight == 8.0
    longer = neighbours["three times the patience"].training
    assert longer == replace(recipe.training, patience=9)


def test_so_many_from_the_front(recipe):
    assert list(neighbouring_settings(recipe, 2)) == ["this chapter", "8 latent dimensions"]


def test_what_the_published_sweep_varies_is_left_out_of_large_cohorts(recipe):
    small, large = (neighbouring_settings(recipe, n_train=n) for n in (2000, 2001))
    left_out = {"8 latent dimensions", "64 latent dimensions", "KL weight × 16", "KL weight ÷ 4"}
    assert set(small) - set(large) == left_out and set(large) < set(small)
    assert next(iter(large)) == "this chapter"
    swept = published_table("pancan_latent")
    assert all(swept[name].nunique() > 2 for name in neighbouring.SWEPT)


def test_one_model_a_setting_watches_inner_folds_of_training_patients_at_once(
    runs, recipe, monkeypatch
):
    fold, seed, n_trained = runs[0].fold, 3, []

    def counted(*arguments):
        n_trained.append(len(arguments[0]))
        return train_vae(*arguments)

    monkeypatch.setattr(neighbouring, "train_vae", counted)
    settings = neighbouring_settings(recipe, 2)
    found = compare_settings(fold, settings, "BLOOD", 2, seed).table
    x, types = fold.x["train"], fold.types["train"]
    (fitted, one), (_, two) = patient_folds(fold.parts["train"].obs, 5, seed)[:2]
    fitted, watched = np.setdiff1d(fitted, two), np.sort(np.concatenate([one, two]))
    model, history = train_vae(x[fitted], x[watched], recipe, seed)
    z = posterior_mean(model, x)
    probe = logistic_classifier(seed).fit(z[fitted], types[fitted])
    assert list(found.index) == list(settings) and found.index.name == "setting"
    assert n_trained == [len(fitted)] * 2
    assert found.loc["this chapter", "accuracy"] == probe.score(z[watched], types[watched])
    assert found.loc["this chapter", "best epoch"] == history.best_epoch
    assert found["n"].tolist() == [len(watched)] * 2
    assert found["active units"].tolist() == [6, 8]


def test_more_patience_goes_on_where_the_first_stood_and_ends_as_if_trained_anew(
    runs, recipe, monkeypatch
):
    epochs, run_epoch = [], Trainer.run_epoch

    def counted(trainer, epoch):
        epochs.append(epoch)
        run_epoch(trainer, epoch)

    monkeypatch.setattr(Trainer, "run_epoch", counted)
    training = replace(recipe.training, learning_rate=0.02, n_epochs=40, checkpoint_every=2)
    settings = neighbouring_settings(replace(recipe, training=training))
    longer = "three times the patience"
    both = {name: settings[name] for name in ("this chapter", longer)}
    found = compare_settings(runs[0].fold, both, "BLOOD", 1, 0).table
    assert epochs.count(1) == 1 and max(epochs) > 4
    anew = {"this chapter": settings[longer]}
    anew = compare_settings(runs[0].fold, anew, "BLOOD", 1, 0).table
    assert epochs.count(1) == 2
    same = ["accuracy", "knn_purity", "silhouette", "best epoch"]
    assert (found.loc[longer, same] == anew.loc["this chapter", same]).all()


def test_of_many_patients_one_fold_is_watched(runs, recipe, monkeypatch):
    monkeypatch.setattr(neighbouring, "MANY", 10)
    found = compare_settings(runs[0].fold, neighbouring_settings(recipe, 1), "BLOOD", 2, 0).table
    assert found["n"].item() == len(patient_folds(runs[0].fold.parts["train"].obs, 5, 0)[0][1])


def test_of_a_large_fold_some_are_watched_and_none_of_it_trained_on(runs, recipe, monkeypatch):
    fold, n_trained = runs[0].fold, []
    monkeypatch.setattr(neighbouring, "MOST_WATCHED", 30)

    def counted(*arguments):
        n_trained.append(len(arguments[0]))
        return train_vae(*arguments)

    monkeypatch.setattr(neighbouring, "train_vae", counted)
    found = compare_settings(fold, neighbouring_settings(recipe, 1), "BLOOD", 1, 0).table
    fitted, watched = patient_folds(fold.parts["train"].obs, 5, 0)[0]
    assert len(watched) > found["n"].item() == 30 and n_trained == [len(fitted)]


def test_the_reading_counts_what_can_be_told(runs, recipe):
    found = compare_settings(runs[0].fold, neighbouring_settings(recipe, 2), "BLOOD", 1, 0)
    alike = SettingsComparison(found.table.assign(fdr=[float("nan"), 0.5]))
    differ = SettingsComparison(found.table.assign(fdr=[float("nan"), 0.01]))
    assert alike.reading.startswith("0 of 1 settings") and "cannot be told" in alike.reading
    assert differ.reading.startswith("1 of 1 settings") and "cannot" not in differ.reading
    assert found.metrics == {} and list(found.tables) == ["fair_chance"]
