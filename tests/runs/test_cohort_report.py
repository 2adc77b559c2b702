"""What `check` says of a file, and that a template is what its chapter asks for."""

import anndata
import pandas as pd
import pytest

from helpers import cli
from helpers.runs import chapter_needs
from helpers.runs.cohort_report import OPTIONAL, report_cohort
from helpers.runs.plans import check_inputs, find_notebook
from helpers.runs.template_file import write_template

CHAPTERS = ("01_pancan_vae", "02_coembedding", "03_vqvae_subtyping", "04_rnalign")


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    for name in CHAPTERS:
        write_template(name, folder / f"{name}.h5ad")
    return folder


@pytest.fixture
def mine(templates):
    return anndata.read_h5ad(templates / "01_pancan_vae.h5ad")


def written(adata, folder, name="mine.h5ad"):
    adata.write_h5ad(folder / name)
    return str(folder / name)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_template_is_accepted_by_its_chapter_and_holds_every_column(templates, name):
    path = templates / f"{name}.h5ad"
    cohort = anndata.read_h5ad(path)
    assert {"patient", "cancer_type", *OPTIONAL} <= set(cohort.obs)
    assert "truth" not in cohort.uns and not [c for c in cohort.obs if c.startswith("true_")]
    report = report_cohort(str(path))
    assert (report.columns["known"] > 0).all()
    chapter = {one.notebook: one for one in report.chapters}[name]
    assert chapter.can and not chapter.without
    assert chapter.what == f"python -m helpers run {name} -p cohort {path}"
    assert report.is_usable and str(cohort.n_obs) in report.about


def test_a_template_overwrites_nothing_and_leaves_nothing_half_written(tmp_path):
    there = tmp_path / "there.h5ad"
    there.write_text("mine")
    for out, rule in (
        (there, "there already"),
        (tmp_path / "t.csv", "must be written to an .h5ad"),
    ):
        with pytest.raises(ValueError, match=rule):
            write_template("04_rnalign", out)
    with pytest.raises(ValueError, match="unknown notebook"):
        write_template("05_rnalign", tmp_path / "new.h5ad")
    assert there.read_text() == "mine" and [*tmp_path.iterdir()] == [there]


def test_what_is_lacking_is_said_for_each_chapter(mine, tmp_path):
    mine.obs = mine.obs.drop(columns=["os_event", "os_time", "batch"])
    report = report_cohort(written(mine, tmp_path))
    first, second, *_ = report.chapters
    assert first.can and "survival (no os_time or os_event)" in first.without
    assert "correction of sequencing batches (no batch)" in first.without
    assert not second.can and "atac_cohort" in second.what
    assert report.columns.loc["os_event", "known"] == 0


def test_missing_words_are_no_values(mine, tmp_path):
    mine.obs["stage"] = pd.Categorical(["Stage II"] * 3 + ["NA"] * (mine.n_obs - 3))
    report = report_cohort(written(mine, tmp_path))
    assert report.columns.loc["stage", "known"] == 3


def test_a_parameter_goes_to_the_chapters_that_have_it(mine, tmp_path):
    path = written(mine, tmp_path)
    first, _, third, _ = report_cohort(path, {"cancer_type": "GLAND"}).chapters
    assert (
        third.can
        and not third.offered
        and third.what.endswith(f"-p cohort {path} -p cancer_type GLAND")
    )
    assert "cancer_type GLAND" not in first.what


def test_a_chapter_of_one_cancer_is_offered_the_commonest(mine, tmp_path, capsys):
    commonest = mine.obs["cancer_type"].astype(str).value_counts().index[0]
    path = written(mine, tmp_path)
    first, _, third, _ = report_cohort(path).chapters
    assert third.can and third.offered == (f"cancer_type {commonest}",) and not first.offered
    assert third.what.endswith(f"-p cohort {path} -p cancer_type {commonest}")
    assert cli.main(["check", path]) == 0
    assert f"name another as you like: cancer_type {commonest}" in capsys.readouterr().out
    alone = mine[mine.obs["cancer_type"] == commonest].copy()
    assert report_cohort(written(alone, tmp_path, "alone.h5ad")).chapters[2].offered == ()
    refused = report_cohort(path, {"cancer_type": "NONE"}).chapters[2]
    assert not refused.can and "cancer_type must be one of" in refused.what


def test_a_chapter_that_waits_for_other_data_says_so(monkeypatch):
    notebook = chapter_needs.Path("04_rnalign.ipynb")
    given = {"cohort": "mine.h5ad", "line_cohort": "ccle-tcga", "subtype_cohort": ""}
    tiers = {"mine.h5ad": "file", "ccle-tcga": "not at hand"}
    monkeypatch.setattr(chapter_needs, "_tier", tiers.get)
    assert chapter_needs.unseen_cohorts(notebook, given) == ["ccle-tcga"]
    tiers["ccle-tcga"] = "at hand"
    assert chapter_needs.unseen_cohorts(notebook, given) == []


def test_the_command_prints_a_page_and_refuses_what_nobody_can_use(
    mine, tmp_path, capsys, monkeypatch
):
    path = written(mine, tmp_path)
    assert cli.main(["check", path]) == 0
    said = capsys.readouterr().out
    for heading in ("Understood", "Samples", "Optional columns of obs", "Chapters"):
        assert f"\n{heading}\n" in said
    assert f"python -m helpers run 01_pancan_vae -p cohort {path}" in said
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/cancer-latents"])
    assert cli.main(["check", path]) == 0
    assert f"cancer-latents run 01_pancan_vae -p cohort {path}" in capsys.readouterr().out
    few = mine[:5].copy()
    few.obs = few.obs.drop(columns="sample_type")  # five tumours that say so are chapter 4's
    assert cli.main(["check", written(few, tmp_path, "few.h5ad")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert cli.main(["check", str(tmp_path / "none.h5ad")]) == 2
    assert cli.main(["template", "03_vqvae_subtyping", str(tmp_path / "new.h5ad")]) == 0
    assert "obs: patient, cancer_type" in capsys.readouterr().err


def test_names_that_genes_had_before_are_counted(mine, tmp_path, capsys, known_before):
    names = mine.var_names.tolist()
    mine.var_names = ["FAM46C", "MLL", *names[2:]]
    known_before({"FAM46C": "TENT5C", "MLL": "KMT2A"})
    assert cli.main(["check", written(mine, tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"2 of {len(names)} features are read as the annotation's, FAM46C as TENT5C" in said


def test_a_panel_rests_on_what_its_genes_are_named_by(templates, tmp_path):
    both = anndata.read_h5ad(templates / "04_rnalign.h5ad")
    path = written(both[both.obs["sample_type"] == "cell line"].copy(), tmp_path, "panel.h5ad")
    inputs = check_inputs(find_notebook("04_rnalign"), {"line_panel": path})
    assert len(inputs["panel.h5ad"]) == 64 and any(name.endswith("grch38.rda") for name in inputs)
