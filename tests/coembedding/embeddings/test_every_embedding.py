"""Every model of chapter 2 on one small split: what each was told, and the tables about it."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.benchmarks.benchmark import (
    EMBEDDINGS,
    benchmark,
    imputation_table,
    mean_by_model,
    pair_table,
    rebuilt_table,
    with_counts,
)
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings.every_embedding import fit_embeddings

WEIGHTS = {"rna_reconstruction": 1.0, "atac_reconstruction": 1.0, "rna_kl": 0.1, "atac_kl": 0.1}
WEIGHTS |= {"cycle": 1.0, "match": 1.0, "pair": 1.0, "discriminator": -1.0, "triplet": 10.0}
SETTINGS = {"weights": WEIGHTS, "n_hidden": 32, "n_latent": 6, "n_epochs": 40, "dropout": 0.0}
SETTINGS |= {"minibatch_size": 32, "learning_rate": 3e-3, "seed": 0, "device": "cpu"}


@pytest.fixture(scope="module")
def cohort():
    """240 donors of three types, two linear views of four hidden numbers, components as ATAC."""
    rng = np.random.default_rng(0)
    kind = np.arange(240) % 3
    hidden = rng.normal(size=(240, 4)) + 3 * np.eye(4)[kind]
    rna = hidden @ rng.normal(size=(4, 40)) + 0.3 * rng.normal(size=(240, 40)) + 6
    atac = hidden @ rng.normal(size=(4, 12)) + 0.3 * rng.normal(size=(240, 12))
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(240)]})
    obs["cancer_type"] = np.array(["A", "B", "C"])[kind]
    obs["has_rna"], obs["has_atac"] = np.arange(240) < 180, np.arange(240) >= 60
    obs["os_time"], obs["os_event"] = rng.exponential(np.exp(-hidden[:, 0])) * 500 + 1, 1
    obs.index = obs["patient"].to_numpy()
    rna[~obs["has_rna"]], atac[~obs["has_atac"]] = np.nan, np.nan
    made = anndata.AnnData(rna.astype(np.float32), obs)
    made.obsm["atac"] = atac.astype(np.float32)
    made.uns = {
        "name": "small",
        "atac_feature": "component",
        "atac_var": pd.DataFrame(index=range(12)),
    }
    return made


@pytest.fixture(scope="module")
def split(cohort):
    return split_multiomics(cohort, 0.3, 0, quantile=False, batch=None)


@pytest.fixture(scope="module")
def models(split):
    return fit_embeddings(split, **SETTINGS)


def test_all_models_give_what_they_promise(split, models):
    assert {"pca", "single", "adversarial", "contrastive", "shuffled", "ridge"} <= set(models)
    for name, model in models.items():
        assert model.embed_rna(split.test_rna).shape == model.embed_atac(split.test_atac).shape
        assert model.rebuild_rna(split.test_rna).shape == split.test_rna.shape
        assert model.rebuild_atac(split.test_atac).shape == split.test_atac.shape
        assert (model.impute_rna is None) == (name in ("pca", "single"))


def test_without_pairs_nothing_that_needs_them_is_trained(split):
    few = SETTINGS | {"n_epochs": 1}
    found = fit_embeddings(split, **few, with_pairs=False)
    assert list(found) == ["pca", "single", "adversarial", "contrastive", "shuffled"]


def test_donors_meet_where_something_was_told(split, models):
    scores = pair_table(split, models, 0).set_index("model")["foscttm"]
    assert scores[["adversarial", "contrastive", "ridge"]].max() < 0.2
    assert scores["ridge"] < 0.05
    assert scores["single"] > 0.3 and scores["shuffled"] > 0.3


def test_unpaired_models_do_not_look_at_pairs(split):
    from dataclasses import replace

    other = replace(split, pairs=split.pairs[: len(split.pairs) // 2])
    few = SETTINGS | {"n_epochs": 3}
    first, second = (fit_embeddings(one, **few) for one in (split, other))
    for name in ("single", "adversarial", "contrastive", "shuffled"):
        assert np.array_equal(
            first[name].embed_atac(split.test_atac), second[name].embed_atac(split.test_atac)
        )


def test_benchmark_has_a_row_an_embedding_and_the_controls(split, models):
    table = benchmark(split, models, 4, 0)
    assert list(table["name"]) == [*EMBEDDINGS, "clinical", "shuffled"]
    scored = table[table["name"].isin(EMBEDDINGS)]
    assert scored[["cohort_accuracy", "grassmann", "accuracy_trained"]].notna().all(axis=None)
    rna = table.set_index("name")["uno_c"]
    assert rna["pca_rna"] > 0.7 and rna["pca_rna"] > rna["shuffled"]
    assert np.isnan(rna["shuffled_rna"])
    means = mean_by_model(table, "cohort_accuracy")
    assert means["single"] == pytest.approx((means["rna_vae"] + means["atac_vae"]) / 2)
    both = [means["contrastive.rna"], means["contrastive.atac"]]
    assert means["contrastive"] == pytest.approx(np.mean(both))


def test_without_follow_up_there_is_no_survival(split, models):
    from dataclasses import replace

    bare = [obs.drop(columns=["os_time", "os_event"]) for obs in (split.atac_obs, split.test_obs)]
    found = benchmark(replace(split, atac_obs=bare[0], test_obs=bare[1]), models, 4, 0)
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
