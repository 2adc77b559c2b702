"""The demo cohort is what it says: the truth can be found again with plain statistics."""

import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.simulation import PROGRAMS, SIM_TASKS, TYPES, simulate_pancan


@pytest.fixture(scope="module")
def cohort():
    return simulate_pancan(0)


def test_same_seed_same_cohort_other_seed_another():
    first, again, other = simulate_pancan(3), simulate_pancan(3), simulate_pancan(4)
    np.testing.assert_array_equal(first.X, again.X)
    pd.testing.assert_frame_equal(first.obs, again.obs)
    assert not np.array_equal(first.X, other.X)


def test_contract(cohort):
    assert cohort.shape == (1600, 1500)
    assert cohort.X.dtype == np.float32
    assert np.isfinite(cohort.X).all()
    assert cohort.obs["cancer_type"].value_counts().to_dict() == TYPES
    assert cohort.obs["patient"].is_unique
    assert {"sample_type", "batch", "age", "sex", "os_time", "os_event"} <= set(cohort.obs)
    assert (cohort.obs["os_time"] > 0).all()
    counts_per_million = np.exp2(cohort.X.astype(float)) - 1
    np.testing.assert_allclose(counts_per_million.sum(axis=1), 1e6, rtol=1e-3)


def test_activities_drive_their_genes_and_no_others(cohort):
    activity, truth = cohort.obsm["program_activity"], cohort.uns["truth"]
    planted = {gene for genes in truth["gene_sets"].values() for gene in genes}
    others = cohort[:, ~cohort.var_names.isin(list(planted))]
    for i, program in enumerate(PROGRAMS):
        members = cohort[:, truth["gene_sets"][program]]
        inside = [np.corrcoef(g, activity[:, i])[0, 1] for g in members.X.T]
        outside = [np.corrcoef(g, activity[:, i])[0, 1] for g in others.X[:, :100].T]
        assert np.mean(inside) > 0.5
        assert abs(np.mean(outside)) < 0.3


def test_programs_share_no_gene_and_tasks_name_known_sets(cohort):
    sets = cohort.uns["truth"]["gene_sets"]
    assert sum(map(len, sets.values())) == len(set().union(*sets.values()))
    assert {name for names in SIM_TASKS.values() for name in names} <= set(sets)


def test_twins_are_nearest_and_blood_is_far(cohort):
    means = pd.DataFrame(cohort.X).groupby(cohort.obs["cancer_type"].to_numpy()).mean()
    distance = pd.DataFrame(
        np.linalg.norm(means.to_numpy()[:, None] - means.to_numpy()[None], axis=2),
        means.index, means.index,
    )  # fmt: skip
    np.fill_diagonal(distance.values, np.inf)
    a, b = cohort.uns["truth"]["twin_types"]
    assert distance.loc[a].idxmin() == b
    assert distance.loc[b].idxmin() == a
    assert distance.replace(np.inf, np.nan).mean().idxmax() == cohort.uns["truth"]["separate_type"]


def test_hazard_follows_the_named_programs(cohort):
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(cohort.obsm["program_activity"], columns=PROGRAMS)
    frame[["time", "event"]] = cohort.obs[["os_time", "os_event"]].to_numpy()
    cox = CoxPHFitter().fit(frame, "time", "event")
    assert cox.params_[PROGRAMS[0]] == pytest.approx(0.7, abs=0.2)
    assert cox.params_[PROGRAMS[3]] == pytest.approx(-0.5, abs=0.2)
    rest = [p for p in PROGRAMS if p not in cohort.uns["truth"]["hazard_programs"]]
    assert cox.params_[rest].abs().max() < 0.2
    assert 0.3 < cohort.obs["os_event"].mean() < 0.9


def test_machine_shifts_genes(cohort):
    is_b = (cohort.obs["batch"] == "machine B").to_numpy()
    shift = cohort.X[is_b].mean(0) - cohort.X[~is_b].mean(0)
    assert 0.25 < shift.std() < 0.6
