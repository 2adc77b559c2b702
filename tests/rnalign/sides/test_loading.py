"""Which files a run's parameters ask for."""

import numpy as np
import pytest

from helpers.cohorts.registry import load_cohort
from helpers.rnalign.needs import check_needs, implied
from helpers.rnalign.sides.loading import load_sides, needs_lines
from helpers.runs.plans import plan_run
from tests.rnalign.test_needs import USUAL


@pytest.fixture
def mine(tmp_path):
    """The simulated tumours of two types under other names, without purity, as a user's file."""
    cohort = load_cohort("demo-rnalign", 3)
    is_mine = (cohort.obs["sample_type"] == "primary") & cohort.obs["cancer_type"].isin(
        sorted(cohort.obs["cancer_type"].unique())[-3:]
    )
    tumours = cohort[is_mine.to_numpy()][:60].copy()
    del tumours.uns, tumours.layers
    tumours.obs = tumours.obs[["cancer_type", "sample_type"]].copy()
    tumours.obs_names = [f"mine-{i}" for i in range(tumours.n_obs)]

    def write(tumours=tumours):
        tumours.write_h5ad(tmp_path / "mine.h5ad")
        return str(tmp_path / "mine.h5ad")

    return tumours, write


def test_a_file_of_tumours_is_given_the_lines_of_another_cohort(mine):
    path = mine[1]()
    assert needs_lines(path) and not needs_lines("demo-rnalign")
    loaded = load_sides(path, "demo-rnalign", quick=True)
    demo = load_cohort("demo-rnalign", 0)
    n_lines = (demo[::2].obs["sample_type"] == "cell line").sum()
    assert (loaded.obs["sample_type"] == "cell line").sum() == n_lines
    assert loaded.obs["is_own"].sum() == 60 and "truth" not in loaded.uns


def test_a_panel_may_take_the_place_of_those_lines(mine, tmp_path):
    demo = load_cohort("demo-rnalign", 0)
    lines = demo[(demo.obs["sample_type"] == "cell line").to_numpy()][::4].copy()
    del lines.uns, lines.layers
    lines.obs_names = "organoid " + lines.obs_names
    lines.write_h5ad(tmp_path / "lines.h5ad")
    loaded = load_sides(mine[1](), "demo-rnalign", str(tmp_path / "lines.h5ad"))
    assert loaded.obs["is_own"].dtype == bool and loaded.obs["is_own"].sum() == 60
    assert set(loaded.obs_names[loaded.obs["sample_type"] == "cell line"]) == {*lines.obs_names}


def test_a_run_names_whose_lines_it_takes_before_it_starts(mine, monkeypatch):
    path = mine[1]()
    monkeypatch.setattr("helpers.rnalign.needs.LINE_COHORT", "demo-rnalign")
    plan = plan_run("04_rnalign", {"cohort": path})
    assert plan.parameters["line_cohort"] == "demo-rnalign"
    monkeypatch.undo()
    given = {"cohort": path, "line_cohort": "demo-rnalign"}
    plan = plan_run("04_rnalign", given)
    assert plan.parameters["line_cohort"] == "demo-rnalign"
    check_needs(USUAL | given)
    assert implied(USUAL | {"cohort": path}) == {"line_cohort": "ccle-tcga"}
    assert implied(USUAL) == {}


def test_a_cohort_with_lines_is_not_given_others():
    with pytest.raises(ValueError, match="demo-rnalign has cell lines: got 'ccle-tcga'"):
        load_sides("demo-rnalign", "ccle-tcga")


def test_one_tumour_without_a_patient_is_let_through(mine):
    tumours, write = mine
    check_needs(USUAL | {"cohort": write(tumours[:1].copy()), "line_cohort": "demo-rnalign"})
    plan_run("04_rnalign", {"cohort": write(), "line_cohort": "demo-rnalign"})


def test_no_tumour_left_of_the_file_is_refused(mine):
    path, types = mine[1](), set(mine[0].obs["cancer_type"])
    others = sorted(set(load_cohort("demo-rnalign", 0).obs["cancer_type"]) - types)
    given = {"cohort": path, "line_cohort": "demo-rnalign", "cancer_types": " ".join(others)}
    with pytest.raises(ValueError, match=r"no tumour of .*mine\.h5ad is left.*Lower min_tumours"):
        check_needs(USUAL | given)


def test_a_purity_that_is_no_share_is_refused_and_a_missing_one_is_not(mine):
    tumours, write = mine
    tumours.obs["purity"] = np.where(np.arange(60) % 2, 0.5, np.nan)
    given = {"line_cohort": "demo-rnalign"}
    assert plan_run("04_rnalign", given | {"cohort": write()})
    tumours.obs["purity"] = 50.0
    with pytest.raises(ValueError, match="must be a share between 0 and 1"):
        plan_run("04_rnalign", given | {"cohort": write()})
