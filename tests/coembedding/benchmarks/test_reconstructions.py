"""The floor under counts of features that differ, and what those features are about."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.benchmarks.all_benchmarks import Benchmarks
from helpers.coembedding.benchmarks.one_split import rebuilt_table
from helpers.coembedding.benchmarks.reconstructions import (
    ChangedFeatures,
    Reconstructions,
    enrich_changed,
    judge_reconstructions,
)
from helpers.coembedding.embeddings.every_embedding import TrainedSeed


@pytest.fixture(scope="module")
def benchmarks(cohort, split, models):
    few = {name: models[name] for name in ("pca", "single", "adversarial", "contrastive")}
    counts, features = rebuilt_table(cohort, split, few, "rna", 0)
    changed = {(0, "rna", model): table for model, table in features.items()}
    return Benchmarks(pd.DataFrame(), counts.assign(modality="rna"), changed)


def test_pseudoreplicates_of_the_same_donors_hardly_differ(cohort, split, models, benchmarks):
    found = judge_reconstructions(cohort, benchmarks, TrainedSeed(0, split, models))
    assert found.floor <= 1 and found.n_features == split.rna.shape[1]
    assert found.metrics["differential.n_genes.pseudoreplicates"] == found.floor
    assert f"{found.floor} of {found.n_features}" in found.sentence
    assert found.tables == {}


def test_counts_are_named_for_what_is_counted():
    rows = [("rna", "single", 2, 0.5), ("rna", "single", 4, np.nan), ("atac", "pca", 7, np.nan)]
    rebuilt = pd.DataFrame(rows, columns=["modality", "model", "n_differential", "agreement"])
    metrics = Reconstructions(rebuilt, 1, 10).metrics
    assert metrics["differential.n_genes.rna_vae"] == 3
    assert metrics["differential.n_genes.rna_vae_sd"] == pytest.approx(2**0.5)
    assert metrics["differential.agreement_rna.rna_vae"] == 0.5
    assert metrics["differential.n_peaks.pca"] == 7
    assert "differential.agreement_atac.pca" not in metrics


def planted(benchmarks, n_changed):
    """The contrastive model's first features changed, and all of every other model's."""
    changed = {}
    for (seed, modality, model), table in benchmarks.changed.items():
        hit = np.arange(len(table)) < {"contrastive": n_changed}.get(model, len(table))
        changed[seed, modality, model] = table.assign(is_differential=hit)
    rebuilt = benchmarks.rebuilt.copy()
    rebuilt["n_differential"] = [
        changed[row.seed, row.modality, row.model]["is_differential"].sum()
        for row in rebuilt.itertuples()
    ]
    return Benchmarks(benchmarks.scores, rebuilt, changed)


def test_a_planted_set_is_found_in_the_model_that_was_named(cohort, benchmarks):
    donors = cohort.copy()
    names = list(map(str, benchmarks.changed[0, "rna", "pca"].index))
    sets = {"planted": names[:8], "other": names[20:30]}
    donors.uns["truth"] = {"gene_sets": sets}
    changed = planted(benchmarks, 8)  # of every other model more features change
    found = enrich_changed(donors, changed, "contrastive")
    assert found.model == "contrastive"
    assert found.n_sets == [1] and found.metrics["differential.n_sets.rna"] == 1
    table = found.tables["enrichment_rna"].set_index(found.enriched[0].columns[0])
    assert table["q"].idxmin() == "planted" and "genes" not in table
    assert found.observed["genes"] == [8 / len(names)] and found.observed["go"] == [1]
    assert "Of contrastive's differing features: [1] sets" in found.sentence
    other = enrich_changed(donors, changed, "adversarial")
    assert other.observed["genes"] == [1.0], "the model that was named, though another has fewer"
    with pytest.raises(ValueError, match=r"must rebuild RNA, as \['adversarial', .*'ridge'"):
        enrich_changed(donors, changed, "ridge")


def test_sets_are_counted_below_a_q_of_5_percent_in_each_seed():
    tables = {
        seed: pd.DataFrame({"set": list("abcd"), "q": q, "genes": ""})
        for seed, q in {3: [0.0, 0.049, 0.05, 0.08], 4: [0.2, 0.3, 0.4, 1.0]}.items()
    }
    found = ChangedFeatures("contrastive", np.array([0.1, 0.2]), tables, "Planted sets.")
    assert found.n_sets == [2, 0] and found.observed["go"] == [2, 0]
    assert found.metrics["differential.n_sets.rna"] == 1
    assert "[2, 0] sets with q < 0.05" in found.sentence


def test_features_without_sets_are_no_claim():
    found = ChangedFeatures("contrastive", np.array([0.1]), {}, "No enrichment here.")
    assert found.tables == {} and found.metrics == {}
    assert found.observed == {"genes": [0.1]}
