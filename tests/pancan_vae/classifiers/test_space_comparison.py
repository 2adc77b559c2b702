import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline

from helpers.pancan_vae.classifiers.classification import logistic_classifier, mlp_classifier
from helpers.pancan_vae.classifiers.mistakes import find_mistakes
from helpers.pancan_vae.classifiers.space_comparison import (
    SpaceComparison,
    compare_classifiers,
    compare_spaces,
    score_sealed_fold,
)

CLASSES = np.array(["BRCA", "COAD", "LAML", "READ"])


def blobs(seed, n=600):
    rng = np.random.default_rng(seed)
    y = rng.choice(CLASSES, n, p=[0.55, 0.2, 0.15, 0.1])
    centre = np.random.default_rng(99).normal(size=(4, 8)) * 2
    return centre[np.searchsorted(CLASSES, y)] + rng.normal(size=(n, 8)), y


def test_spaces_stand_beside_raw_shuffled_and_majority():
    (train_x, train_y), (test_x, test_y) = blobs(0), blobs(1)
    spaces = {"vae": (train_x[:, :4], test_x[:, :4]), "pca": (train_x[:, 4:], test_x[:, 4:])}
    table = compare_spaces(spaces, (train_x, test_x, train_y), train_y, test_y, seed=3)
    pairs = [(name, f"{name}_logistic") for name in ("vae", "pca", "shuffled")]
    assert set(table["variant"]) == {"raw", "majority", *sum(pairs, ())}
    assert len(table) == 8
    by = table.set_index("variant")
    expected = logistic_classifier(3).fit(train_x, train_y).score(test_x, test_y)
    assert by.loc["raw", "accuracy"] == expected
    assert by.loc["vae_logistic", "features"] == "vae"
    assert (by.loc[["vae", "pca", "shuffled"], "classifier"] == "mlp").all()


@pytest.fixture(scope="module")
def comparison(runs):
    return compare_classifiers(runs)


def test_scores_are_those_of_each_folds_own_models(runs, comparison):
    for run, accuracy in zip(runs, comparison.values("accuracy", "vae"), strict=True):
        types = run.fold.types["test"]
        assert accuracy == accuracy_score(types, run.classifier.predict(run.z["test"]))
    margin = np.subtract(comparison.values("accuracy", "vae"), comparison.values("accuracy", "pca"))
    assert comparison.margin("accuracy") == pytest.approx(margin)
    metrics = comparison.metrics
    assert metrics["classifier.margin.vae_over_pca"] == pytest.approx(margin.mean())
    assert metrics["classifier.margin.vae_over_pca_sd"] == pytest.approx(margin.std(ddof=1))
    assert metrics["classifier.ece.raw"] == np.mean(comparison.values("ece", "raw"))
    assert len(metrics) == 2 * (4 * 8 + 2)


def test_a_folds_classifiers_are_trained_once_and_score_as_new_ones(runs, comparison, monkeypatch):
    run = runs[0]
    types, spaces = run.fold.types, {"vae": run.z, "pca": run.components}
    spaces = {name: (space["train"], space["test"]) for name, space in spaces.items()}
    raw = run.fold.x["train"], run.fold.x["test"], types["train"]
    anew = compare_spaces(spaces, raw, types["train"], types["test"], run.seed)
    found = comparison.scores[comparison.scores["seed"] == run.seed]
    pd.testing.assert_frame_equal(found, anew)
    assert run.classifiers["vae", "mlp"] is run.classifier is run.classifiers["vae", "mlp"]
    monkeypatch.setattr(Pipeline, "fit", None)  # whoever trains another one fails
    score_sealed_fold(run)
    find_mistakes(runs)


def test_what_is_shown_leaves_one_control_out(comparison):
    assert "shuffled_logistic" not in set(comparison.shown["variant"])
    assert list(comparison.summary.index)[:2] == ["vae", "pca"]
    assert len(comparison.shown) == 2 * 7


def test_one_seed_has_no_spread_and_a_sentence(comparison):
    one = SpaceComparison(comparison.scores[comparison.scores["seed"] == 7])
    assert "classifier.margin.vae_over_pca_sd" not in one.metrics
    assert "±" not in one.reading and "±" in comparison.reading


def test_the_sealed_fold_is_compared_patient_by_patient(runs):
    run, sealed = runs[0], score_sealed_fold(runs[0])
    types = run.fold.types
    pca = mlp_classifier(run.seed).fit(run.components["train"], types["train"])
    is_right = {
        "vae": run.classifier.predict(run.z["test"]) == types["test"],
        "pca": pca.predict(run.components["test"]) == types["test"],
    }
    row = sealed.scores.loc["vae"]
    assert row["only_here"] == (is_right["vae"] & ~is_right["pca"]).sum()
    assert row["only_reference"] == (is_right["pca"] & ~is_right["vae"]).sum()
    assert sealed.metrics["sealed.accuracy.pca"] == is_right["pca"].mean()
    assert len(sealed.metrics) == 8 and pd.isna(sealed.scores.loc["pca", "p"])
