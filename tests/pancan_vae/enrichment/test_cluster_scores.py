import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from helpers.cohorts.feature_sets import CohortSets, cohort_sets
from helpers.pancan_vae.enrichment.cluster_scores import score_clusters, variance_between
from helpers.pancan_vae.enrichment.hallmarks import readable_features
from helpers.pancan_vae.latent_space.tumour_clusters import cluster_tumours


def test_the_share_between_groups_is_that_of_an_analysis_of_variance():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 4, 90)
    values = rng.normal(size=90) + groups
    share = variance_between(values[:, None], groups)[0]
    f = f_oneway(*(values[groups == g] for g in range(4))).statistic
    assert share / (1 - share) * (90 - 4) / 3 == pytest.approx(f)
    assert variance_between(np.ones((9, 1)), np.arange(9) % 2)[0] == 0


def test_tasks_are_scored_in_the_clusters_of_every_fold(runs, small_pancan, inputs):
    sets, clusters = cohort_sets(small_pancan), cluster_tumours(runs)
    found = score_clusters(runs, clusters, inputs, sets)
    assert len(found.explained) == 2 * len(sets.tasks)
    assert found.first.shape[1] == len(sets.tasks)
    assert list(found.summary.index) == list(dict.fromkeys(found.explained["task"]))
    x, cluster = readable_features(runs[0], inputs, sets), clusters.held_out[runs[0].seed]
    task, members = next(iter(sets.tasks.items()))
    genes = sorted({gene for name in members for gene in sets.sets[name]} & set(x))
    means = x[genes].mean(axis=1).groupby(cluster).mean()
    np.testing.assert_allclose(sorted(found.first[task]), sorted(means))
    sizes = [int(name.split("n = ")[1]) for name in found.first.index]
    assert sum(sizes) == len(x) and found.first.index[0].startswith("1: ")
    assert found.explained["explained"].between(0, 1).all()
    assert found.explained["p"].between(1 / 101, 1).all()
    assert set(found.tables) == {"cluster_tasks", "cluster_explained"}
    assert f"clusters.explained.{task.replace(' ', '_')}" in found.metrics


def test_without_sets_there_is_nothing(runs, inputs):
    none = score_clusters(runs, cluster_tumours(runs), inputs, CohortSets({}, {}, None, ""))
    assert none.first.empty and none.tables == {} and none.metrics == {}
    assert isinstance(none.first, pd.DataFrame)
