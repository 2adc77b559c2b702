"""The benchmark of the papers' sizes: files in the publishers' formats, a table on the page."""

import gzip

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.registry import load_cohort
from tests.benchmarks import paper_files, paper_sizes
from tests.benchmarks.paper_sizes import (
    CHAPTER_COLUMNS,
    COLUMNS,
    PAGE,
    merged,
    with_table,
    write_files,
)
from tests.benchmarks.tables import PUBLISHED, markdown


def test_a_table_is_written_in_blocks_and_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(paper_files, "_VALUES_AT_ONCE", 7)
    path = tmp_path / "t.gz"
    with gzip.open(path, "wb") as out:
        types = np.array([0, 0, 1])
        paper_files.write_table(out, "sample", ["a", "b", "c"], list("PQRST"), types, 0, 1)
    table = pd.read_csv(path, sep="\t", index_col="sample")
    assert table.shape == (5, 3) and table.index.tolist() == list("PQRST")
    assert table.isna().sum().sum() == 1 and np.isnan(table.loc["T", "a"])
    assert table.min().min() >= 0 and table.max().max() < 10


@pytest.mark.real
@pytest.mark.parametrize("name", ["paper-pancan", "paper-rnalign", "paper-subtyping"])
def test_every_loader_reads_what_is_written(name, real_data, tmp_path, monkeypatch):
    write_files(tmp_path / "mirror", shrink=100)
    from tests.benchmarks.paper_sizes import _copy_sources

    _copy_sources([name], tmp_path / "cache")
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path / "cache"))
    cohort = load_cohort(name)
    assert cohort.n_obs > 10 and cohort.n_vars > 10 and np.isfinite(np.nanmax(cohort.X))


def test_only_the_files_of_the_cohorts_asked_for_are_written(monkeypatch, tmp_path):
    written = []
    for group in paper_sizes.WRITERS:
        monkeypatch.setitem(
            paper_sizes.WRITERS, group, lambda mirror, shrink, group=group: written.append(group)
        )
    write_files(tmp_path, names=["paper-multiomics"])
    assert sorted(written) == ["paper-multiomics", "paper-pancan"]
    written.clear()
    write_files(tmp_path)
    assert sorted(written) == sorted(paper_sizes.WRITERS)


def test_the_page_shows_what_was_published():
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page
    measured = pd.read_csv(PUBLISHED / "paper_sizes.csv").dropna(axis=1, how="all")
    named = {**COLUMNS, **CHAPTER_COLUMNS}
    assert all(named[name] in page for name in measured if name in named)


def test_a_table_wider_than_its_page_is_turned():
    wide = pd.DataFrame([[str(i + 10 * k) for i in range(10)] for k in range(2)]).add_prefix("c")
    turned = markdown(wide).splitlines()
    assert turned[:3] == ["| c0 | 0 | 10 |", "| --- | --- | --- |", "| c1 | 1 | 11 |"]
    assert markdown(wide.iloc[:, :8]).startswith("| c0 | c1 |")


def test_what_is_not_measured_again_stays_published():
    old = pd.DataFrame({"cohort": ["a", "b"], "seconds": ["1", "2"], "when": ["x", "y"]})
    new = pd.DataFrame({"cohort": ["b"], "chapter_minutes": ["9"]})
    table = merged(old, new)
    assert list(table) == ["cohort", "seconds", "when", "chapter_minutes"]
    assert table["seconds"].tolist() == ["1", "2"]
    assert table["chapter_minutes"].isna().tolist() == [True, False]
    again = merged(table, pd.DataFrame({"cohort": ["b"], "seconds": ["3"]}))
    assert again["seconds"].tolist() == ["1", "3"]
    assert again["chapter_minutes"].tolist()[1] == "9"


def test_a_chapter_is_run_with_its_own_parameters_and_chapter_2_gets_its_peaks(
    tmp_path, monkeypatch
):
    (tmp_path / "run.json").write_text('{"peak_memory_mb": 9000.4}')
    asked = []

    def run(notebook, parameters, results):
        asked.append((notebook, parameters))
        return tmp_path

    monkeypatch.setattr(paper_sizes, "run_notebook", run)
    monkeypatch.setattr(paper_sizes, "load_cohort", lambda name: None)
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path))
    found = [paper_sizes.chapter_row(name, tmp_path) for name in paper_sizes.CHAPTERS]
    peaks = str(tmp_path / "cohorts" / "paper-multiomics.zarr")
    assert asked[1] == (
        "02_coembedding",
        {"cohort": "paper-multiomics", "peaks_cohort": peaks},
    )
    assert asked[2] == ("03_vqvae_subtyping", {"cohort": "paper-subtyping"})
    assert asked[3][1] == {"cohort": "paper-rnalign", **paper_sizes.PARAMETERS["paper-rnalign"]}
    assert found[0]["chapter"] == 1 and found[0]["chapter_memory_mb"] == 9000
    assert not found[0]["chapter_within_limits"]
