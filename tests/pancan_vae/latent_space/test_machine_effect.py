import numpy as np
import pandas as pd

from helpers.cohorts.splits import split_by_patient
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.folds import prepare_fold, train_fold
from helpers.pancan_vae.latent_space.machine_effect import (
    MachineEffect,
    cohort_overview,
    machines,
    measure_machine_effect,
)
from helpers.pancan_vae.latent_space.neighbourhoods import batch_predictability


def test_the_correction_hides_the_machine(small_pancan, inputs, recipe):
    split = split_by_patient(small_pancan, 0.5, 0)
    run = train_fold(prepare_fold(small_pancan, split, inputs, 7), recipe)
    effect = measure_machine_effect(run, inputs, recipe, smallest=5)
    batch, types = run.fold.parts["test"].obs["batch"], run.fold.types["test"]
    expected = batch_predictability(run.z["test"], batch, types, 7, 5)
    pd.testing.assert_frame_equal(effect.by_type["corrected"], expected)
    metrics, mean = effect.metrics, expected["balanced_accuracy"].mean()
    assert metrics["batch.balanced_accuracy.corrected"] == mean
    assert metrics["batch.balanced_accuracy.uncorrected"] > mean
    probe = logistic_classifier(7).fit(run.z["train"], run.fold.types["train"])
    assert metrics["batch.type_accuracy.corrected"] == probe.score(run.z["test"], types)
    assert list(effect.summary) == ["uncorrected", "corrected"]
    assert f"{mean:.2f} corrected" in effect.reading


def test_too_few_patients_of_a_machine_leave_no_number_and_a_sentence(runs, inputs, recipe):
    effect = measure_machine_effect(runs[0], inputs, recipe, smallest=500)
    assert set(effect.metrics) == {
        "batch.type_accuracy.corrected",
        "batch.type_accuracy.uncorrected",
    }
    assert "enough" in effect.reading and np.shape(effect.tables["batch"])[0] == 0


def test_no_machines_no_tables():
    effect = MachineEffect()
    assert effect.tables == effect.metrics == {} and effect.summary.empty
    obs = pd.DataFrame({"cancer_type": ["A", "B"], "sample_type": "primary", "batch": "one"})
    assert machines(obs).tolist() == ["one machine"] * 2
    assert list(cohort_overview(obs)) == ["primary"]
    two = obs.assign(batch=["x", "y"])
    assert machines(two).tolist() == ["x", "y"]
    assert list(cohort_overview(two)) == ["primary", "x", "y"]
