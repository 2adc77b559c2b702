"""The four benchmarks over seeds, on stubs of what one seed gives."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import Scoring
from helpers.coembedding.benchmarks import all_benchmarks as four_benchmarks
from helpers.coembedding.benchmarks.all_benchmarks import Benchmarks, run_benchmarks
from helpers.coembedding.embeddings.every_embedding import TrainedSeed


def scores_of(seed):
    """What `benchmark` gives: two modalities of PCA, the RNA VAE, a control."""
    names = ["pca_rna", "pca_atac", "rna_vae", "clinical"]
    table = pd.DataFrame({"name": names, "model": ["pca", "pca", "rna_vae", "clinical"]})
    table["modality"], table["seed"] = ["rna", "atac", "rna", "rna"], seed
    table["cohort_accuracy"] = [0.8 + 0.1 * seed, 0.6, 0.7, np.nan]
    table["grassmann"] = [3.0, 4.0, 2.0, np.nan]
    return table.assign(uno_c=[0.5, 0.6, 0.7, 0.65])


@pytest.fixture
def stubs(monkeypatch):
    def rebuilt(cohort, split, models, modality, seed):
        n = {"rna": 3, "atac": 5}[modality] + seed
        counts = pd.DataFrame({"model": ["pca", "single"], "seed": seed, "n_differential": [n, 9]})
        return counts, {"pca": f"{modality} of {seed}", "single": None}

    monkeypatch.setattr(four_benchmarks, "benchmark", lambda *given: scores_of(given[3]))
    monkeypatch.setattr(four_benchmarks, "rebuilt_table", rebuilt)


@pytest.fixture
def run(stubs, cohort):
    def run(feature):
        donors = cohort.copy()
        donors.uns["atac_feature"] = feature
        return run_benchmarks(donors, [TrainedSeed(s, None, {}) for s in (0, 1)], Scoring([4]))

    return run


def test_rows_of_all_seeds_are_joined_with_their_counts(run):
    found = run("peak")
    assert len(found.tables["scores"]) == 8 and len(found.tables["rebuilt"]) == 8
    counts = found.scores.set_index(["name", "seed"])["n_differential"]
    assert counts["pca_rna", 1] == 4 and counts["pca_atac", 0] == 5 and counts["rna_vae", 0] == 9
    assert np.isnan(counts["clinical", 0])
    assert found.changed[1, "atac", "pca"] == "atac of 1"


def test_components_are_not_rebuilt(run):
    assert set(run("component").rebuilt["modality"]) == {"rna"}


def test_metrics_are_means_over_seeds_by_model_and_modality(run):
    metrics = run("component").metrics
    assert metrics["representation.cohort_accuracy.pca.rna"] == pytest.approx(0.85)
    assert metrics["representation.cohort_accuracy.pca"] == pytest.approx((0.7 + 0.75) / 2)
    assert metrics["representation.cohort_accuracy.pca_sd"] == pytest.approx(0.05 / 2**0.5)
    assert metrics["survival.uno_c.clinical"] == pytest.approx(0.65)
    assert "representation.cohort_accuracy.clinical" not in metrics
    assert not [key for key in metrics if "accuracy_trained" in key or "uno_c_both" in key]


def test_without_follow_up_there_is_no_survival():
    scores = pd.concat([scores_of(0), scores_of(1)], ignore_index=True).drop(columns="uno_c")
    found = Benchmarks(scores, pd.DataFrame(), {})
    assert not [key for key in found.metrics if key.startswith("survival")]
    assert "uno_c" not in found.summary and found.by_model("uno_c") == {}
