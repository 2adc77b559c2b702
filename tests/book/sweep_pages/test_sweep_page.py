"""The pages on sweeps say what was varied, what came of it and where it was made."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.book.sweep_pages.sweep_page import overview, page, stage_sweeps
from helpers.book.sweep_pages.sweep_results import read_results
from helpers.runs.parameters import Parameter

KNOWN = [
    Parameter("n_latent", "int", 8, "latent dimensions"),
    Parameter("kl_weight", "float", 1.0, "weight of the KL term"),
    Parameter("n_epochs", "int", 2, "passes over the data"),
]
ABOUT = {
    "notebook": "tiny",
    "title": "Latent sizes",
    "about": "How many dimensions it takes.",
    "varied": ["n_latent", "kl_weight"],
    "seeds": [0, 1],
    "same": {"n_epochs": 50, "cohort": "demo-tiny"},
    "fixed": {"n_epochs": 50},
    "drawn": {},
    "search": None,
    "metric": "fit.loss",
    "direction": "minimise",
    "show": ["fit.loss", "fit.accuracy"],
    "n_runs": 12,
    "n_finished": 12,
    "inputs": {"counts.tsv": "ab" * 32},
    "git_commit": "0a1b2c3d4e5f6071",
    "git_dirty": False,
    "devices": ["cpu"],
    "hardware": {"cpu": "Abacus 9", "cores": 2, "gpu": None},
    "date": "2026-11-20",
    "seconds": 754.0,
    "is_published": True,
}


def grid(loss=lambda size, weight: size * weight):
    rows = [
        {"n_latent": size, "kl_weight": weight, "seed": seed, "seconds": 3.0}
        for size in (2, 8, 32)
        for weight in (0.5, 1.0)
        for seed in (0, 1)
    ]
    table = pd.DataFrame(rows)
    table.insert(0, "run_id", [f"{i:012x}" for i in range(len(table))])
    table["fit.loss"] = loss(table["n_latent"], table["kl_weight"]) + table["seed"] / 10
    table["fit.accuracy"] = 0.9
    return table


@pytest.fixture
def put(tmp_path):
    """Function (folder, table, changes of ABOUT) → what is read of the sweep `latent` there."""

    def write(folder, table, name="latent", **changes):
        target = tmp_path / folder
        target.mkdir(parents=True, exist_ok=True)
        table.to_csv(target / f"{name}.csv", index=False)
        (target / f"{name}.json").write_text(json.dumps(ABOUT | changes))
        return read_results(target)[name]

    return write


def rows(markdown):
    lines = [line for line in markdown.replace("\xa0", " ").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_configurations_are_ranked_with_their_spread_over_seeds(put):
    result = put("kept", grid())
    best = result.configurations.iloc[0]
    assert (best[("n_latent", "")], best[("kl_weight", "")], best[("n", "")]) == (2, 0.5, 2)
    assert best[("fit.loss", "mean")] == pytest.approx(1.05)
    assert best[("fit.loss", "sd")] == pytest.approx(np.std([1.0, 1.1], ddof=1))
    assert put("kept", grid(), direction="maximise").configurations.iloc[0][("n_latent", "")] == 32


def test_the_page_says_what_was_varied_set_and_found(put):
    text = page(put("kept", grid()), None, KNOWN, {}, "a figure")
    assert text.startswith("# Latent sizes\n\nHow many dimensions it takes.")
    found = rows(text)
    assert ["`n_latent`", "latent dimensions", "2, 8, 32"] in found
    assert ["`n_epochs`", "50", "2", "passes over the data"] in found
    assert "Seeds: 0, 1." in text
    assert ["**1.050 ± 0.071**", "**0.900 ± 0**", "**2**", "**0.5**", "**2**"] in found
    assert "12 of 12 runs, 12 min 34 s of runs in all, CPU (Abacus 9, 2 cores)" in text
    assert (
        "- Published: 12 of 12" in text
        and "commit `0a1b2c3d4e`, 2026-11-20" in text
        and "ab" * 32 in text
    )
    assert "lower is better" in text and ":alt: a figure" in text
    assert "Small dots are runs (n = " in text and "the runs made here" not in text


def test_a_fresh_table_stands_beside_the_published_one(put):
    kept, fresh = put("kept", grid()), put("results/sweeps", grid(lambda size, weight: size * 2.0))
    text = page(kept, fresh, KNOWN, {"000000000000": "_files/0.ipynb"}, "")
    header = next(row for row in rows(text) if "runs" in row)
    assert header[:4] == [
        "loss (fit)",
        "loss (fit), made here",
        "accuracy (fit)",
        "accuracy (fit), made here",
    ]
    best = next(row for row in rows(text) if row[0] == "**1.050 ± 0.071**")
    assert best[:2] == ["**1.050 ± 0.071**", "**4.050 ± 0.071**"]
    assert "{download}`000000000000 <_files/0.ipynb>`" in text and "Made here, shown beside" in text


def test_labels_keep_their_order_and_stand_beside_the_paper(put):
    table = grid().iloc[:4].drop(columns=["n_latent", "kl_weight"])
    table["label"] = ["whole", "whole", "without", "without"]
    table["paper"] = [4.75, 4.75, None, None]
    table["fit.loss"] = [5.0, 6.0, 1.0, 2.0]
    text = page(put("kept", table, varied=[], name="ablation"), None, KNOWN, {}, "")
    shown = [row for row in rows(text) if "whole" in row[0] or "without" in row[0]]
    assert shown[0] == ["whole", "5.500 ± 0.707", "0.900 ± 0", "4.75", "2"]
    assert shown[1][:2] == ["**without**", "**1.500 ± 0.707**"]


def test_metrics_go_by_words_and_many_parameters_share_a_column(put):
    table = grid()
    varied = ["n_latent", "kl_weight", *"abc"]
    table[["a", "b", "c"]] = 1, 2.5, None
    found = rows(page(put("kept", table, varied=varied), None, KNOWN, {}, "", {"loss": "L²"}))
    header = next(row for row in found if row[0] == "L² (fit)")
    assert header == ["L² (fit)", "accuracy (fit)", "settings", "runs"]
    cells = [row[2] for row in found if row[0].startswith("**1.050")]
    assert cells == ["**n_latent 2, kl_weight 0.5, a 1, b 2.5**"]
    run = next(row for row in found if row[0] == "`000000000000`")
    assert any(cell.startswith("n_latent 2, kl_weight") for cell in run)


def test_few_labels_under_many_metrics_are_columns(put):
    table = grid().iloc[:4].drop(columns=["n_latent", "kl_weight"])
    table["label"] = ["whole", "whole", "without", "without"]
    table["fit.loss"] = [5.0, 6.0, 1.0, 2.0]
    more = [f"fit.m{number}" for number in range(8)]
    for number, name in enumerate(more):
        table[name] = [0.0, 1.0, number, number]
    about = {"varied": [], "show": ["fit.loss", *more]}
    found = rows(page(put("kept", table, **about), None, KNOWN, {}, ""))
    assert ["configuration", "whole", "**without**"] in found
    assert next(row for row in found if row[0] == "m3 (fit)")[2].strip("*") == "3 ± 0"


def test_failed_runs_are_named_and_left_out_of_the_means(put):
    table = grid()
    table["status"], table["error"] = "finished", None
    table.loc[0, ["status", "error", "fit.loss"]] = ["failed", "ValueError: diverged", None]
    text = page(put("kept", table), None, KNOWN, {}, "")
    assert "## Runs that failed" in text
    assert ["`000000000000`", "ValueError: diverged"] in rows(text)


def test_distributions_are_named(put):
    drawn = {"n_latent": {"choice": [2, 8]}, "kl_weight": {"log10_uniform": [-2, 0.5]}}
    text = page(put("kept", grid(), drawn=drawn, search="optuna"), None, KNOWN, {}, "")
    assert "one of 2, 8" in text and "10^Uniform(-2, 0.5)" in text and "Optuna" in text


def test_the_overview_lists_every_sweep_or_says_that_there_is_none(put, tmp_path):
    kept, made = tmp_path / "kept", tmp_path / "results" / "sweeps"
    assert "No sweep has been published" in overview(kept, made)
    put("kept", grid())
    put("results/sweeps", grid())
    put("results/sweeps", grid(), name="mine", title="")
    found = rows(overview(kept, made))
    assert found[2][1] == "[Latent sizes](sweeps/latent.md)"
    assert found[2][-1] == "published and made here"
    assert found[3][1] == "[mine](sweeps/mine.md)" and found[3][-1] == "made here"


def test_sweeps_come_by_chapter_a_papers_own_before_its_rivals(put, tmp_path):
    chapters = ["04_fits", "02_tiny", "tiny_trial"]
    for name, notebook in [
        *(("alike_search", "fits_trial"), ("fits_labels", "04_fits")),
        *(("other", "elsewhere"), ("zero", "tiny_trial")),
    ]:
        put("kept", grid(), name=name, title="", notebook=notebook)
    kept, none = tmp_path / "kept", tmp_path / "none"
    found = rows(overview(kept, none, chapters))
    assert found[0] == ["Chapter", "Sweep", "Varied", "Runs"]
    assert [(row[0], row[1].partition("]")[0][1:]) for row in found[2:]] == [
        *(("2", "zero"), ("4", "fits_labels"), ("4", "alike_search"), ("", "other")),
    ]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site" / "book").mkdir(parents=True)
    toc = {
        "format": "jb-book",
        "root": "book/intro",
        "parts": [{"caption": "Results", "chapters": [{"file": "book/sweeps"}]}],
    }
    (tmp_path / "site" / "_toc.yml").write_text(yaml.safe_dump(toc))
    return tmp_path / "site"


def test_staging_writes_pages_figures_and_the_notebooks_that_are_here(put, tmp_path, site):
    table = grid()
    table["folder"] = [f"tiny/{run_id}" for run_id in table["run_id"]]
    put("kept", grid())
    put("results/sweeps", table)
    put("results/sweeps", grid(), name="mine", metric=None, show=[])
    ran = tmp_path / "results" / "tiny" / "000000000000"
    ran.mkdir(parents=True)
    (ran / "notebook.ipynb").write_text("{}")
    names = stage_sweeps(site, tmp_path / "kept", tmp_path / "results", {"tiny": KNOWN})
    assert names == ["latent", "mine"]
    chapter = yaml.safe_load((site / "_toc.yml").read_text())["parts"][0]["chapters"][0]
    assert chapter["sections"] == [{"file": "book/sweeps/latent"}, {"file": "book/sweeps/mine"}]
    folder = site / "book" / "sweeps"
    for name in names:
        text = (folder / f"{name}.md").read_text()
        for file in re.findall(r"<(_files/[^>]+)>|\}? (_files/\S+\.png)", text):
            assert (folder / next(filter(None, file))).exists()
    assert "_files/000000000000.ipynb" in (folder / "latent.md").read_text()
    first = {path: path.read_bytes() for path in folder.rglob("*.png")}
    stage_sweeps(site, tmp_path / "kept", tmp_path / "results", {"tiny": KNOWN})
    assert all(path.read_bytes() == content for path, content in first.items())


@pytest.mark.parametrize(
    "varied",
    [["n_latent"], ["n_latent", "kl_weight"], ["n_latent", "kl_weight", "name", "flag", "rate"]],
)
def test_every_kind_of_parameter_is_drawn(put, tmp_path, varied):
    from helpers.book.sweep_pages.sweep_figure import write_figure

    table = grid()
    rng = np.random.default_rng(0)
    table["name"], table["flag"] = rng.choice(["a", "b"], len(table)), table.index % 2 == 0
    table["rate"] = 10.0 ** rng.uniform(-5, -2, len(table))
    result = put("kept", table, varied=varied)
    alt = write_figure(result, replace(result, table=table.head(3)), tmp_path / "figure.png")
    assert alt.startswith("loss (fit), accuracy (fit) against n_latent")
    assert (tmp_path / "figure.png").stat().st_size > 5000


def test_there_is_no_figure_of_nothing(put, tmp_path):
    from helpers.book.sweep_pages.sweep_figure import write_figure

    result = put("kept", grid().assign(status="failed"))
    assert write_figure(result, None, tmp_path / "figure.png") == ""
    assert "No run has finished." in page(result, None, KNOWN, {}, "")
