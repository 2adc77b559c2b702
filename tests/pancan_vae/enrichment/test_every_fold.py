from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.feature_sets import CohortSets, cohort_sets
from helpers.pancan_vae.enrichment.camera import camera
from helpers.pancan_vae.enrichment.every_fold import FIXED, hallmarks_by_fold
from helpers.pancan_vae.enrichment.hallmarks import enrich_hallmarks, read_latents


@pytest.fixture(scope="module")
def sets(small_pancan):
    return cohort_sets(small_pancan)


@pytest.fixture(scope="module")
def found(runs, inputs, sets):
    return hallmarks_by_fold(runs, inputs, sets, 3)


def test_every_fold_has_every_space_and_the_first_is_the_chapters_own(runs, found, inputs, sets):
    spaces = found.scores.groupby("space").size().to_dict()
    assert spaces == {"axes": 2, "directions": 2, "noise": 2}
    reading = read_latents(runs[0], inputs, sets, 3)
    first = enrich_hallmarks(reading, sets, n_permutations=20, seed=3)
    for space in spaces:
        assert found.values("found", space)[0] == first.counts["CAMERA"][space]
    assert found.values("tasks", "axes")[0] == first.n_tasks("axes")
    assert found.values("tasks", "paper") == []
    mixed = replace(found, scores=found.scores.iloc[::-1])
    assert list(mixed.summary.index) == list(dict.fromkeys(mixed.scores["space"]))


def test_a_fixed_correlation_lets_noise_through_and_the_sets_own_does_not(
    runs, found, sets, inputs
):
    reading = read_latents(runs[0], inputs, sets, 3)
    fixed = camera(reading.spaces["noise"], reading.x, sets.sets, gene_correlation=FIXED)
    assert found.values("found_fixed", "noise")[0] == (fixed["fdr"] < 0.05).sum()
    assert sum(found.values("found", "noise")) < sum(found.values("found_fixed", "noise"))
    metrics = found.metrics
    mean = np.mean(found.values("found_fixed", "noise"))
    assert metrics["hallmarks.found_fixed.noise"] == pytest.approx(mean)
    assert ("found, ρ = 0.01", "mean") in found.summary.columns


def test_a_space_of_the_papers_model_is_read_too(runs, inputs, sets):
    with_paper = [replace(runs[0], others={"paper": runs[0].z})]
    found = hallmarks_by_fold(with_paper, inputs, sets, 3)
    assert found.values("tasks", "paper") == found.values("tasks", "axes")
    assert "as the paper has it" in found.summary.index


def test_without_sets_there_is_nothing(runs, inputs):
    none = hallmarks_by_fold(runs, inputs, CohortSets({}, {}, None, "none"), 0)
    assert none.scores.empty and none.metrics == {} and isinstance(none.scores, pd.DataFrame)
