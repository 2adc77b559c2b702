"""A run beside the published one."""

import json

from helpers.book.overviews.beside_published import (
    changed_parameters,
    differences,
    in_words,
    own_runs,
    publish_run,
    published_like,
    published_runs,
    read_as,
)
from helpers.cli import main


def test_what_lies_outside_both_spreads_comes_first():
    here = {"a.near": 1.0, "a.near_sd": 0.1, "a.far": 3.0, "a.far_sd": 0.3, "a.bare": 9.0}
    there = {"a.near": 1.1, "a.near_sd": 0.1, "a.far": 1.0, "a.far_sd": 0.4, "a.bare": 1.0}
    found = differences(here, there | {"only.there": 1.0})
    assert [(one.metric, one.is_outside) for one in found] == [
        *(("a.far", True), ("a.bare", False), ("a.near", False))
    ]
    assert abs(found[0].sd - 0.5) < 1e-12  # √(0.3² + 0.4²)
    assert in_words(found) == (
        "3 metrics in both; of the 2 with a spread over seeds 1 lie outside 2 SD"
    )


def test_a_spread_that_is_rounding_is_none():
    here = {"a.exact": 0.5, "a.exact_sd": 0.0, "a.other": 0.3, "a.other_sd": 0.01}
    there = {"a.exact": 0.4, "a.exact_sd": 1e-17, "a.other": 0.5, "a.other_sd": 0.01}
    found = differences(here, there)
    assert [one.metric for one in found] == ["a.other", "a.exact"]
    assert found[1].sd == 0 and found[1].is_outside


def test_a_published_run_is_found_again_by_notebook_and_cohort(finished, tmp_path):
    path = publish_run(finished.folder, tmp_path)
    assert path.name == "tiny.demo-pancan.json"
    other = json.loads(path.read_text()) | {"cohort": "other"}
    (path.parent / "a.json").write_text(json.dumps(other))
    records = published_runs(tmp_path)
    assert published_like(finished.run, records)["cohort"] == "demo-pancan"
    assert published_like({"notebook": "gone"}, records) is None
    run = finished.run | {"parameters": finished.run["parameters"] | {"n_latent": 8}}
    assert changed_parameters(run, records[1]) == {"n_latent": (8, 64)}


def test_the_page_shows_runs_that_no_chapter_shows(finished, tmp_path):
    results = finished.folder.parents[1]
    assert "There is no run" in own_runs(results, [], tmp_path)
    publish_run(finished.folder, tmp_path)
    metrics = finished.metrics | {"classifier.accuracy.vae": 0.5}
    (finished.folder / "metrics.json").write_text(json.dumps(metrics))
    assert "There is no run" in own_runs(results, ["0123456789ab"], tmp_path)
    page = own_runs(results, [], tmp_path)
    assert "## `tiny` · 0123456789ab" in page.splitlines()  # one level below the page's title
    assert "1 metric outside the spread" in page and "`classifier.accuracy.vae`" in page


def test_what_lies_outside_is_read_by_what_differs(finished, tmp_path):
    assert read_as({}) == read_as({"seed": (1, 0)}) == ""
    assert "changed parameters" in read_as({"n_latent": (8, 64), "seed": (1, 0)})
    assert "other samples" in read_as({"n_latent": (8, 64), "cohort": ("my.h5ad", "tcga-mrna")})
    for name in ("cancer_type", "cancer_types", "line_panel", "histology_cohort"):
        assert "other samples" in read_as({name: ("a", "b")})
    assert "quick run" in read_as({"quick": (True, False), "cohort": ("my.h5ad", "tcga-mrna")})
    record = json.loads(publish_run(finished.folder, tmp_path).read_text())
    record["parameters"]["cohort"] = "tcga-mrna"
    (tmp_path / "chapters" / "tiny.demo-pancan.json").write_text(json.dumps(record))
    assert "of other samples" in own_runs(finished.folder.parents[1], [], tmp_path)


def test_the_command_prints_the_comparison(finished, tmp_path, monkeypatch, capsys):
    from helpers import files

    monkeypatch.setattr(files, "results_folder", lambda given=None: finished.folder.parents[1])
    monkeypatch.setattr("helpers.runs.published.published_folder", lambda: tmp_path)
    assert main(["compare"]) == 2
    assert "--publish" in capsys.readouterr().err
    assert main(["compare", str(finished.folder), "--publish"]) == 0
    assert main(["compare"]) == 0
    assert "0 lie outside 2 SD" in capsys.readouterr().out
    assert main(["compare", "nonesuch"]) == 2
    assert "run must be the folder or the id" in capsys.readouterr().err
