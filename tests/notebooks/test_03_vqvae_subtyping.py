"""Chapter 3 through papermill: quick on simulated and on real data, and what it must report."""

import json

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.registry import load_cohort
from helpers.runs.plans import plan_run
from helpers.vqvae_subtyping.clusters.clustering_scores import METRICS
from tests.notebooks.reports import check_files, headings, metrics, quick_run

NOTEBOOK = "03_vqvae_subtyping"
EXTRACTORS = ["vqvae", "vqvae_single", "vqvae_vector", "vae", "ae", "raw"]
CLUSTERERS = ["kmeans", "spectral", "gmm", "snf", "icluster", "cnmf"]
TABLES = (
    "cohort", "history", "codebook", "starts", "transforms", "clustering", "clustering_summary",
    "seed_stability", "clusterer_agreement", "label_flow", "latent_groups", "latent_group_auc",
    "latent_group_control", "differential", "double_dipping", "regulation", "hubs", "survival",
    "held_out", "stability_over_k", "cophenetic", "reproduction", "paper_rows",
)  # fmt: skip
FIGURES = (
    "history", "pca", "clustering_grid", "tsne", "label_flow", "latent_groups", "volcano",
    "regulation", "survival", "number_of_clusters",
)  # fmt: skip


def finished(tmp_path_factory, **parameters):
    return quick_run(NOTEBOOK, tmp_path_factory, **parameters)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return finished(tmp_path_factory)


def check_report(run):
    found = metrics(run)
    wanted = [
        f"clustering.{metric}.{extractor}.{clusterer}"
        for metric in METRICS
        for extractor in EXTRACTORS
        for clusterer in CLUSTERERS
    ]
    wanted += ["codebook.used", "codebook.perplexity", "survival.logrank_p.pam50"]
    wanted += ["latent_groups.auc", "latent_groups.auc.random"]
    wanted += [
        f"survival.{p}.{name}"
        for p in ("logrank_p", "permutation_p", "adjusted_p")
        for name in EXTRACTORS
    ]
    assert not [key for key in wanted if key not in found]
    check_files(run, TABLES, FIGURES)
    return found


def test_sections_are_those_of_chapter_1():
    assert len(headings(NOTEBOOK, 1)) == 1
    assert headings(NOTEBOOK, 2) == headings("01_pancan_vae", 2)


@pytest.mark.notebook
def test_planted_subtypes_hazards_and_pairs_are_found(demo):
    found = check_report(demo)
    assert found["truth.ari.vqvae"] >= 0.9 and found["truth.ari.vqvae_single"] >= 0.6
    assert found["truth.hazard_rank"] == pytest.approx(1)
    assert found["truth.pairs_ranked_first"] >= 0.9
    assert found["held_out.ari.vqvae"] >= 0.8
    assert found["survival.permutation_p.vqvae"] == pytest.approx(0.01)  # the least of 99 draws
    assert found["codebook.used"] > 12 and found["codebook.perplexity"] > 8
    assert (demo / "figures" / "enrichment_planted.png").exists()
    shown = (demo / "notebook.ipynb").read_text()
    assert "What `demo-subtypes` says here (400 patients" in shown
    assert "Immune genes" not in shown  # a remark on the real cohorts


@pytest.mark.notebook
@pytest.mark.real
def test_real_breast_cancers(real_data, tmp_path_factory):
    run = finished(tmp_path_factory, cohort="tcga-brca")
    found = check_report(run)
    assert found["survival.logrank_p.pam50"] == pytest.approx(0.045, abs=0.001)
    assert found["clustering.nmi.raw.kmeans"] == pytest.approx(0.285, abs=0.03)
    assert found["clustering.nmi.vqvae.kmeans"] > 0.2 and found["codebook.perplexity"] > 8
    assert json.loads((run / "cohort.json").read_text())["n_samples"] == 940
    for name in ("go_bp", "kegg"):
        assert len(pd.read_csv(run / "tables" / f"enrichment_{name}.csv"))
    assert len(pd.read_csv(run / "tables" / "pathways.csv"))


# Somebody else's data


def mine(path, n=60, **changes):
    """mRNA of sixty patients on a log scale, without microRNA, subtypes or survival."""
    cohort = load_cohort("demo-subtypes", 0)[:n, :120]
    obs = pd.DataFrame({"patient": cohort.obs_names, "cancer_type": "MINE"})
    obs.index = [f"row-{i}" for i in range(n)]
    for name, values in changes.items():
        obs[name] = values
    values = np.log2(np.asarray(cohort.X) - np.asarray(cohort.X).min() + 1)
    anndata.AnnData(values, obs, cohort.var[["symbol"]]).write_h5ad(path)
    return str(path)


@pytest.mark.notebook
def test_a_table_of_mrna_alone_runs_and_says_what_was_left_out(tmp_path, tmp_path_factory):
    path = mine(tmp_path / "mine.h5ad")
    other = mine(tmp_path / "other.h5ad", n=40)
    run = finished(
        tmp_path_factory,
        cohort=path,
        n_clusters=3,
        validation_cohort=other,
        clusterers="kmeans snf",
    )
    found = metrics(run)
    assert "clustering.silhouette_common.vqvae.kmeans" in found
    assert not [key for key in found if key.startswith(("survival.", "truth.", "clustering.nmi"))]
    assert "validation.silhouette_common" in found
    shown = (run / "notebook.ipynb").read_text()
    assert "No subtypes are known in this cohort" in shown and "**Survival.**" not in shown
    for word in ("microRNA", "subtype", "survival"):
        assert f"{word}" in shown.split("patients ×")[0].split("## Data")[1]
    verdicts = pd.read_csv(run / "tables" / "reproduction.csv")
    assert (verdicts["verdict"] == "not testable here").sum() >= 7
    assert {"mine.h5ad", "other.h5ad"} <= set(json.loads((run / "run.json").read_text())["inputs"])


@pytest.mark.notebook
@pytest.mark.parametrize(
    ("parameters", "columns", "message"),
    [
        ({"n_clusters": 61}, {}, "patients"),
        ({}, {"os_time": 0.0, "os_event": 1}, "os_time|survival time"),
        ({"cancer_type": "NONE"}, {}, "NONE"),
    ],
)
def test_what_cannot_be_clustered_is_refused(
    tmp_path, tmp_path_factory, parameters, columns, message
):
    path = mine(tmp_path / "mine.h5ad", **columns)
    with pytest.raises((ValueError, RuntimeError), match=message):
        finished(tmp_path_factory, cohort=path, **parameters)


def test_an_unknown_cohort_is_refused_before_a_kernel_starts():
    with pytest.raises(ValueError, match="tcga-brca"):
        plan_run(NOTEBOOK, {"cohort": "tcga-brac"})
