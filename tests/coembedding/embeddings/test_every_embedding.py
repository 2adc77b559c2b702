"""Every model of chapter 2 on one small split: what each was told, and the tables about it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import Scoring
from helpers.coembedding.benchmarks.one_split import (
    EMBEDDINGS,
    benchmark,
    imputation_table,
    mean_by_model,
    pair_table,
    rebuilt_table,
    with_counts,
)
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings import every_embedding
from helpers.coembedding.embeddings.every_embedding import (
    TrainedSeed,
    describe_training,
    fit_embeddings,
    fit_seeds,
    training_history,
)
from tests.coembedding.conftest import PREPARATION, SETTINGS, TRAINING


def test_all_models_give_what_they_promise(split, models):
    assert {"pca", "single", "adversarial", "contrastive", "shuffled", "ridge"} <= set(models)
    assert models["linear"].embed_atac is None and models["linear"].rebuild_atac is None
    for name, model in models.items():
        if name == "linear":
            continue
        assert model.embed_rna(split.test_rna).shape == model.embed_atac(split.test_atac).shape
        assert model.rebuild_rna(split.test_rna).shape == split.test_rna.shape
        assert model.rebuild_atac(split.test_atac).shape == split.test_atac.shape
        assert (model.impute_rna is None) == (name in ("pca", "single"))


def test_without_pairs_nothing_that_needs_them_is_trained(split):
    few = SETTINGS | {"training": replace(TRAINING, n_epochs=1)}
    found = fit_embeddings(split, **few, with_pairs=False)
    assert list(found) == ["pca", "single", "linear", "adversarial", "contrastive", "shuffled"]
    assert list(fit_embeddings(split, **few, only=["ridge", "single"])) == ["single", "ridge"]


def test_the_linear_vae_has_no_bend(split, models):
    embed = models["linear"].embed_rna
    first, second = split.test_rna[:10], split.test_rna[10:20]
    middle = (embed(first) + embed(second)) / 2
    assert np.allclose(embed((first + second) / 2), middle, atol=1e-4)
    bent = models["single"].embed_rna
    assert not np.allclose(bent((first + second) / 2), (bent(first) + bent(second)) / 2, atol=1e-4)


def test_single_modalities_see_as_many_samples_as_a_co_embedding(split, monkeypatch):
    seen = []

    def untrained(model, x, validation, *, training, **_):
        seen.append((len(x), training.n_epochs))

    monkeypatch.setattr(every_embedding, "fit", untrained)
    few_peaks = replace(split, atac=split.atac[:50])
    fit_embeddings(few_peaks, **SETTINGS, only=["single", "linear"])
    n_rna, n_atac = len(split.rna), 50
    assert [n for n, _ in seen] == [n_rna, n_atac, n_rna]
    of_co_embedding = TRAINING.n_epochs * n_atac
    for n, n_epochs in seen:  # whole epochs: less than one too many
        assert n * (n_epochs - 1) < of_co_embedding <= n * n_epochs


def test_donors_meet_where_something_was_told(split, models):
    scores = pair_table(split, models, 0).set_index("model")["foscttm"]
    assert scores[["adversarial", "contrastive", "ridge"]].max() < 0.2
    assert scores["ridge"] < 0.05
    assert scores["single"] > 0.3 and scores["shuffled"] > 0.3


def test_the_control_trains_on_atac_dealt_to_other_donors(split):
    dealt = every_embedding._shuffled(split, 0).atac
    assert not np.array_equal(dealt, split.atac)
    np.testing.assert_allclose(np.sort(dealt.sum(axis=1)), np.sort(split.atac.sum(axis=1)))


def test_unpaired_models_do_not_look_at_pairs(split):
    other = replace(split, pairs=split.pairs[: len(split.pairs) // 2])
    few = SETTINGS | {"training": replace(TRAINING, n_epochs=3)}
    first, second = (fit_embeddings(one, **few) for one in (split, other))
    for name in ("single", "adversarial", "contrastive", "shuffled"):
        assert np.array_equal(
            first[name].embed_atac(split.test_atac), second[name].embed_atac(split.test_atac)
        )


def test_benchmark_has_a_row_an_embedding_and_the_controls(split, models):
    table = benchmark(split, models, Scoring([4]), 0)
    assert list(table["name"]) == [*EMBEDDINGS, "clinical", "shuffled"]
    scored = table[table["name"].isin(EMBEDDINGS)]
    assert scored[["cohort_accuracy", "grassmann", "accuracy_trained"]].notna().all(axis=None)
    rna = table.set_index("name")["uno_c"]
    assert rna["pca_rna"] > 0.7 and rna["pca_rna"] > rna["shuffled"]
    assert np.isnan(rna["shuffled_rna"])
    unseen = table.set_index("name")["uno_c_unseen"]
    assert unseen["pca_rna"] > 0.65 and unseen["pca_rna"] > unseen["shuffled"]
    linear = table.set_index("name").loc["linear_vae"]
    assert linear["uno_c"] > 0.6 and linear["uno_c_both_unseen"] > 0.6
    means = mean_by_model(table, "cohort_accuracy")
    assert means["single"] == pytest.approx((means["rna_vae"] + means["atac_vae"]) / 2)
    both = [means["contrastive.rna"], means["contrastive.atac"]]
    assert means["contrastive"] == pytest.approx(np.mean(both))


def test_without_follow_up_there_is_no_survival(split, models):
    bare = [obs.drop(columns=["os_time", "os_event"]) for obs in (split.atac_obs, split.test_obs)]
    found = benchmark(replace(split, atac_obs=bare[0], test_obs=bare[1]), models, Scoring([4]), 0)
    assert "uno_c" not in found and set(found["name"]) == set(EMBEDDINGS)


def test_imputation_follows_the_truth_and_its_control_does_not(split, models):
    table, scores = imputation_table(split, models, 0)
    of = table.set_index(["method", "direction"])
    assert of.loc[("contrastive", "ATAC → RNA"), "spearman"] > 0.5
    assert of.loc[("shuffled", "ATAC → RNA"), "spearman"] < 0.4
    assert of.loc[("ridge", "ATAC → RNA"), "explained"] > 0.7
    assert len(scores["ridge", "RNA → ATAC"]) == split.atac.shape[1]


def test_rebuilt_profiles_are_compared_in_the_cohorts_unit(cohort, split, models):
    counts, features = rebuilt_table(cohort, split, models, "rna", 0)
    of = counts.set_index("model")
    assert (of["n_differential"] == 0).all() and of.loc["pca", "sd_ratio"] > 0.8
    assert of.loc["pca", "agreement"] > 0.9
    assert list(features["pca"].index) == list(cohort.var_names)
    scores = pd.DataFrame({"name": ["pca_rna", "pca_atac"], "seed": 0})
    joined = with_counts(scores, counts.assign(modality="rna"))
    assert joined["n_differential"].tolist()[0] == 0 and np.isnan(joined["n_differential"].iloc[1])


def test_every_seed_has_a_split_and_an_initialisation_of_its_own(cohort):
    few = {name: value for name, value in SETTINGS.items() if name != "seed"}
    few["training"] = replace(TRAINING, n_epochs=1)
    first, second = fit_seeds(cohort, range(3, 5), preparation=PREPARATION, **few)
    assert (first.seed, second.seed) == (3, 4)
    assert len(first.split.rna) == len(first.split.pairs)  # the others are trained on and let go
    assert set(first.split.test_obs.index) != set(second.split.test_obs.index)
    alone = fit_embeddings(split_multiomics(cohort, PREPARATION, 4), seed=4, **few)
    assert np.array_equal(
        alone["contrastive"].embed_rna(second.split.test_rna),
        second.models["contrastive"].embed_rna(second.split.test_rna),
    )


def test_history_has_the_terms_of_both_co_embeddings_and_the_sentence_counts(split, models):
    history = training_history(TrainedSeed(0, split, models))
    own = {model: set(rows["term"]) for model, rows in history.groupby("model")}
    assert own["adversarial"] ^ own["contrastive"] == {"discriminator", "triplet"}
    assert (history.groupby(["model", "term"]).size() == 40).all()
    n_matches = len(split.matches) / len(split.atac)
    assert f"{len(split.test_obs)} donors held out; {n_matches:.1f}" in describe_training(split)
