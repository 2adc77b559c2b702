"""The chapter's pages are made with what the published searches chose, to three digits."""

import tomllib
from pathlib import Path

import pytest

from helpers.rnalign.search.finalists import FINALISTS
from helpers.rnalign.search.ideas import IDEAS
from helpers.rnalign.search.rules import choose_draw
from helpers.rnalign.search.sentences import RIVALS
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook
from helpers.runs.published import published_table

ROOT = Path(__file__).resolve().parents[3]
DRAWN = (
    "learning_rate", "n_layers", "weight_decay", "dropout", "minibatch_size", "purity_multiplier",
    "noise_sd", "sampling_sd", "kl_weight", "correlation_weight", "gradient_weight",
)  # fmt: skip


@pytest.fixture(scope="module")
def defaults():
    return {p.name: p.default for p in notebook_parameters(find_notebook("04_rnalign"))}


def real_page():
    runs = tomllib.loads((ROOT / "book" / "runs.toml").read_text())["run"]
    return next(run["real"] for run in runs if run["page"] == "notebooks/04_rnalign")


def test_the_notebooks_own_values_are_the_simulated_cohorts(defaults):
    draw = choose_draw(published_table("rnalign_search_demo"), "alignment")
    for name in DRAWN:
        assert defaults[name] == pytest.approx(draw[name], rel=0.005), name
    assert defaults["residual_share"] == draw["kept.share"]
    assert defaults["gradient"] == "norm_of_batch"


def test_the_real_pages_values_are_the_real_cohorts(defaults):
    draw, page = choose_draw(published_table("rnalign_search"), "alignment"), real_page()
    for name in DRAWN:
        assert page[name] == pytest.approx(draw[name], rel=0.005), name
    assert page["residual_share"] == draw["kept.share"] and "gradient" not in page


@pytest.mark.parametrize("cohort", ["", "_demo"])
def test_every_finalist_is_published_over_five_seeds(cohort):
    runs = published_table(f"rnalign_finalists{cohort}")
    n_seeds = runs.groupby("label")["seed"].nunique()
    names = {name for name in FINALISTS if not (cohort and "untold" in name)}
    assert set(n_seeds.index) == names and (n_seeds == 5).all()
    assert set(RIVALS) < names


@pytest.mark.parametrize("cohort", ["", "_demo"])
def test_every_idea_is_published_over_five_seeds(cohort):
    tried = published_table(f"rnalign_ideas{cohort}")
    assert (tried.groupby("idea")["seed"].nunique() == 5).all()
    assert {name for names in tried["idea"] for name in names.split(" + ")} == set(IDEAS)
