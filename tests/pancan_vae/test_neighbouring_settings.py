from dataclasses import fields, replace

import pytest
from sklearn.metrics import accuracy_score

from helpers.cohorts.splits import patient_folds
from helpers.models.readout import posterior_mean
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.folds import train_vae
from helpers.pancan_vae.neighbouring_settings import (
    SettingsComparison,
    compare_settings,
    neighbouring_settings,
)


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
    assert neighbours["KL weight × 16"].kl_weight == 8.0
    longer = neighbours["three times the patience"].training
    assert longer == replace(recipe.training, patience=9)


def test_so_many_from_the_front(recipe):
    assert list(neighbouring_settings(recipe, 2)) == ["this chapter", "8 latent dimensions"]


def test_settings_are_scored_on_inner_folds_of_training_patients(runs, recipe):
    fold, seed = runs[0].fold, 3
    settings = neighbouring_settings(recipe, 2)
    found = compare_settings(fold, settings, "BLOOD", 2, seed).table
    assert list(found.index) == list(settings)
    inner = patient_folds(fold.parts["train"].obs, 5, seed)[:2]
    true, predicted = [], []
    for fitted, watched in inner:
        x, types = fold.x["train"], fold.types["train"]
        model, _ = train_vae(x[fitted], x[watched], recipe, seed)
        z = posterior_mean(model, x)
        probe = logistic_classifier(seed).fit(z[fitted], types[fitted])
        predicted += probe.predict(z[watched]).tolist()
        true += types[watched].tolist()
    assert found.loc["this chapter", "accuracy"] == accuracy_score(true, predicted)
    assert found["n"].tolist() == [len(true)] * 2
    assert found["active units"].tolist() == [6, 8]


def test_the_reading_counts_what_can_be_told(runs, recipe):
    found = compare_settings(runs[0].fold, neighbouring_settings(recipe, 2), "BLOOD", 1, 0)
    alike = SettingsComparison(found.table.assign(fdr=[float("nan"), 0.5]))
    differ = SettingsComparison(found.table.assign(fdr=[float("nan"), 0.01]))
    assert alike.reading.startswith("0 of 1 settings") and "cannot be told" in alike.reading
    assert differ.reading.startswith("1 of 1 settings") and "cannot" not in differ.reading
    assert found.metrics == {} and list(found.tables) == ["fair_chance"]
