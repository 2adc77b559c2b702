import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.feature_sets import cohort_sets
from helpers.pancan_vae.enrichment.hallmarks import enrich_hallmarks, read_latents
from helpers.pancan_vae.planted_truth import program_recovery, recover_planted


def embedding(seed=0, n=500, d=6):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_programs_on_an_axis_are_matched_and_rotated_ones_need_a_direction():
    activity = pd.DataFrame(embedding(d=3), columns=["proliferation", "immune", "absent"])
    noise = embedding(1, d=6)
    z = noise.copy()
    z[:, 4] = -activity["proliferation"] + 0.1 * noise[:, 4]
    z[:, :4] = activity[["immune"]].to_numpy() + 2 * noise[:, :4]
    table = program_recovery(z, activity)
    assert table.loc["proliferation", "dimension"] == 4
    assert table.loc["proliferation", "r"] > 0.98
    assert table.loc["immune", "r"] < 0.6 < table.loc["immune", "direction_r"]
    assert table.loc["absent", "direction_r"] < 0.2


def test_more_programs_than_dimensions():
    activity = embedding(d=3)
    table = program_recovery(activity[:, :1], activity)
    assert table["r"].tolist()[0] == pytest.approx(1)
    assert table["r"].tolist()[1:] == [0, 0]
    assert table["dimension"].isna().sum() == 2
    assert (program_recovery(activity, np.ones((500, 2)))["direction_r"] == 0).all()


def test_recovery_counts_programs_and_sets_in_both_spaces(runs, small_pancan, inputs):
    sets, truth = cohort_sets(small_pancan), small_pancan.uns["truth"]
    reading = read_latents(runs[0], inputs, sets, 0)
    enrichment = enrich_hallmarks(reading, sets, n_permutations=20, seed=0)
    activity = runs[0].fold.parts["test"].obsm["program_activity"]
    found = recover_planted(reading, enrichment, truth, activity, 0)
    assert list(found.programs["axes"].index) == truth["programs"]
    metrics = found.metrics
    is_found = found.programs["directions"]["r"] >= 0.8
    assert metrics["truth.recovered.directions"] == is_found.sum() / len(truth["programs"])
    assert metrics["truth.recovered.space"] >= metrics["truth.recovered.axes"]
    tests = enrichment.by_space["axes"]
    n_found = tests[tests["fdr_camera"] < 0.05]["set"].nunique()
    assert metrics["truth.sets_found.axes"] == n_found / len(truth["gene_sets"])
    assert list(found.summary.columns.levels[0]) == ["axes", "directions"]
