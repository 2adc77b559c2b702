"""Chapter 4 through papermill: quick on simulated and on real data, and what it must report."""

import json

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.registry import load_cohort
from helpers.runs.plans import plan_run
from tests.notebooks.reports import check_files, headings, metrics, quick_run

NOTEBOOK = "04_rnalign"
METHODS = [
    "input", "linear_projection", "celligner", "combat", "mober", "rnalign", "rnalign_inert_grad",
    "rnalign_no_grad", "rnalign_no_cor", "rnalign_no_purity", "rnalign_no_type", "mean_shift",
    "constant_type",
]  # fmt: skip
TABLES = (
    "cohort", "scores", "scores_per_type", "match_by_type", "transformations", "held_out",
    "nearest_lines", "ranked_lines", "label_question", "reproduction", "history",
)  # fmt: skip

FIGURES = ("umap", "methods", "match_by_type", "ablation", "history", "line_distances")


def finished(tmp_path_factory, **parameters):
    return quick_run(NOTEBOOK, tmp_path_factory, **parameters)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return finished(tmp_path_factory)


@pytest.fixture(scope="module")
def real(real_data, tmp_path_factory):
    return finished(tmp_path_factory, cohort="ccle-tcga")


def check_report(run):
    found = metrics(run)
    wanted = [
        f"alignment.{metric}.{method}"
        for metric in ("delta_d", "pvca", "delta_kbet", "match")
        for method in METHODS
    ]
    assert not [key for key in wanted if key not in found]
    assert {f"held_out.{metric}.rnalign" for metric in ("pvca", "delta_kbet")} <= set(found)
    check_files(run, TABLES, FIGURES)
    return found


def test_sections_are_those_of_chapter_1():
    assert len(headings(NOTEBOOK, 1)) == 1
    assert headings(NOTEBOOK, 2) == headings("01_pancan_vae", 2)


@pytest.mark.notebook
def test_demo_reports_everything_and_the_inert_gradient_trains_nothing(demo):
    found = check_report(demo)
    assert found["gradient.largest_change.inert"] == 0
    assert found["gradient.largest_change.trained"] > 0
    assert found["alignment.delta_d.rnalign"] < found["alignment.delta_d.input"]
    assert found["truth.shift_r.rnalign"] > 0.8
    assert (
        found["dependence.unbiased_dcor2.rnalign"]
        < found["dependence.unbiased_dcor2.rnalign_no_cor"]
    )


@pytest.mark.notebook
@pytest.mark.real
def test_real_lines_and_tumours_are_brought_together(real):
    found = check_report(real)
    assert found["alignment.delta_d_relative.rnalign"] < found["alignment.delta_d_relative.input"]
    assert found["alignment.match.input"] == pytest.approx(0.63, abs=0.05)
    assert len(pd.read_csv(real / "tables" / "drugs.csv"))
    cohort = json.loads((real / "cohort.json").read_text())
    assert cohort["n_samples"] == 976


@pytest.mark.notebook
@pytest.mark.real
def test_table_3_is_made_of_the_breast_cancers(real_data, tmp_path_factory):
    run = finished(
        tmp_path_factory, cohort="ccle-tcga", subtype_cohort="ccle-brca", full=False, n_epochs=30
    )
    found = metrics(run)
    table = pd.read_csv(run / "tables" / "subtypes.csv").set_index("method")
    kbet = pytest.approx(found["subtypes.delta_kbet.rnalign"])
    assert table.loc["rnalign", "delta_kbet"] == kbet
    # Genes are standardised within tumours and within lines: nothing is left to shift.
    for metric in ("delta_d", "silhouette", "match_balanced"):
        assert found[f"subtypes.{metric}.mean_shift"] == pytest.approx(
            found[f"subtypes.{metric}.input"], abs=1e-3
        )
    assert (run / "figures" / "subtypes.png").exists()
    verdicts = pd.read_csv(run / "tables" / "reproduction.csv").set_index("claim")
    assert verdicts.loc["subtypes are kept", "verdict"] != "not testable here"


def test_a_cohort_without_subtypes_of_lines_is_refused_before_a_kernel_starts():
    with pytest.raises(ValueError, match=r'ccle-tcga has no obs\["subtype"\].*ccle-brca'):
        plan_run(NOTEBOOK, {"subtype_cohort": "ccle-tcga"})


# Somebody else's data


def panel(path, **columns):
    """Forty lines in the words of `demo-rnalign`, as a user's file."""
    cohort = load_cohort("demo-rnalign", 0)
    rows = cohort[(cohort.obs["sample_type"] == "cell line").to_numpy()][::6]
    obs = pd.DataFrame({"cancer_type": rows.obs["cancer_type"].to_numpy()}).assign(**columns)
    obs.index = [f"organoid-{i}" for i in range(len(obs))]
    values = np.asarray(rows.X) + 0.5
    anndata.AnnData(values, obs, rows.var[["symbol"]]).write_h5ad(path)
    return str(path)


@pytest.mark.notebook
def test_another_panel_takes_the_place_of_the_lines(tmp_path, tmp_path_factory):
    path = panel(tmp_path / "organoids.h5ad")
    run = finished(tmp_path_factory, line_panel=path, full=False, n_seeds=1)
    assert metrics(run)["alignment.delta_d.rnalign"] < metrics(run)["alignment.delta_d.input"]
    assert "organoids.h5ad" in json.loads((run / "run.json").read_text())["inputs"]
    verdicts = pd.read_csv(run / "tables" / "reproduction.csv")
    assert (verdicts["verdict"] == "not testable here").sum() >= 3  # no ablations in this run


@pytest.mark.notebook
def test_tumours_alone_are_given_lines_and_ranked(tmp_path, tmp_path_factory):
    cohort = load_cohort("demo-rnalign", 7)
    mine = cohort[(cohort.obs["sample_type"] == "primary").to_numpy()][::20].copy()
    del mine.uns, mine.layers
    mine.obs = mine.obs[["cancer_type", "sample_type"]].set_axis(
        [f"mine-{i}" for i in range(mine.n_obs)]
    )
    mine.write_h5ad(tmp_path / "mine.h5ad")
    given = {"cohort": str(tmp_path / "mine.h5ad"), "line_cohort": "demo-rnalign"}
    run = finished(tmp_path_factory, **given, full=False)
    asked = pd.read_csv(run / "tables" / "lines_by_tumour.csv")
    assert set(asked["tumour"]) == {*mine.obs_names}
    check_files(run, ("ranked_lines", "label_question"), ("line_distances",))
    notes = " ".join(json.loads((run / "cohort.json").read_text())["notes"])
    assert f"{mine.n_obs} tumours of mine.h5ad" in notes and "Purity is not known" in notes


@pytest.mark.notebook
def test_five_lines_of_one_type_are_enough(tmp_path, tmp_path_factory):
    whole = anndata.read_h5ad(panel(tmp_path / "organoids.h5ad"))
    few = whole[whole.obs["cancer_type"] == "GLAND"][:5]
    few.write_h5ad(tmp_path / "five.h5ad")
    run = finished(tmp_path_factory, line_panel=str(tmp_path / "five.h5ad"), n_epochs=30)
    assert len(pd.read_csv(run / "tables" / "nearest_lines.csv")) == 5
    notes = " ".join(json.loads((run / "cohort.json").read_text())["notes"])
    assert "All tumours are GLAND" in notes


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"purity": 1.4}, "purity"),
        ({"cancer_type": "BRAIN"}, "cancer_type|shared|same"),
    ],
)
def test_a_panel_that_cannot_be_used_is_refused(tmp_path, tmp_path_factory, columns, message):
    path = panel(tmp_path / "organoids.h5ad", **columns)
    with pytest.raises((ValueError, RuntimeError), match=message):
        finished(tmp_path_factory, line_panel=path)


def test_a_cohort_without_purity_is_refused_before_a_kernel_starts(tmp_path):
    cohort = load_cohort("demo-rnalign", 0)
    del cohort.obs["purity"], cohort.layers, cohort.uns["truth"]
    cohort.write_h5ad(tmp_path / "mine.h5ad")
    with pytest.raises(ValueError, match=r"mine\.h5ad.*purity"):
        plan_run(NOTEBOOK, {"cohort": str(tmp_path / "mine.h5ad")})
    with pytest.raises(ValueError, match="demo-rnalign"):
        plan_run(NOTEBOOK, {"cohort": "tcga-mirna"})
